/* SPDX-License-Identifier: Apache-2.0 */
/* The Dice from sums over tiles against that of merged masks, voxel by voxel. */
#include "policy/tile_sums.h"

#include "policy/tiling.h"
#include "unit/policy/policy_test.h"

enum { SIDE = 24, VOXELS = SIDE * SIDE, TILE = 5, LABELS = 4 };

struct masks {
    struct tiling t;
    uint8_t coarse[VOXELS], fine[VOXELS], truth[VOXELS];
};

/* Labels in blobs of 3x3; some of the truth is 255: unknown. */
static void draw_masks(struct rng *r, struct masks *m, int labels, int unknown)
{
    struct err e = {0};
    assert_int_equal(
        tiling_make((int[3]){1, SIDE, SIDE}, (int[3]){1, TILE, TILE}, (int[3]){0}, &m->t, &e),
        ATT_OK);
    uint64_t seed = rng_u32(r);
    for (int i = 0; i < VOXELS; i++) {
        struct rng here =
            rng_stream(seed, RNG_TEST, (uint32_t)(i / SIDE / 3), (uint32_t)(i % SIDE / 3));
        m->truth[i] = (uint8_t)rng_below(&here, (uint32_t)labels);
        m->coarse[i] = rng_below(r, 3) ? m->truth[i] : (uint8_t)rng_below(r, (uint32_t)labels);
        m->fine[i] = rng_below(r, 8) ? m->truth[i] : (uint8_t)rng_below(r, (uint32_t)labels);
        if (unknown && !rng_below(r, 10)) m->truth[i] = 255;
    }
}

static void count_masks(const struct masks *m, struct tile_sums *s, const struct class_set *regions)
{
    for (int i = 0; i < m->t.count; i++) {
        int first[3], extent[3];
        tiling_part(&m->t, i, first, extent);
        for (int h = 0; h < extent[1]; h++) {
            int at = (first[1] + h) * SIDE + first[2];
            tile_sums_count(
                s, i, m->coarse + at, m->fine + at, m->truth + at, (size_t)extent[2], regions, 255);
        }
    }
    tile_sums_total(s);
}

static int member(uint8_t label, int class, const struct class_set *regions)
{
    if (label == 255) return 0;
    return regions ? class_set_has(regions[class], label) : label == class + 1;
}

static double direct_dice(const struct masks *m, const int *chosen, int k, int classes,
    const struct class_set *regions, double *per_class, double *outside)
{
    double mean = 0, predicted = 0, all = 0, out = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
        double both = 0, p = 0, t = 0;
        for (int i = 0; i < VOXELS; i++) {
            if (m->truth[i] == 255) continue;
            int tile = tiling_index(&m->t, (int[3]){0, i / SIDE / TILE, i % SIDE / TILE}),
                looked = 0;
            for (int j = 0; j < k; j++) looked |= chosen[j] == tile;
            int a = member(looked ? m->fine[i] : m->coarse[i], c, regions),
                b = member(m->truth[i], c, regions);
            both += a && b;
            p += a;
            t += b;
            out += b && !looked;
        }
        per_class[c] = t > 0 ? 2 * both / (p + t) : (double)NAN;
        if (t > 0) mean += per_class[c];
        present += t > 0;
        predicted += p;
        all += t;
    }
    *outside = all > 0 ? out / all : 0;
    return present ? mean / present : predicted > 0 ? 0 : 1;
}

static void against_merged_masks(
    struct rng *r, int labels, int classes, const struct class_set *regions, int unknown)
{
    struct masks m;
    struct tile_sums s;
    struct err e = {0};
    draw_masks(r, &m, labels, unknown);
    assert_int_equal(tile_sums_create(&s, m.t.count, classes, &e), ATT_OK);
    count_masks(&m, &s, regions);
    for (int k = 0; k <= m.t.count; k += 5) {
        int chosen[SIDE * SIDE], step = 7; /* 25 tiles: every seventh comes round to all */
        double got[LABELS], want[LABELS], outside;
        for (int i = 0; i < k; i++) chosen[i] = (3 + step * i) % m.t.count;
        near(tile_sums_dice(&s, chosen, k, got),
            direct_dice(&m, chosen, k, classes, regions, want, &outside), 1e-15, "the mean Dice");
        for (int c = 0; c < classes; c++)
            if (!isnan(want[c]) || !isnan(got[c])) near(got[c], want[c], 0, "a class's Dice");
        near(tile_sums_outside(&s, chosen, k), outside, 1e-15, "the share outside");
    }
    tile_sums_free(&s);
}

static void equals_the_dice_of_merged_masks(void **state)
{
    (void)state;
    struct rng r = rng_stream(2, RNG_TEST, 0, 0);
    for (int round = 0; round < 10; round++) {
        against_merged_masks(&r, 2, 1, NULL, 0);
        against_merged_masks(&r, 4, 3, NULL, 1);
        against_merged_masks(&r, 4, 2, (const struct class_set[]){{{2 | 4 | 8}}, {{4 | 8}}}, 1);
        against_merged_masks(&r, 3, 3, NULL, 1); /* nobody has label 3 */
    }
}

static void nothing_there(void **state)
{
    (void)state;
    struct tile_sums s;
    struct err e = {0};
    assert_int_equal(tile_sums_create(&s, 2, 1, &e), ATT_OK);
    tile_sums_total(&s);
    double dice;
    near(tile_sums_dice(&s, NULL, 0, &dice), 1, 0, "nothing predicted, nothing true");
    assert_true(isnan(dice));
    s.coarse[3] = 5; /* the second tile's |P| */
    tile_sums_total(&s);
    near(tile_sums_dice(&s, NULL, 0, NULL), 0, 0, "something predicted, nothing true");
    near(tile_sums_dice(&s, (const int[]){1}, 1, NULL), 1, 0, "taken back by the fine network");
    near(tile_sums_outside(&s, NULL, 0), 0, 0, "share of nothing outside");
    tile_sums_free(&s);
    assert_int_equal(tile_sums_create(&s, 2, TILE_SUMS_CLASSES + 1, &e), ATT_USAGE);
    err_clear(&e);
    assert_int_equal(tile_sums_create(&s, 0, 1, &e), ATT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_dice_of_merged_masks),
        cmocka_unit_test(nothing_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
