/* SPDX-License-Identifier: Apache-2.0 */
/* Distances against the nearest of all voxels, one by one. */
#include "kernel/distance.h"

#include <math.h>

#include "base/rng.h"
#include "unit/dataset/dataset_test.h"

static void scatter(uint8_t *mask, size_t n, uint32_t one_in, uint32_t stream)
{
    struct rng r = rng_stream(1, RNG_TEST, stream, 0);
    for (size_t i = 0; i < n; i++)
        mask[i] = rng_below(&r, one_in) == 0 ? (uint8_t)(1 + rng_below(&r, 255)) : 0;
}

static double nearest(
    const uint8_t *mask, const int size[3], const double spacing[3], const int at[3])
{
    double best = INFINITY;
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++)
            for (int w = 0; w < size[2]; w++) {
                if (!mask[(d * size[1] + h) * size[2] + w]) continue;
                double x = (d - at[0]) * spacing[0], y = (h - at[1]) * spacing[1],
                       z = (w - at[2]) * spacing[2];
                best = fmin(best, x * x + y * y + z * z);
            }
    return best;
}

/* The largest relative difference from the truth. */
static double worst_of(
    const uint8_t *mask, const int size[3], const double spacing[3], const float *found)
{
    double worst = 0;
    int i = 0;
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++)
            for (int w = 0; w < size[2]; w++, i++) {
                double truth = nearest(mask, size, spacing, (const int[3]){d, h, w}),
                       x = (double)found[i];
                worst = fmax(worst,
                    truth == x       ? 0
                        : truth == 0 ? INFINITY
                                     : fabs(x - truth) / truth);
            }
    return worst;
}

static void it_is_the_nearest_of_all(void **state)
{
    (void)state;
    static const int sizes[][3] = {
        {1, 1, 40}, {40, 1, 1}, {1, 37, 1}, {1, 23, 41}, {9, 1, 33}, {13, 17, 11}, {7, 19, 40}};
    static const double spacings[][3] = {{1, 1, 1}, {3, 0.5, 0.7}, {0.31, 2.6, 1}};
    for (int s = 0; s < COUNT(sizes); s++)
        for (uint32_t one_in = 4; one_in < 2000; one_in *= 9)
            for (int k = 0; k < COUNT(spacings); k++) {
                uint8_t mask[7 * 19 * 40];
                float found[7 * 19 * 40];
                size_t n = (size_t)(sizes[s][0] * sizes[s][1] * sizes[s][2]);
                scatter(mask, n, one_in, (uint32_t)s);
                mask[n / 3] = 1;
                OK(distance_squared(mask, sizes[s], spacings[k], found, NULL, &e));
                assert_true(worst_of(mask, sizes[s], spacings[k], found) <= (k == 0 ? 0 : 3e-7));
            }
}

static void an_empty_mask_is_infinitely_far(void **state)
{
    (void)state;
    const uint8_t mask[24] = {0};
    float found[24];
    OK(distance_squared(
        mask, (const int[3]){2, 3, 4}, (const double[3]){1, 2, 3}, found, NULL, &e));
    for (int i = 0; i < 24; i++) assert_true(isinf(found[i]) && found[i] > 0);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    enum { D = 10, H = 33, W = 45 };
    static uint8_t mask[D * H * W];
    static float one[D * H * W], three[D * H * W];
    const int size[3] = {D, H, W};
    const double spacing[3] = {2.7, 0.9, 1.1};
    struct pool *pool = pool_create(3);
    scatter(mask, sizeof mask, 500, 99);
    OK(distance_squared(mask, size, spacing, one, NULL, &e));
    OK(distance_squared(mask, size, spacing, three, pool, &e));
    assert_memory_equal(one, three, sizeof one);
    pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_nearest_of_all),
        cmocka_unit_test(an_empty_mask_is_infinitely_far),
        cmocka_unit_test(threads_change_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
