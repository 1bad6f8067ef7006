/* SPDX-License-Identifier: Apache-2.0 */
/* Averages over blocks, and the way back. */
#include "image/shrink.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "unit/dataset/dataset_test.h"

static void blocks_of_an_axis(void **state)
{
    (void)state;
    assert_int_equal(shrink_length(8, 4), 2);
    assert_int_equal(shrink_length(9, 4), 3);
    assert_int_equal(shrink_length(3, 4), 1);
    assert_int_equal(shrink_length(7, 1), 7);
    assert_int_equal(shrink_length(2147483647, 2), 1073741824);
}

/* Every channel by itself; the last blocks hold what is left. */
static void means_of_blocks(void **state)
{
    (void)state;
    enum { VOXELS = 3 * 2 * 5 };
    float x[2 * VOXELS], y[2 * 2 * 1 * 2];
    for (int i = 0; i < VOXELS; i++) {
        x[i] = (float)i; /* 10 d + 5 h + w */
        x[VOXELS + i] = -(float)i;
    }
    shrink_image(x, 2, (int[]){3, 2, 5}, (int[]){2, 2, 3}, y, NULL);
    static const float wanted[] = {
        8.5f, 11, 23.5f, 26}; /* mean of d, h and w: 5 + 2.5 + 1, + 3.5; 20 + 2.5 + 1, + 3.5 */
    for (int i = 0; i < 4; i++) {
        assert_true(y[i] == wanted[i]);
        assert_true(y[4 + i] == -wanted[i]);
    }
}

/* The background needs more than half; others win with what they have, the smaller class when
 * equal. */
static void classes_of_blocks(void **state)
{
    (void)state;
    enum { UNKNOWN = 255 };
    static const struct {
        uint8_t block[6], wanted;
    } list[] = {
        {{0, 0, 0, 0, 1, 1}, 0},
        {{0, 0, 0, 1, 2, 2}, 2}, /* three of six are no majority */
        {{0, 0, 0, 2, 1, 3}, 1},
        {{3, 3, 2, 2, 0, 0}, 2},
        {{UNKNOWN, UNKNOWN, UNKNOWN, 0, 0, 4}, 0},
        {{UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 1, 1}, UNKNOWN},
        {{UNKNOWN, UNKNOWN, 0, 0, 7, 7}, 7}, /* two of the four that are known */
        {{254, 254, 254, 254, 254, 0}, 254},
    };
    for (int k = 0; k < COUNT(list); k++) {
        uint8_t y = 99;
        shrink_classes(list[k].block, (int[]){1, 2, 3}, (int[]){4, 2, 3}, UNKNOWN, &y, NULL);
        assert_int_equal(y, list[k].wanted);
    }
}

/* What is linear comes back as it was between the outer blocks' centres; beyond them it is
 * constant. */
static void planes_come_back(void **state)
{
    (void)state;
    enum { D = 6, H = 8, W = 9 };
    const int size[3] = {D, H, W}, by[3] = {3, 2, 4};
    const struct box all = {{0, 0, 0}, {D, H, W}};
    float x[2 * 4 * 3], y[D * H * W];
    for (int d = 0; d < 2; d++)
        for (int h = 0; h < 4; h++)
            for (int w = 0; w < 3; w++)
                x[(d * 4 + h) * 3 + w] =
                    (float)(3 * d + 1) + 10 * (float)(2 * h + .5) + 100 * (float)(4 * w + 1.5);
    shrink_back(x, 1, size, by, &all, y, NULL);
    for (int d = 0; d < D; d++)
        for (int h = 0; h < H; h++)
            for (int w = 0; w < W; w++) {
                double at[3] = {
                    fmin(fmax(d, 1), 4), fmin(fmax(h, .5), 6.5), fmin(fmax(w, 1.5), 9.5)};
                assert_true(fabs((double)y[(d * H + h) * W + w] -
                                (at[0] + 10 * at[1] + 100 * at[2])) < 1e-3);
            }
}

/* A part is the same bits as that part of the whole, whatever the threads. */
static void parts_are_parts_of_the_whole(void **state)
{
    (void)state;
    enum { D = 5, H = 70, W = 300, CHANNELS = 2 };
    const int size[3] = {D, H, W}, by[3] = {2, 4, 3};
    const struct box all = {{0, 0, 0}, {D, H, W}}, part = {{1, 33, 150}, {3, 37, 150}};
    size_t blocks = (size_t)3 * 18 * 100, voxels = (size_t)D * H * W;
    float *x = mem_array(blocks * CHANNELS, sizeof *x),
          *y = mem_array(voxels * CHANNELS, sizeof *y);
    float *z = mem_array((size_t)3 * 37 * 150 * CHANNELS, sizeof *z),
          *small = mem_array(2 * blocks * CHANNELS, sizeof *small);
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    struct pool *pool = pool_create(3);
    for (size_t i = 0; i < blocks * CHANNELS; i++) x[i] = (float)rng_range(&r, -1, 1);
    shrink_back(x, CHANNELS, size, by, &all, y, pool);
    shrink_back(x, CHANNELS, size, by, &part, z, NULL);
    for (int c = 0; c < CHANNELS; c++)
        for (int d = 0; d < 3; d++)
            for (int h = 0; h < 37; h++)
                assert_memory_equal(z + ((c * 3 + d) * 37 + h) * 150,
                    y + ((c * D + d + 1) * H + h + 33) * W + 150, 150 * sizeof *y);
    shrink_image(y, CHANNELS, size, by, small, NULL);
    shrink_image(y, CHANNELS, size, by, small + blocks * CHANNELS, pool);
    assert_memory_equal(small, small + blocks * CHANNELS, blocks * CHANNELS * sizeof *small);
    pool_destroy(pool);
    mem_free(x);
    mem_free(y);
    mem_free(z);
    mem_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_an_axis),
        cmocka_unit_test(means_of_blocks),
        cmocka_unit_test(classes_of_blocks),
        cmocka_unit_test(planes_come_back),
        cmocka_unit_test(parts_are_parts_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
