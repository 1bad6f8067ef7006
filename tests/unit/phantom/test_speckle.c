/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of speckle against theory, with bounds of several standard errors. */
#include "phantom/speckle.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

enum { H = 256, W = 256, N = H * W };
static float x[N];

static double mean_of(const float *v, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)v[i];
    return sum / n;
}

static double deviation_of(const float *v, int n)
{
    double mean = mean_of(v, n), sum = 0;
    for (int i = 0; i < n; i++) sum += ((double)v[i] - mean) * ((double)v[i] - mean);
    return sqrt(sum / n);
}

static void near(double found, double wanted, double by)
{
    if (!(fabs(found - wanted) <= by)) fail_msg("%g is not within %g of %g", found, by, wanted);
}

static void fields_have_unit_variance_and_their_correlation(void **state)
{
    (void)state;
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    double along = 0, down = 0;
    OK(speckle_field(x, (const int[3]){1, H, W}, (const double[3]){0, 1, 3}, &r, &e));
    near(mean_of(x, N), 0, 0.1);
    near(deviation_of(x, N), 1, 0.06);
    for (int i = 0; i < N - W; i++) {
        along += (double)x[i] * (double)x[i + 4] / (N - W);
        down += (double)x[i] * (double)x[i + W] / (N - W);
    }
    near(along, exp(-16.0 / 36), 0.08); /* exp(-d^2 / (4 sigma^2)) */
    near(down, exp(-1.0 / 4), 0.08);
}

static void one_look_is_rayleigh_in_decibel(void **state)
{
    (void)state;
    struct rng r = rng_stream(2, RNG_TEST, 0, 0);
    const struct probe p = {.axial = 0.6, .lateral = 1, .looks = 1, .range = 255, .level = 128};
    memset(x, 0, sizeof x);
    OK(speckle_image(x, H, W, &p, &r, &e));
    /* 20 log10 of a Rayleigh envelope with mean square 2: mean 10 log10(2) - 2.5068,
     * deviation 5.5696 dB */
    near(mean_of(x, N), 128 + 3.0103 - 2.5068, 0.15);
    near(deviation_of(x, N), 5.5696, 0.12);
}

static void looks_calm_it(void **state)
{
    (void)state;
    struct rng r = rng_stream(3, RNG_TEST, 0, 0);
    const struct probe p = {.axial = 0.6, .lateral = 1, .looks = 4, .range = 255, .level = 128};
    memset(x, 0, sizeof x);
    OK(speckle_image(x, H, W, &p, &r, &e));
    /* The mean of four envelopes varies by sqrt(4 / pi - 1) / 2, times 20 / ln 10 to first order.
     */
    near(deviation_of(x, N), 20 / log(10) * sqrt(4 / acos(-1) - 1) / 2, 0.12);
}

static void echo_strength_is_kept_and_grey_is_cut(void **state)
{
    (void)state;
    struct rng r = rng_stream(4, RNG_TEST, 0, 0);
    const struct probe p = {.axial = 0.6, .lateral = 1, .looks = 3, .range = 60, .level = 150};
    for (int i = 0; i < N; i++) x[i] = i < N / 2 ? 0 : -12;
    OK(speckle_image(x, H, W, &p, &r, &e));
    near(mean_of(x, N / 2 - 4 * W) - mean_of(x + N / 2 + 4 * W, N / 2 - 4 * W), 12 * 255 / 60.0, 1);
    for (int i = 0; i < N; i++) x[i] = i < N / 2 ? -300 : 300;
    OK(speckle_image(x, H, W, &p, &r, &e));
    assert_true(x[0] == 0 && x[N - 1] == 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_have_unit_variance_and_their_correlation),
        cmocka_unit_test(one_look_is_rayleigh_in_decibel),
        cmocka_unit_test(looks_calm_it),
        cmocka_unit_test(echo_strength_is_kept_and_grey_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
