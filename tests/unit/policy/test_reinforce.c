/* SPDX-License-Identifier: Apache-2.0 */
/* REINFORCE's estimates against the exact gradient: central differences of the expected reward and
 * the entropy, summed over every choice. An estimate is drawn until its standard error is at most 5
 * % of the gradient's norm, and must then lie within 3 standard errors. */
#include "policy/reinforce.h"

#include "policy/tile_reward.h"
#include "unit/policy/policy_test.h"

enum { ITEMS = 6, BLOCK = 2000, DRAWS_MOST = 4000000 };
static const double part_of_norm = 0.05, standard_errors = 3, of_one_score = 4.5;

/* The mean Dice less a cost. */
struct world {
    struct tile_sums sums;
    struct tile_reward reward;
};

static double no_reward(void *arg, const int *item, int k)
{
    (void)arg;
    (void)item;
    (void)k;
    return 0;
}

struct expectation {
    struct tile_reward *tile_reward;
    reward_fn *reward;
    double reward_sum, entropy, square;
};

static void expect_choice(void *arg, const int *item, int k, double probability)
{
    struct expectation *x = arg;
    double r = x->reward(x->tile_reward, item, k);
    x->reward_sum += probability * r;
    x->square += probability * r * r;
    x->entropy -= probability * log(probability);
}

struct scene {
    struct plackett p;
    double score[ITEMS + 1];
    struct world world;
    reward_fn *reward;
};

static struct expectation expect(struct scene *s)
{
    struct expectation x = {.tile_reward = &s->world.reward, .reward = s->reward};
    every_choice(&s->p, expect_choice, &x);
    return x;
}

static void draw_scene(struct scene *s, int items, int max, int stop, struct rng *stream)
{
    struct rng r = rng_stream(rng_u32(stream), RNG_TEST, 0, 0);
    some_scores(&r, items + stop, 0.7, s->score);
    some_sums(&r, items, 1 + (int)rng_below(&r, 2), &s->world.sums);
    s->world.reward = (struct tile_reward){.sums = &s->world.sums, .cost = stop ? 0.02 * items : 0};
    s->p = (struct plackett){s->score, items, max, stop};
    s->reward = tile_reward_of;
}

/* The gradient of the loss -E[R] - beta H. */
static void exact_gradient(struct scene *s, double beta, double *gradient)
{
    const double step = 1e-4;
    for (int i = 0; i < s->p.items + s->p.stop; i++) {
        double here = s->score[i];
        s->score[i] = here + step;
        struct expectation up = expect(s);
        s->score[i] = here - step;
        struct expectation down = expect(s);
        s->score[i] = here;
        gradient[i] =
            (down.reward_sum - up.reward_sum + beta * (down.entropy - up.entropy)) / (2 * step);
    }
}

static double norm(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

/* One in which choices matter, so that estimates need not be millions. */
static void make_scene(struct scene *s, int items, int max, int stop, uint32_t seed)
{
    struct rng r = rng_stream(seed, RNG_TEST, (uint32_t)items, (uint32_t)(max + 10 * stop));
    double gradient[ITEMS + 1];
    for (;;) {
        draw_scene(s, items, max, stop, &r);
        exact_gradient(s, 0, gradient);
        if (norm(gradient, items + stop) > 0.04) return;
        tile_sums_free(&s->world.sums);
    }
}

struct moments {
    double mean[ITEMS + 1], square[ITEMS + 1];
    long n;
};

static double standard_error(const struct moments *m, int i)
{
    return sqrt(m->square[i] / (double)(m->n - 1) / (double)m->n);
}

static double standard_error_of_all(const struct moments *m, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += standard_error(m, i) * standard_error(m, i);
    return sqrt(sum);
}

static void draw_block(struct reinforcer *r, const struct reinforce *how, struct scene *s,
    double value, struct rng *stream, struct moments *m)
{
    for (int round = 0; round < BLOCK; round++) {
        double gradient[ITEMS + 1] = {0};
        struct reinforce_report report;
        reinforce_estimate(r, how, &s->p, value, stream,
            &(struct rewards){s->reward, tile_reward_change, &s->world.reward}, gradient, &report);
        m->n++;
        for (int i = 0; i < s->p.items + s->p.stop; i++) {
            double off = gradient[i] - m->mean[i];
            m->mean[i] += off / (double)m->n;
            m->square[i] += off * (gradient[i] - m->mean[i]);
        }
    }
}

static void is_unbiased(struct scene *s, struct reinforce how, uint32_t test)
{
    struct err e = {0};
    struct reinforcer *r;
    struct moments m = {.n = 0};
    struct rng stream = rng_stream(test, RNG_POLICY, 0, 0);
    double exact[ITEMS + 1], off[ITEMS + 1], error;
    int n = s->p.items + s->p.stop;
    exact_gradient(s, how.entropy / s->p.max, exact);
    double size = norm(exact, n);
    assert_int_equal(reinforce_check(&how, &e), ATT_OK);
    if (reinforcer_create(s->p.items, s->p.max, how.samples, &r, &e) != ATT_OK)
        fail_msg("%s", e.text);
    do {
        draw_block(r, &how, s, 0.4, &stream, &m);
        error = standard_error_of_all(&m, n);
        if (m.n >= DRAWS_MOST)
            fail_msg("after %ld estimates the standard error is still %g of %g", m.n, error, size);
    } while (!(error <= part_of_norm * size));
    for (int i = 0; i < n; i++) {
        off[i] = m.mean[i] - exact[i];
        if (!(fabs(off[i]) <= of_one_score * standard_error(&m, i) + 1e-9))
            fail_msg("%s, %d of %d, stop %d, score %d: %g instead of %g, standard error %g",
                advantage_name[how.advantage], s->p.max, s->p.items, s->p.stop, i, m.mean[i],
                exact[i], standard_error(&m, i));
    }
    if (!(norm(off, n) <= standard_errors * error + 1e-9))
        fail_msg("%s, %d of %d, stop %d: off by %g, standard error %g, norm %g",
            advantage_name[how.advantage], s->p.max, s->p.items, s->p.stop, norm(off, n), error,
            size);
    reinforcer_destroy(r);
}

static void in_all_scenes(struct reinforce how, reward_fn *fn)
{
    for (int items = 4; items <= 6; items++) {
        for (int max = 1; max <= 3; max++) {
            for (int stop = 0; stop < 2; stop++) {
                struct scene s;
                make_scene(&s, items, max, stop, 1);
                s.reward = fn;
                is_unbiased(&s, how, (uint32_t)(items + 10 * max + 100 * stop));
                tile_sums_free(&s.world.sums);
            }
        }
    }
}

static void raw(void **state)
{
    (void)state;
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_RAW, .samples = 1}, tile_reward_of);
}

static void greedy(void **state)
{
    (void)state;
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_GREEDY, .samples = 1}, tile_reward_of);
}

static void leave_one_out(void **state)
{
    (void)state;
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LOO, .samples = 2}, tile_reward_of);
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LOO, .samples = 5}, tile_reward_of);
}

static void learned(void **state)
{
    (void)state;
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LEARNED, .samples = 3}, tile_reward_of);
}

static void local(void **state)
{
    (void)state;
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LOCAL, .samples = 2}, tile_reward_of);
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LOCAL, .samples = 3, .entropy = 0.4},
        tile_reward_of);
}

/* As a policy that stops by itself is trained: up to all items. With an item that cannot be chosen,
 * too. */
static void local_up_to_all(void **state)
{
    (void)state;
    for (int without = 0; without < 2; without++) {
        struct scene s;
        make_scene(&s, 3 + without, 3 + without, 1, 3);
        if (without) s.score[1] = -(double)INFINITY;
        is_unbiased(&s, (struct reinforce){.advantage = ADVANTAGE_LOCAL, .samples = 2}, 77);
        is_unbiased(&s, (struct reinforce){.advantage = ADVANTAGE_LOO, .samples = 2}, 78);
        tile_sums_free(&s.world.sums);
    }
}

/* Items that cannot be chosen change nothing, and where all that can be are chosen nothing is at
 * stake. */
static void local_without_a_choice(void **state)
{
    (void)state;
    struct scene s;
    struct err e = {0};
    struct reinforcer *r;
    struct reinforce_report report;
    const struct reinforce how = {.advantage = ADVANTAGE_LOCAL, .samples = 4};
    struct rng stream = rng_stream(5, RNG_POLICY, 0, 0);
    double gradient[ITEMS + 1] = {0};
    make_scene(&s, 5, 3, 0, 2);
    s.score[1] = s.score[4] = -(double)INFINITY;
    assert_int_equal(reinforcer_create(5, 3, how.samples, &r, &e), ATT_OK);
    reinforce_estimate(r, &how, &s.p, 0, &stream,
        &(struct rewards){tile_reward_of, tile_reward_change, &s.world.reward}, gradient, &report);
    for (int i = 0; i < 5; i++) near(gradient[i], 0, 0, "the gradient where all must be chosen");
    s.p.max = 2;
    reinforce_estimate(r, &how, &s.p, 0, &stream,
        &(struct rewards){tile_reward_of, tile_reward_change, &s.world.reward}, gradient, &report);
    near(gradient[1], 0, 0, "the gradient of what cannot be chosen");
    assert_true(fabs(gradient[0]) > 0);
    reinforcer_destroy(r);
    tile_sums_free(&s.world.sums);
}

static void entropy(void **state)
{
    (void)state;
    in_all_scenes(
        (struct reinforce){.advantage = ADVANTAGE_RAW, .samples = 1, .entropy = 1}, no_reward);
    in_all_scenes(
        (struct reinforce){.advantage = ADVANTAGE_RAW, .samples = 4, .entropy = 1}, no_reward);
}

static void reward_and_entropy(void **state)
{
    (void)state;
    in_all_scenes((struct reinforce){.advantage = ADVANTAGE_LOO, .samples = 3, .entropy = 0.2},
        tile_reward_of);
}

/* What is reported has the means of what it estimates. */
static void report(void **state)
{
    (void)state;
    enum { ROUNDS = 20000, SAMPLES = 3 };
    struct scene s;
    struct err e = {0};
    struct reinforcer *r;
    struct reinforce how = {.advantage = ADVANTAGE_LEARNED, .samples = SAMPLES};
    struct reinforce_report one, sum = {0};
    struct rng stream = rng_stream(3, RNG_POLICY, 0, 0);
    double gradient[ITEMS + 1] = {0};
    make_scene(&s, 5, 3, 1, 2);
    struct expectation x = expect(&s);
    double variance = x.square - x.reward_sum * x.reward_sum, count = 0;
    assert_int_equal(reinforcer_create(5, 3, SAMPLES, &r, &e), ATT_OK);
    for (int i = 0; i < ROUNDS; i++) {
        reinforce_estimate(r, &how, &s.p, 0.25, &stream,
            &(struct rewards){.of = tile_reward_of, .arg = &s.world.reward}, gradient, &one);
        sum.reward += one.reward / ROUNDS;
        sum.entropy += one.entropy / ROUNDS;
        sum.value_gradient += one.value_gradient / ROUNDS;
        count += one.count / ROUNDS;
    }
    near(sum.reward, x.reward_sum, 4 * sqrt(variance / SAMPLES / ROUNDS), "the mean reward");
    near(sum.value_gradient, 0.25 - sum.reward, 1e-12, "the value's gradient");
    near(sum.entropy, x.entropy, 0.01 * x.entropy, "the entropy");
    assert_true(count > 0.5 && count < 3);
    struct choice c;
    assert_int_equal(choice_create(&c, 5, 3, &e), ATT_OK);
    plackett_greedy(&s.p, &c);
    near(one.greedy, tile_reward_of(&s.world.reward, c.item, c.count), 0,
        "the greedy choice's reward");
    choice_free(&c);
    reinforcer_destroy(r);
    tile_sums_free(&s.world.sums);
}

static void advantages(void **state)
{
    (void)state;
    const double reward_of[3] = {0.5, 0.1, 0.9};
    double a[3];
    reinforce_advantages(ADVANTAGE_RAW, reward_of, 3, 0.3, 0.6, a);
    near(a[2], 0.9, 0, "raw");
    reinforce_advantages(ADVANTAGE_GREEDY, reward_of, 3, 0.3, 0.6, a);
    near(a[0], 0.2, 1e-15, "greedy");
    reinforce_advantages(ADVANTAGE_LEARNED, reward_of, 3, 0.3, 0.6, a);
    near(a[0], -0.1, 1e-15, "learned");
    reinforce_advantages(ADVANTAGE_LOO, reward_of, 3, 0.3, 0.6, a);
    near(a[1], 0.1 - 0.7, 1e-15, "loo");
    reinforce_advantages(ADVANTAGE_LOO, reward_of, 1, 0.3, 0.6, a);
    near(a[0], 0.5, 0, "loo without others");
    reinforce_advantages(ADVANTAGE_LOCAL, reward_of, 3, 0.3, 0.6, a);
    near(a[0], 0, 0, "local");
}

static double worth_nothing(void *arg, const int *item, int k)
{
    return (void)arg, (void)item, (void)k, 0;
}

/* Of equal scores every choice has the same entropies: with the other samples' as a baseline
 * nothing is left to scatter. */
static void entropy_s_baseline(void **state)
{
    (void)state;
    const double score[5] = {0.5, 0.5, 0.5, 0.5, 0.5};
    const struct plackett p = {.score = score, .items = 5, .max = 3};
    const struct reinforce how = {.advantage = ADVANTAGE_LOO, .entropy = 1, .samples = 3};
    struct rng stream = rng_stream(4, RNG_POLICY, 0, 0);
    struct reinforcer *r;
    struct reinforce_report report;
    struct err e = {0};
    double gradient[5] = {0};
    assert_int_equal(reinforcer_create(5, 3, 3, &r, &e), ATT_OK);
    reinforce_estimate(
        r, &how, &p, 0, &stream, &(struct rewards){.of = worth_nothing}, gradient, &report);
    for (int i = 0; i < 5; i++) near(gradient[i], 0, 1e-14, "the gradient of the entropy");
    near(report.entropy, log(5 * 4 * 3), 1e-12, "the entropy");
    reinforcer_destroy(r);
}

static void what_makes_no_sense(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(
        reinforce_check(&(struct reinforce){.advantage = ADVANTAGE_LOO, .samples = 1}, &e),
        ATT_USAGE);
    err_clear(&e);
    assert_int_equal(reinforce_check(&(struct reinforce){.samples = 0}, &e), ATT_USAGE);
    err_clear(&e);
    assert_int_equal(
        reinforce_check(&(struct reinforce){.samples = 1, .entropy = -1}, &e), ATT_USAGE);
    err_clear(&e);
    assert_int_equal(
        reinforce_check(&(struct reinforce){.samples = 1, .entropy = (double)NAN}, &e), ATT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw),
        cmocka_unit_test(greedy),
        cmocka_unit_test(learned),
        cmocka_unit_test(leave_one_out),
        cmocka_unit_test(local),
        cmocka_unit_test(local_up_to_all),
        cmocka_unit_test(local_without_a_choice),
        cmocka_unit_test(entropy),
        cmocka_unit_test(reward_and_entropy),
        cmocka_unit_test(report),
        cmocka_unit_test(advantages),
        cmocka_unit_test(entropy_s_baseline),
        cmocka_unit_test(what_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
