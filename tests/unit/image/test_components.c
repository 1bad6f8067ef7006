/* SPDX-License-Identifier: Apache-2.0 */
/* Components against a flood fill. */
#include "image/components.h"

#include "base/rng.h"
#include "unit/dataset/dataset_test.h"

enum { MOST = 4096 };

/* Fills from voxel `start` over all 26 neighbours. */
static void flood(const uint8_t *mask, const int size[3], int start, int32_t number, int32_t *label)
{
    int queue[MOST], count = 0;
    queue[count++] = start;
    label[start] = number;
    for (int i = 0; i < count; i++) {
        int at[3] = {
            queue[i] / size[2] / size[1], queue[i] / size[2] % size[1], queue[i] % size[2]};
        for (int k = 0; k < 27; k++) {
            int d = at[0] + k / 9 - 1, h = at[1] + k / 3 % 3 - 1, w = at[2] + k % 3 - 1,
                next = (d * size[1] + h) * size[2] + w;
            if (d < 0 || h < 0 || w < 0 || d >= size[0] || h >= size[1] || w >= size[2] ||
                !mask[next] || label[next])
                continue;
            label[next] = number;
            queue[count++] = next;
        }
    }
}

static void they_are_those_of_a_flood_fill(void **state)
{
    (void)state;
    static const int sizes[][3] = {
        {1, 1, 64}, {1, 64, 1}, {60, 1, 1}, {1, 40, 50}, {9, 12, 17}, {16, 16, 16}, {5, 2, 3}};
    for (int s = 0; s < COUNT(sizes); s++)
        for (uint32_t percent = 2; percent < 100; percent += 3) {
            uint8_t mask[MOST];
            int32_t truth[MOST] = {0}, label[MOST];
            int64_t voxels[MOST] = {0}, sizes_found[MOST];
            int n = sizes[s][0] * sizes[s][1] * sizes[s][2], expected = 0, count = -1;
            struct rng r = rng_stream(2, RNG_TEST, (uint32_t)s, percent);
            for (int i = 0; i < n; i++) mask[i] = rng_below(&r, 100) < percent ? 7 : 0;
            for (int i = 0; i < n; i++)
                if (mask[i] && !truth[i]) flood(mask, sizes[s], i, ++expected, truth);
            OK(components_label(mask, sizes[s], label, &count, &e));
            assert_int_equal(count, expected);
            assert_memory_equal(label, truth, (size_t)n * sizeof *label);
            for (int i = 0; i < n; i++)
                if (truth[i]) voxels[truth[i] - 1]++;
            components_sizes(label, (size_t)n, count, sizes_found);
            assert_memory_equal(sizes_found, voxels, (size_t)count * sizeof *voxels);
        }
}

/* Two combs whose teeth meet in the last row only: many joins of what began apart. */
static void late_joins_are_one_component(void **state)
{
    (void)state;
    enum { H = 30, W = 41 };
    uint8_t mask[H * W] = {0};
    int32_t label[H * W];
    int64_t voxels;
    int count;
    for (int h = 0; h < H; h++)
        for (int w = 0; w < W; w += 2) mask[h * W + w] = 1;
    for (int w = 0; w < W; w++) mask[(H - 1) * W + w] = 1;
    OK(components_label(mask, (const int[3]){1, H, W}, label, &count, &e));
    assert_int_equal(count, 1);
    for (int i = 0; i < H * W; i++) assert_int_equal(label[i], mask[i]);
    components_sizes(label, H * W, count, &voxels);
    assert_int_equal(voxels, (H - 1) * 21 + W);
}

static void nothing_has_no_component(void **state)
{
    (void)state;
    const uint8_t mask[12] = {0};
    int32_t label[12];
    int count = -1;
    OK(components_label(mask, (const int[3]){2, 2, 3}, label, &count, &e));
    assert_int_equal(count, 0);
    for (int i = 0; i < 12; i++) assert_int_equal(label[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_those_of_a_flood_fill),
        cmocka_unit_test(late_joins_are_one_component),
        cmocka_unit_test(nothing_has_no_component),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
