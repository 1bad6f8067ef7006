/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy is rewarded from: views mirrored as grids of tiles, and how many of them fit into
 * memory. */
#include "unit/dataset/dataset_test.h"

#include "hard/hard_cache.h"

enum { D = 2, H = 3, W = 4, TILES = D * H * W, INPUTS = 6 };

static const struct hard hard = {.dims = 3,
    .input = {.place = 2, .seen = 5, .count = INPUTS},
    .glimpse = true,
    .tile = {4, 8, 8}};

/* Channels 0, 1: anything; 2, 3, 4: places; 5: looked at. The number of channel c at tile t is 100
 * c + t. */
static void fill(float *table, int more)
{
    for (int i = 0; i < INPUTS * TILES; i++) table[i] = (float)(i / TILES * 100 + i % TILES + more);
}

static void tiles_change_places_and_places_do_not(void **state)
{
    (void)state;
    static float inputs[INPUTS * TILES], seen[INPUTS * TILES], room[2][INPUTS * TILES];
    static int from[TILES];
    struct cached v = {.grid = {D, H, W}, .inputs = inputs, .seen = seen, .sums = {.tiles = TILES}};
    struct hard_cache cache = {
        .view = &v, .count = 1, .hard = &hard, .flipped = {room[0], room[1], from}};
    fill(inputs, 0);
    fill(seen, 1000);
    for (int which = 0; which < 8; which++) {
        const bool mirror[3] = {which & 1, which & 2, which & 4};
        hard_cache_flip(&cache, &v, mirror);
        for (int t = 0; t < TILES; t++) {
            const int at[3] = {t / W / H, t / W % H, t % W}, size[3] = {D, H, W};
            int other[3];
            for (int a = 0; a < 3; a++) other[a] = mirror[a] ? size[a] - 1 - at[a] : at[a];
            const int wanted = (other[0] * H + other[1]) * W + other[2];
            assert_int_equal(from[t], wanted);
            for (int c = 0; c < INPUTS; c++) {
                const int there = c >= 2 && c < 5 ? t : wanted;
                assert_true(room[0][c * TILES + t] == (float)(100 * c + there));
                assert_true(room[1][c * TILES + t] == (float)(100 * c + there + 1000));
            }
        }
    }
}

static void as_many_views_as_fit(void **state)
{
    (void)state;
    const struct prepared one = {.channels = 1, .size = {8, 16, 16}};
    const struct view_rules rules = {.cases = &one, .count = 1, .tile = {4, 8, 8}, .seed = 1};
    const double tiles = 8,
                 bytes = tiles *
        (2 * INPUTS * 4 + 2 * 5 * 8); /* both tables, and the counts of two classes */
    assert_int_equal(hard_cache_fits(&rules, &hard, 2, 1, bytes), 1);
    assert_int_equal(hard_cache_fits(&rules, &hard, 2, 5, bytes / 2), 1);
    assert_int_equal(hard_cache_fits(&rules, &hard, 2, 1000, 1e9), 1000);
    int some = hard_cache_fits(&rules, &hard, 2, 1000, 10 * bytes);
    assert_true(some >= 10 && some < 80); /* others are cut: fewer tiles, or as many */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiles_change_places_and_places_do_not),
        cmocka_unit_test(as_many_views_as_fit)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
