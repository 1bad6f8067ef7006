/* SPDX-License-Identifier: Apache-2.0 */
/* The sequential policy's estimates against the exact gradient, by a network small enough to be
 * differentiated by hand and sequences few enough to be enumerated.  As in test_reinforce.c: within
 * 3 standard errors of at most 5 % of the norm. */
#include "policy/glimpse.h"

#include "unit/policy/policy_test.h"

enum {
    ITEMS = 4,
    INPUTS = 2,
    MOST = 3,
    WEIGHTS = INPUTS + ITEMS * INPUTS + 2,
    BLOCK = 2000,
    DRAWS_MOST = 4000000
};

/* Score of tile i: own . x_i + cross_i . mean x; the stop token's and the value: a weight each
 * times the mean of the first input. */
struct net {
    double weight[WEIGHTS], gradient[WEIGHTS];
    const float *state; /* of the last scores */
    int runs;
};

static double mean_of(const float *state, int c)
{
    double sum = 0;
    for (int i = 0; i < ITEMS; i++) sum += (double)state[c * ITEMS + i];
    return sum / ITEMS;
}

static double scores(void *arg, const float *state, double *score)
{
    struct net *n = arg;
    n->state = state;
    n->runs++;
    for (int i = 0; i < ITEMS; i++) {
        score[i] = 0;
        for (int c = 0; c < INPUTS; c++)
            score[i] += n->weight[c] * (double)state[c * ITEMS + i] +
                n->weight[INPUTS + i * INPUTS + c] * mean_of(state, c);
    }
    score[ITEMS] = n->weight[WEIGHTS - 2] * mean_of(state, 0);
    return n->weight[WEIGHTS - 1] * mean_of(state, 0);
}

static void backward(void *arg, const double *gradient, double value)
{
    struct net *n = arg;
    for (int i = 0; i < ITEMS; i++) {
        for (int c = 0; c < INPUTS; c++) {
            n->gradient[c] += gradient[i] * (double)n->state[c * ITEMS + i];
            n->gradient[INPUTS + i * INPUTS + c] += gradient[i] * mean_of(n->state, c);
        }
    }
    n->gradient[WEIGHTS - 2] += gradient[ITEMS] * mean_of(n->state, 0);
    n->gradient[WEIGHTS - 1] += value * mean_of(n->state, 0);
}

struct fixture {
    struct net net;
    struct tile_sums sums;
    float before[INPUTS * ITEMS], after[INPUTS * ITEMS];
    struct glimpse_scene scene;
    struct glimpse_net how_to;
};

static double reward(void *arg, const int *item, int k)
{
    const struct fixture *f = arg;
    /* The order counts, too. */
    double early = 0;
    for (int i = 0; i < k; i++) early += (item[i] == 2) * (k - i) * 0.2;
    return tile_sums_dice(&f->sums, item, k, NULL) + early - 0.03 * k;
}

static void make_fixture(struct fixture *f, int max, int stop, uint32_t seed)
{
    struct rng r = rng_stream(seed, RNG_TEST, (uint32_t)max, (uint32_t)stop);
    memset(f, 0, sizeof *f);
    some_scores(&r, WEIGHTS, 0.8, f->net.weight);
    some_sums(&r, ITEMS, 1, &f->sums);
    for (int i = 0; i < INPUTS * ITEMS; i++) {
        f->before[i] = (float)rng_range(&r, -1, 1);
        f->after[i] = (float)rng_range(&r, -1, 1);
    }
    f->scene = (struct glimpse_scene){f->before, f->after, ITEMS, INPUTS, max, stop, reward, f};
    f->how_to = (struct glimpse_net){scores, backward, &f->net};
}

/* Every sequence, one by one. */
struct every_walk {
    struct fixture *f;
    int item[MOST];
    double value[MOST + 1], mean[MOST + 1]; /* of the states on the way */
    double reward, entropy, value_gradient; /* expected */
};

static void end_here(struct every_walk *x, int k, int steps, double probability)
{
    double r = reward(x->f, x->item, k);
    x->reward += probability * r;
    x->entropy -= probability * log(probability);
    for (int t = 0; t < steps; t++)
        x->value_gradient += probability * (x->value[t] - r) * x->mean[t] / steps;
}

static void go_on(struct every_walk *x, const float *state, int k, double probability)
{
    struct fixture *f = x->f;
    double score[ITEMS + 1], sum = 0;
    int taken[ITEMS] = {0};
    if (k >= f->scene.max || k >= MOST) {
        end_here(x, k, k, probability);
        return;
    }
    x->value[k] = scores(&f->net, state, score);
    x->mean[k] = mean_of(state, 0);
    for (int i = 0; i < k; i++) taken[x->item[i]] = 1;
    for (int i = 0; i < ITEMS + f->scene.stop; i++)
        sum += i < ITEMS && taken[i] ? 0 : exp(score[i]);
    if (f->scene.stop) end_here(x, k, k + 1, probability * exp(score[ITEMS]) / sum);
    for (int i = 0; i < ITEMS; i++) {
        if (taken[i]) continue;
        float next[INPUTS * ITEMS];
        memcpy(next, state, sizeof next);
        for (int c = 0; c < INPUTS; c++) next[c * ITEMS + i] = f->after[c * ITEMS + i];
        x->item[k] = i;
        go_on(x, next, k + 1, probability * exp(score[i]) / sum);
    }
}

static struct every_walk expect(struct fixture *f)
{
    struct every_walk x = {.f = f};
    go_on(&x, f->before, 0, 1);
    return x;
}

static void exact_gradient(struct fixture *f, const struct reinforce *how, double *gradient)
{
    const double step = 1e-4;
    for (int i = 0; i < WEIGHTS - 1; i++) {
        double here = f->net.weight[i];
        f->net.weight[i] = here + step;
        struct every_walk up = expect(f);
        f->net.weight[i] = here - step;
        struct every_walk down = expect(f);
        f->net.weight[i] = here;
        gradient[i] =
            (down.reward - up.reward + how->entropy / f->scene.max * (down.entropy - up.entropy)) /
            (2 * step);
    }
    gradient[WEIGHTS - 1] = how->advantage == ADVANTAGE_LEARNED ? expect(f).value_gradient : 0;
}

struct moments {
    double mean[WEIGHTS], square[WEIGHTS];
    long n;
};

static void draw_block(struct glimpser *g, const struct reinforce *how, struct fixture *f,
    struct rng *stream, struct moments *m)
{
    for (int round = 0; round < BLOCK; round++) {
        struct reinforce_report report;
        memset(f->net.gradient, 0, sizeof f->net.gradient);
        glimpse_estimate(g, how, &f->scene, &f->how_to, stream, &report);
        m->n++;
        for (int i = 0; i < WEIGHTS; i++) {
            double off = f->net.gradient[i] - m->mean[i];
            m->mean[i] += off / (double)m->n;
            m->square[i] += off * (f->net.gradient[i] - m->mean[i]);
        }
    }
}

static void is_unbiased(struct fixture *f, struct reinforce how, uint32_t test)
{
    struct err e = {0};
    struct glimpser *g;
    struct moments m = {.n = 0};
    struct rng stream = rng_stream(test, RNG_POLICY, 0, 0);
    double exact[WEIGHTS], size = 0, error, off;
    exact_gradient(f, &how, exact);
    for (int i = 0; i < WEIGHTS; i++) size += exact[i] * exact[i];
    size = sqrt(size);
    if (glimpser_create(ITEMS, INPUTS, f->scene.max, how.samples, &g, &e) != ATT_OK)
        fail_msg("%s", e.text);
    do {
        draw_block(g, &how, f, &stream, &m);
        error = off = 0;
        for (int i = 0; i < WEIGHTS; i++) {
            error += m.square[i] / (double)(m.n - 1) / (double)m.n;
            off += (m.mean[i] - exact[i]) * (m.mean[i] - exact[i]);
        }
        error = sqrt(error);
        off = sqrt(off);
        if (m.n >= DRAWS_MOST)
            fail_msg("after %ld estimates the standard error is still %g of %g", m.n, error, size);
    } while (!(error <= 0.05 * size));
    if (!(off <= 3 * error))
        fail_msg("%s, %d looks, stop %d: off by %g, standard error %g, norm %g",
            advantage_name[how.advantage], f->scene.max, f->scene.stop, off, error, size);
    for (int i = 0; i < WEIGHTS; i++) {
        double own = sqrt(m.square[i] / (double)(m.n - 1) / (double)m.n);
        near(m.mean[i], exact[i], 4.5 * own + 1e-9, "a weight's gradient");
    }
    glimpser_destroy(g);
}

static void in_all_scenes(struct reinforce how)
{
    for (int max = 1; max <= MOST; max++) {
        for (int stop = 0; stop < 2; stop++) {
            struct fixture f;
            make_fixture(&f, max, stop, 1);
            is_unbiased(&f, how, (uint32_t)(max + 10 * stop));
            tile_sums_free(&f.sums);
        }
    }
}

static void every_baseline(void **state)
{
    (void)state;
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_RAW, .samples = 1});
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_GREEDY, .samples = 1});
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LOO, .samples = 3});
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LEARNED, .samples = 2});
}

static void with_entropy(void **state)
{
    (void)state;
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_RAW, .samples = 1, .entropy = 0.5});
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LOO, .samples = 3, .entropy = 0.5});
}

/* At most all tiles; each once; what is reported is that of the walks. */
static void the_likeliest(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    struct glimpser *g;
    int item[ITEMS], seen[ITEMS] = {0};
    make_fixture(&f, 3, 0, 5);
    f.scene.max = 9;
    assert_int_equal(glimpser_create(ITEMS, INPUTS, 9, 2, &g, &e), ATT_OK);
    assert_int_equal(glimpse_greedy(g, &f.scene, &f.how_to, item), ITEMS);
    float now[INPUTS * ITEMS];
    memcpy(now, f.before, sizeof now);
    for (int k = 0; k < ITEMS; k++) {
        double score[ITEMS + 1];
        scores(&f.net, now, score);
        for (int i = 0; i < ITEMS; i++) assert_true(seen[i] || score[i] <= score[item[k]]);
        assert_int_equal(seen[item[k]]++, 0);
        for (int c = 0; c < INPUTS; c++) now[c * ITEMS + item[k]] = f.after[c * ITEMS + item[k]];
    }
    struct reinforce how = {.advantage = ADVANTAGE_LOO, .samples = 2};
    struct reinforce_report report;
    struct rng stream = rng_stream(1, RNG_POLICY, 0, 0);
    glimpse_estimate(g, &how, &f.scene, &f.how_to, &stream, &report);
    near(report.greedy, reward(&f, item, ITEMS), 0, "the reward of the likeliest");
    near(report.count, ITEMS, 0, "looks");
    glimpser_destroy(g);
    tile_sums_free(&f.sums);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_baseline),
        cmocka_unit_test(with_entropy),
        cmocka_unit_test(the_likeliest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
