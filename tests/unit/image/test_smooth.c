/* SPDX-License-Identifier: Apache-2.0 */
/* Gaussian smoothing: its kernel, its borders, its axes. */
#include "image/smooth.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

static void a_point_becomes_the_kernel(void **state)
{
    (void)state;
    for (int axis = 0; axis < 3; axis++) {
        int size[3] = {1, 1, 1};
        double sigma[3] = {0}, sum = 0;
        float x[31] = {0};
        size[axis] = 31;
        sigma[axis] = 2;
        x[15] = 1;
        OK(smooth_gaussian(x, size, sigma, &e));
        for (int i = -6; i <= 6; i++) sum += exp(-i * i / 8.0);
        for (int i = 0; i < 31; i++) {
            int off = abs(i - 15);
            assert_true(fabs((double)x[i] - (off <= 6 ? exp(-off * off / 8.0) / sum : 0)) < 1e-7);
        }
    }
}

static void the_border_goes_on_for_ever(void **state)
{
    (void)state;
    float x[4] = {8, 0, 0, 0}, flat[6] = {3, 3, 3, 3, 3, 3};
    const double sigma[3] = {0.3, 0.3, 0.3}; /* reaches one voxel */
    double side = exp(-0.5 / 0.09), all = 1 + 2 * side;
    OK(smooth_gaussian(x, (const int[3]){1, 1, 4}, sigma, &e));
    assert_true(fabs((double)x[0] - 8 * (1 + side) / all) < 1e-6);
    assert_true(fabs((double)x[1] - 8 * side / all) < 1e-6);
    assert_true(x[2] == 0 && x[3] == 0);
    OK(smooth_gaussian(flat, (const int[3]){1, 2, 3}, (const double[3]){9, 9, 9}, &e));
    for (int i = 0; i < 6; i++) assert_true(fabsf(flat[i] - 3) < 1e-5f);
}

static void axes_are_apart(void **state)
{
    (void)state;
    enum { D = 9, H = 10, W = 11 };
    float x[D * H * W] = {0}, line[W] = {0};
    x[(4 * H + 5) * W + 6] = line[6] = 1;
    OK(smooth_gaussian(x, (const int[3]){D, H, W}, (const double[3]){0, 0, 1}, &e));
    OK(smooth_gaussian(line, (const int[3]){1, 1, W}, (const double[3]){5, 5, 1}, &e));
    for (int d = 0; d < D; d++)
        for (int h = 0; h < H; h++)
            for (int w = 0; w < W; w++)
                assert_true(
                    fabsf(x[(d * H + h) * W + w] - (d == 4 && h == 5 ? line[w] : 0)) < 1e-6f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_becomes_the_kernel),
        cmocka_unit_test(the_border_goes_on_for_ever),
        cmocka_unit_test(axes_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
