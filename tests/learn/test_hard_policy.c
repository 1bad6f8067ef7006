/* SPDX-License-Identifier: Apache-2.0 */
/* A policy learns from rewards alone where the object is: it then beats chance at an equal number
 * of tiles, with every baseline. */
#include <math.h>

#include "hard/hard_policy.h"
#include "unit/train/train_test.h"

enum { SIDE = 4, TILES = SIDE * SIDE, IMAGES = 24, STEPS = 400, BATCH = 4, SAMPLES = 8 };

/* Tile `where` holds the object; the inputs say so in one channel, with noise, and nothing else
 * does. */
struct scene {
    float inputs[64 * TILES];
    int where;
    bool found; /* it is among the tiles that were asked about last */
};

static void make_scene(const struct hard *h, int number, struct scene *s)
{
    struct rng r = rng_stream(3, RNG_TEST, (uint32_t)number, 1);
    assert_true(h->input.count <= 64);
    for (int i = 0; i < h->input.count * TILES; i++) s->inputs[i] = (float)(.5 * rng_normal(&r));
    s->where = (int)rng_below(&r, TILES);
    s->inputs[3 * TILES + s->where] += 2;
}

static double reward(void *arg, const int *item, int k)
{
    struct scene *s = arg;
    s->found = false;
    for (int i = 0; i < k; i++) s->found = s->found || item[i] == s->where;
    return s->found ? .9 : .4;
}

static double change(void *arg, int in, int out, bool keep)
{
    struct scene *s = arg;
    const bool found = (s->found && out != s->where) || in == s->where;
    if (keep) s->found = found;
    return found ? .9 : .4;
}

static void make_model(const char *arch, struct model *m)
{
    struct spec spec;
    struct preparation prep = {.channels = 1, .patch = {1, 32, 32}};
    struct labelling labels = {.ignore = -1};
    char *text = mem_text("arch=%s dims=2 in=1 classes=2 scale=4 tile=16 halo=8 tiles=2 "
                          "coarse=4,8 fine=4,8 policy=8 gated=all",
        arch);
    prep.normalise[0].scheme = NORMALISE_ZSCORE;
    labelling_add(&labels, 0, "background");
    labelling_add(&labels, 1, "object");
    OK(spec_parse(&spec, text, &e));
    OK(model_create(&spec, &prep, &labels, 1, m, &e));
    mem_free(text);
}

/* Mean reward over scenes that it has not seen, of samples and of what it takes for likeliest. */
static void judge(struct hard_policy *p, double *sampled, double *greedy)
{
    static const int grid[3] = {1, SIDE, SIDE};
    *sampled = *greedy = 0;
    for (int i = 0; i < IMAGES; i++) {
        static struct scene s;
        struct reinforce_report report;
        struct rng rng = rng_stream(5, RNG_TEST, (uint32_t)i, 2);
        make_scene(&p->hard, 1000 + i, &s);
        const struct policy_example l = {.grid = {grid[0], grid[1], grid[2]},
            .inputs = s.inputs,
            .seen = s.inputs,
            .rewards = {reward, change, &s},
            .samples = SAMPLES,
            .rng = &rng,
            .weight = 0};
        hard_policy_begin(p);
        hard_policy_learn(p, &l, &report);
        *sampled += report.reward / IMAGES;
        *greedy += report.greedy / IMAGES;
    }
}

static void train(struct hard_policy *p)
{
    for (int64_t step = 0; step < STEPS; step++) {
        hard_policy_begin(p);
        for (int i = 0; i < BATCH; i++) {
            static struct scene s;
            struct reinforce_report report;
            struct rng rng = rng_stream(4, RNG_TEST, (uint32_t)step, (uint32_t)i);
            make_scene(&p->hard, 2000 + (int)step * BATCH + i, &s);
            const struct policy_example l = {.grid = {1, SIDE, SIDE},
                .inputs = s.inputs,
                .seen = s.inputs,
                .rewards = {reward, change, &s},
                .samples = SAMPLES,
                .rng = &rng,
                .weight = 1.0 / BATCH};
            hard_policy_learn(p, &l, &report);
        }
        assert_true(isfinite(hard_policy_update(p, 3e-3, step + 1)));
    }
}

/* Which tile has most of an input can be known from the first: the policy then needs no training to
 * find what that input shows. */
static void begins_as_told(void **state)
{
    (void)state;
    static const int grid[3] = {1, SIDE, SIDE};
    struct watch w;
    struct model m;
    struct hard_policy p;
    double sampled, greedy;
    const struct train_context c = {.host = &w.host};
    const struct reinforce how = {.advantage = ADVANTAGE_LOO, .samples = SAMPLES};
    watch_new(&w);
    w.host.kernels = kernels_for(kernels_best());
    make_model("hard", &m);
    OK(hard_policy_create(&c, &m, &how, &p, &e));
    OK(hard_policy_grid(&p, grid, &e));
    OK(hard_policy_allocate(&p, &e));
    OK(hard_policy_init(&p, 3, 1, 4, &e));
    judge(&p, &sampled, &greedy);
    assert_true(greedy > .85 && sampled > .75);
    OK(hard_policy_init(&p, 4, 1, 4, &e)); /* which says nothing */
    judge(&p, &sampled, &greedy);
    assert_true(greedy < .65 && sampled < .65);
    hard_policy_free(&p);
    model_free(&m);
}

static void learns(const char *arch, enum advantage advantage)
{
    static const int grid[3] = {1, SIDE, SIDE};
    struct watch w;
    struct model m;
    struct hard_policy p;
    double sampled, greedy;
    const struct train_context c = {.host = &w.host};
    const struct reinforce how = {.advantage = advantage, .samples = SAMPLES, .entropy = .01};
    const double chance = .4 + .5 * 2 / TILES;
    watch_new(&w);
    w.host.kernels = kernels_for(kernels_best());
    make_model(arch, &m);
    OK(hard_policy_create(&c, &m, &how, &p, &e));
    OK(hard_policy_grid(&p, grid, &e));
    OK(hard_policy_allocate(&p, &e));
    judge(&p, &sampled, &greedy);
    assert_true(sampled < chance + .2);
    train(&p);
    judge(&p, &sampled, &greedy);
    if (sampled < chance + .3 || greedy < .85)
        fail_msg("%s, %s: reward %.3f sampled, %.3f greedy, by chance %.3f", arch,
            advantage_name[advantage], sampled, greedy, chance);
    hard_policy_free(&p);
    model_free(&m);
}

static void at_once_with_every_baseline(void **state)
{
    (void)state;
    for (int a = 0; a < ADVANTAGES; a++)
        if (a != ADVANTAGE_RAW) learns("hard", (enum advantage)a);
}

static void in_turn(void **state)
{
    (void)state;
    learns("glimpse", ADVANTAGE_GREEDY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(begins_as_told),
        cmocka_unit_test(at_once_with_every_baseline), cmocka_unit_test(in_turn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
