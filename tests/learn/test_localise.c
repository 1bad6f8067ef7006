/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of arch=glimpse learns to find what one look at everything cannot show, from the Dice
 * of the merged result alone.
 *
 * Scenes of 6 x 6 tiles have a signpost, which the coarse network sees as such, and around it four
 * things that look alike, one in every direction, one or two tiles away.  Both foreground classes
 * are in the signpost and in one of the four; which one, the fine network sees at the signpost: its
 * shares of the two classes tell the direction.  Two looks are allowed: whoever chooses both tiles
 * at once finds signpost and target in one scene of four. */
#include <math.h>

#include "hard/hard_policy.h"
#include "policy/tile_sums.h"
#include "unit/train/train_test.h"

enum { SIDE = 6, TILES = SIDE * SIDE, SAMPLES = 8, BATCH = 8, STEPS = 1500, UNSEEN = 500 };
static const double rate = 5e-3, found_min = 0.95, at_once_max = 0.35;

/* predict/look.h: mean and maximum of 4 features, 3 probabilities, the largest of foreground, mean
 * and maximum of the entropy, place, and whether it was looked at. */
enum {
    FEATURE = 0,
    PROBABILITY = 8,
    LARGEST = 11,
    ENTROPY = 12,
    PLACE = 14,
    LOOKED = 16,
    INPUTS = 17
};

struct scene {
    float before[INPUTS][TILES], after[INPUTS][TILES];
    struct tile_sums sums;
    int sign, target, way;
};

/* A tile one or two steps from the signpost, inside of the grid. */
static int tile_towards(struct rng *r, int h, int w, int way)
{
    static const int dh[4] = {-1, 0, 1, 0}, dw[4] = {0, 1, 0, -1};
    for (;;) {
        int reach = 1 + (int)rng_below(r, 2), y = h + dh[way] * reach, x = w + dw[way] * reach;
        if (y >= 0 && y < SIDE && x >= 0 && x < SIDE) return y * SIDE + x;
    }
}

/* The coarse network labels nothing, the fine one all. */
static void count(struct scene *s, int tile, double one, double two)
{
    double voxels[2] = {one, two};
    for (int c = 0; c < 2; c++) {
        s->sums.truth[2 * tile + c] = voxels[c];
        s->sums.fine[2 * (2 * tile + c)] = s->sums.fine[2 * (2 * tile + c) + 1] = voxels[c];
    }
}

static void draw_inputs(struct scene *s, struct rng *r, const uint8_t *thing)
{
    for (int i = 0; i < TILES; i++) {
        for (int c = 0; c < PLACE; c++) s->before[c][i] = 0.1F * (float)rng_normal(r);
        s->before[FEATURE][i] += (float)thing[i];
        s->before[FEATURE + 1][i] += (float)(i == s->sign);
        s->before[PLACE][i] = (float)(2 * (i / SIDE) - SIDE + 1) / SIDE;
        s->before[PLACE + 1][i] = (float)(2 * (i % SIDE) - SIDE + 1) / SIDE;
        s->before[LOOKED][i] = 0;
    }
}

static void draw_scene(struct scene *s, uint32_t number)
{
    static const double one[4] = {0.5, 0.25, 0, 0.25}, two[4] = {0.25, 0.5, 0.25, 0};
    struct rng r = rng_stream(1, RNG_TEST, number, 0);
    uint8_t thing[TILES] = {0};
    int h = 1 + (int)rng_below(&r, SIDE - 2), w = 1 + (int)rng_below(&r, SIDE - 2);
    s->sign = h * SIDE + w;
    s->way = (int)rng_below(&r, 4);
    thing[s->sign] = 1;
    for (int way = 0; way < 4; way++) {
        int tile = tile_towards(&r, h, w, way);
        thing[tile] = 1;
        if (way == s->way) s->target = tile;
    }
    memset(s->sums.truth, 0, 2 * TILES * sizeof(double));
    memset(s->sums.fine, 0, 4 * TILES * sizeof(double));
    count(s, s->sign, 256 * one[s->way], 256 * two[s->way]);
    count(s, s->target, 100, 100);
    tile_sums_total(&s->sums);
    draw_inputs(s, &r, thing);
    memcpy(s->after, s->before, sizeof s->after);
    for (int i = 0; i < TILES; i++) {
        for (int c = 0; c < 2; c++)
            s->after[PROBABILITY + 1 + c][i] = (float)(s->sums.truth[2 * i + c] / 256);
        s->after[PROBABILITY][i] = 1 - s->after[PROBABILITY + 1][i] - s->after[PROBABILITY + 2][i];
        s->after[LARGEST][i] = (float)(s->sums.truth[2 * i] > 0);
        s->after[ENTROPY][i] = s->after[ENTROPY + 1][i] = 0;
        s->after[LOOKED][i] = 1;
    }
}

static double dice(void *arg, const int *item, int k)
{
    return tile_sums_dice(&((struct scene *)arg)->sums, item, k, NULL);
}

static void make_model(const char *arch, struct model *m)
{
    struct spec spec;
    struct preparation prep = {.channels = 1, .patch = {1, 32, 32}};
    struct labelling labels = {.ignore = -1};
    char *text = mem_text("arch=%s dims=2 classes=3 coarse=4,8 fine=4,8 scale=4 tile=16 halo=8 "
                          "tiles=2 policy=32 gate=none",
        arch);
    prep.normalise[0].scheme = NORMALISE_ZSCORE;
    labelling_add(&labels, 0, "background");
    labelling_add(&labels, 1, "one");
    labelling_add(&labels, 2, "other");
    OK(spec_parse(&spec, text, &e));
    OK(model_create(&spec, &prep, &labels, 1, m, &e));
    mem_free(text);
}

/* The Dice of the likeliest looks at a scene. */
static double lesson(struct hard_policy *p, struct scene *s, uint32_t number, double weight)
{
    struct reinforce_report report;
    struct rng rng = rng_stream(1, RNG_POLICY, number, 0);
    draw_scene(s, number);
    const struct policy_example l = {.grid = {1, SIDE, SIDE},
        .inputs = s->before[0],
        .seen = s->after[0],
        .rewards = {.of = dice, .arg = s},
        .samples = weight > 0 ? SAMPLES : 1,
        .rng = &rng,
        .weight = weight};
    hard_policy_learn(p, &l, &report);
    return report.greedy;
}

/* Trains a policy on scenes that never come again; the share of unseen scenes of which the
 * likeliest looks find everything. */
static double found(const char *arch)
{
    static const int grid[3] = {1, SIDE, SIDE};
    static struct scene s;
    struct watch w;
    struct model m;
    struct hard_policy p;
    const struct train_context c = {.host = &w.host};
    const struct reinforce how = {.advantage = ADVANTAGE_LOO, .samples = SAMPLES, .entropy = 0.1};
    int hits = 0;
    watch_new(&w);
    w.host.kernels = kernels_for(kernels_best());
    make_model(arch, &m);
    OK(tile_sums_create(&s.sums, TILES, 2, &e));
    OK(hard_policy_create(&c, &m, &how, &p, &e));
    OK(hard_policy_grid(&p, grid, &e));
    OK(hard_policy_allocate(&p, &e));
    assert_int_equal(p.hard.input.count, INPUTS - !p.hard.glimpse);
    for (int step = 0; step < STEPS; step++) {
        hard_policy_begin(&p);
        for (int i = 0; i < BATCH; i++) lesson(&p, &s, (uint32_t)(step * BATCH + i), 1.0 / BATCH);
        hard_policy_update(&p, rate * fmin(1, 2 - 2.0 * step / STEPS), step + 1);
    }
    for (uint32_t i = 0; i < UNSEEN; i++) hits += lesson(&p, &s, 0x80000000U + i, 0) > 0.999;
    hard_policy_free(&p);
    tile_sums_free(&s.sums);
    model_free(&m);
    print_message("arch=%s finds signpost and target in %.1f %% of unseen scenes\n", arch,
        100.0 * hits / UNSEEN);
    return (double)hits / UNSEEN;
}

static void in_turn(void **state)
{
    (void)state;
    double share = found("glimpse");
    if (!(share >= found_min)) fail_msg("found in %g of unseen scenes only", share);
}

/* So it was the first look that told. */
static void at_once(void **state)
{
    (void)state;
    double share = found("hard");
    if (!(share <= at_once_max))
        fail_msg("found in %g of unseen scenes, but nothing told where", share);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_turn), cmocka_unit_test(at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
