/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles cover an image once, in scan order. */
#include "policy/tiling.h"

#include "unit/policy/policy_test.h"

static void a_worked_example(void **state)
{
    (void)state;
    struct tiling t;
    struct err e = {0};
    int first[3], extent[3], at[3];
    assert_int_equal(
        tiling_make((int[3]){5, 8, 9}, (int[3]){2, 4, 4}, (int[3]){1, 2, 0}, &t, &e), ATT_OK);
    assert_int_equal(t.grid[0], 3);
    assert_int_equal(t.grid[1], 2);
    assert_int_equal(t.grid[2], 3);
    assert_int_equal(t.count, 18);
    tiling_place(&t, 17, at);
    assert_memory_equal(at, ((int[3]){2, 1, 2}), sizeof at);
    tiling_part(&t, 17, first, extent);
    assert_memory_equal(first, ((int[3]){4, 4, 8}), sizeof first);
    assert_memory_equal(extent, ((int[3]){1, 4, 1}), sizeof extent);
    near(tiling_voxels(&t, 17), 4, 0, "a tile cut at two ends");
}

static void every_voxel_has_one_tile(void **state)
{
    (void)state;
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    struct err e = {0};
    for (int round = 0; round < 50; round++) {
        struct tiling t;
        int size[3], tile[3], first[3], extent[3], at[3], expected = 0;
        static uint8_t seen[12 * 12 * 12];
        for (int a = 0; a < 3; a++) {
            size[a] = 1 + (int)rng_below(&r, 12);
            tile[a] = 1 + (int)rng_below(&r, 14);
        }
        assert_int_equal(tiling_make(size, tile, (int[3]){0}, &t, &e), ATT_OK);
        memset(seen, 0, sizeof seen);
        for (int i = 0; i < t.count; i++) {
            tiling_part(&t, i, first, extent);
            tiling_place(&t, i, at);
            assert_int_equal(tiling_index(&t, at), i);
            for (int d = 0; d < extent[0]; d++)
                for (int h = 0; h < extent[1]; h++)
                    for (int w = 0; w < extent[2]; w++)
                        seen[((first[0] + d) * 12 + first[1] + h) * 12 + first[2] + w]++;
            expected += extent[0] * extent[1] * extent[2];
        }
        assert_int_equal(expected, size[0] * size[1] * size[2]);
        for (int d = 0; d < size[0]; d++)
            for (int h = 0; h < size[1]; h++)
                for (int w = 0; w < size[2]; w++) assert_int_equal(seen[(d * 12 + h) * 12 + w], 1);
    }
}

static void what_cannot_be_cut(void **state)
{
    (void)state;
    struct tiling t;
    struct err e = {0};
    assert_int_equal(
        tiling_make((int[3]){1, 0, 4}, (int[3]){1, 4, 4}, (int[3]){0}, &t, &e), ATT_USAGE);
    err_clear(&e);
    assert_int_equal(
        tiling_make((int[3]){1, 4, 4}, (int[3]){1, 4, 0}, (int[3]){0}, &t, &e), ATT_USAGE);
    err_clear(&e);
    assert_int_equal(
        tiling_make((int[3]){1, 4, 4}, (int[3]){1, 4, 4}, (int[3]){0, -1, 0}, &t, &e), ATT_USAGE);
    err_clear(&e);
    assert_int_equal(
        tiling_make((int[3]){1, 4, 4}, (int[3]){1, 4, 4}, (int[3]){0, INT32_MAX / 2, 0}, &t, &e),
        ATT_USAGE);
    err_clear(&e);
    assert_int_equal(
        tiling_make((int[3]){2048, 2048, 2048}, (int[3]){1, 1, 1}, (int[3]){0}, &t, &e), ATT_USAGE);
    assert_non_null(strstr(e.text, "use larger tiles"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worked_example),
        cmocka_unit_test(every_voxel_has_one_tile),
        cmocka_unit_test(what_cannot_be_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
