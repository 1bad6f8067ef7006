/* SPDX-License-Identifier: Apache-2.0 */
/* Expected numbers of upsampling are those of torch's interpolate(align_corners=False). */
#include "image/resample.h"

#include <math.h>

#include "unit/format/format_test.h"

static void line(const float *x, int in, float *y, int out)
{
    OK(resample_linear(x, 1, (int[]){1, 1, in}, y, (int[]){1, 1, out}, NULL, &e));
}

static void twice_the_size_as_torch_does(void **state)
{
    (void)state;
    static const float x[] = {0, 4, 8, -4}, expected[] = {0, 1, 3, 5, 7, 5, -1, -4};
    float y[8];
    line(x, 4, y, 8);
    assert_memory_equal(y, expected, sizeof y);
}

static void growing_by_a_fraction(void **state)
{
    (void)state;
    static const float x[] = {3, 9, 12};
    static const double expected[] = {
        3, 5.4, 9, 10.8, 12}; /* at 0 (cut from -0.2), 0.4, 1, 1.6, 2 (cut from 2.2) */
    float y[5];
    line(x, 3, y, 5);
    for (int i = 0; i < 5; i++) assert_true(fabs((double)y[i] - expected[i]) < 1e-6);
}

static void two_axes_at_once(void **state)
{
    (void)state;
    static const float x[] = {0, 16, 32, 48}; /* [[0 16] [32 48]] = 16 w + 32 h */
    static const float expected[] = {0, 4, 12, 16, 8, 12, 20, 24, 24, 28, 36, 40, 32, 36, 44, 48};
    float y[16];
    OK(resample_linear(x, 1, (int[]){1, 2, 2}, y, (int[]){1, 4, 4}, NULL, &e));
    assert_memory_equal(y, expected, sizeof y);
}

/* Halving: weights 1/8, 3/8, 3/8, 1/8; at an edge the voxels that are not there are left out and
 * the others scaled: 3/7, 3/7, 1/7. */
static void shrinking_reads_everything(void **state)
{
    (void)state;
    static const float x[] = {7, 14, 21, 8, 16, 24, 7, 14};
    static const double expected[] = {(3 * 7 + 3 * 14 + 21) / 7.0, (14 + 3 * 21 + 3 * 8 + 16) / 8.0,
        (8 + 3 * 16 + 3 * 24 + 7) / 8.0, (24 + 3 * 7 + 3 * 14) / 7.0};
    float y[4];
    line(x, 8, y, 4);
    for (int i = 0; i < 4; i++) assert_true(fabs((double)y[i] - expected[i]) < 4e-6);
}

static void to_one_voxel_and_back(void **state)
{
    (void)state;
    static const float x[] = {1, 2, 3, 4, 5};
    float y[1], z[5];
    line(x, 5, y, 1); /* a triangle of half-width 5 around 2: 3, 4, 5, 4, 3 */
    assert_true(fabs((double)y[0] - 3) < 1e-6);
    line(y, 1, z, 5);
    for (int i = 0; i < 5; i++) assert_true(z[i] == y[0]);
}

static void constants_stay_and_nothing_is_lost(void **state)
{
    (void)state;
    float x[2 * 3 * 5 * 7], y[2 * 6 * 4 * 9];
    for (size_t i = 0; i < COUNT(x); i++) x[i] = i < COUNT(x) / 2 ? 2.5f : -1;
    OK(resample_linear(x, 2, (int[]){3, 5, 7}, y, (int[]){6, 4, 9}, NULL, &e));
    for (size_t i = 0; i < COUNT(y); i++)
        assert_true(fabsf(y[i] - (i < COUNT(y) / 2 ? 2.5f : -1)) < 1e-6f);
}

static void same_size_is_a_copy(void **state)
{
    (void)state;
    float x[2 * 2 * 3], y[2 * 2 * 3];
    for (size_t i = 0; i < COUNT(x); i++) x[i] = (float)i * 0.1f;
    OK(resample_linear(x, 2, (int[]){1, 2, 3}, y, (int[]){1, 2, 3}, NULL, &e));
    assert_memory_equal(x, y, sizeof x);
}

/* A ramp stays a ramp away from the edges, on each axis: what is interpolated lies where it should.
 */
static void axes_are_not_mixed_up(void **state)
{
    (void)state;
    enum { D = 8, H = 10, W = 12 };
    static float x[D * H * W], y[16 * 5 * 18];
    static const int in[] = {D, H, W}, out[] = {16, 5, 18};
    for (int i = 0; i < D * H * W; i++)
        x[i] = (float)(100 * (i / W / H) + 10 * (i / W % H) + i % W);
    OK(resample_linear(x, 1, in, y, out, NULL, &e));
    for (int d = 2; d < 14; d++)
        for (int h = 1; h < 4; h++)
            for (int w = 2; w < 16; w++) {
                double want = 100 * ((d + 0.5) / 2 - 0.5) + 10 * ((h + 0.5) * 2 - 0.5) +
                    ((w + 0.5) * 2 / 3 - 0.5);
                assert_true(fabs((double)y[(d * 5 + h) * 18 + w] - want) < 1e-3);
            }
}

static void threads_change_nothing(void **state)
{
    (void)state;
    static const int in[] = {9, 61, 67}, out[] = {14, 40, 90};
    size_t from = 2 * image_voxels(in), to = 2 * image_voxels(out);
    float *x = mem_array(from, sizeof *x), *one = mem_array(to, sizeof *one),
          *two = mem_array(to, sizeof *two);
    for (size_t i = 0; i < from; i++) x[i] = (float)(i * 2654435761u % 1000) / 7;
    struct pool *pool = pool_create(2);
    OK(resample_linear(x, 2, in, one, out, NULL, &e));
    OK(resample_linear(x, 2, in, two, out, pool, &e));
    assert_memory_equal(one, two, to * sizeof *one);
    pool_destroy(pool);
    mem_free(x);
    mem_free(one);
    mem_free(two);
}

static void too_many_voxels_are_refused(void **state)
{
    (void)state;
    float x = 1, y = 0;
    REFUSED(
        resample_linear(&x, 1, (int[]){1, 1, 1}, &y, (int[]){1 << 30, 1 << 30, 1 << 30}, NULL, &e),
        ATT_MEMORY, "1073741824");
}

static void labels_take_the_nearest_voxel(void **state)
{
    (void)state;
    static const uint8_t x[] = {1, 2, 3, 4, 5, 6};
    static const uint8_t twice[] = {1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 4, 4, 5,
        5, 6, 6},
                         third[] = {2, 5};
    uint8_t y[24];
    resample_nearest(x, (int[]){1, 2, 3}, y, (int[]){1, 4, 6});
    assert_memory_equal(y, twice, sizeof twice);
    resample_nearest(x, (int[]){1, 2, 3}, y, (int[]){1, 2, 1});
    assert_memory_equal(y, third, sizeof third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_the_size_as_torch_does),
        cmocka_unit_test(growing_by_a_fraction),
        cmocka_unit_test(two_axes_at_once),
        cmocka_unit_test(shrinking_reads_everything),
        cmocka_unit_test(to_one_voxel_and_back),
        cmocka_unit_test(constants_stay_and_nothing_is_lost),
        cmocka_unit_test(same_size_is_a_copy),
        cmocka_unit_test(axes_are_not_mixed_up),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(too_many_voxels_are_refused),
        cmocka_unit_test(labels_take_the_nearest_voxel),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
