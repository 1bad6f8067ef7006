/* SPDX-License-Identifier: Apache-2.0 */
/* The plain kernels against values worked out by hand (or from torch's documented formulas), since
 * everything else is held against them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/kmath.h"
#include "kernel/kernel.h"

static const struct kernels *ref(void) { return kernels_for(ISA_REF); }

static struct tensor planar(real *p, int n, int c, int d, int h, int w)
{
    struct tensor t = {p, {n, c, d, h, w}, 1, false};
    return t;
}

static void near_list(const real *got, const double *want, size_t n, double eps)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)got[i] - want[i]) <= eps))
            fail_msg("[%zu]: %.9g instead of %.9g", i, (double)got[i], want[i]);
}
#define NEAR(got, eps, ...)                                                                        \
    do {                                                                                           \
        const double want_[] = {__VA_ARGS__};                                                      \
        near_list(got, want_, sizeof want_ / sizeof *want_, eps);                                  \
    } while (0)

static void math_is_accurate(void **state)
{
    (void)state;
    double worst_exp = 0, worst_log = 0, worst_log1p = 0;
    for (int i = -7000; i <= 7000; i++) {
        double x = i * 0.1003, y = exp(x), small = exp(-fabs(x));
        worst_exp = fmax(worst_exp, fabs(kmath_exp(x) / y - 1));
        if (i) worst_log = fmax(worst_log, fabs(kmath_log(y) / log(y) - 1));
        worst_log1p = fmax(worst_log1p, fabs(kmath_log1p(small) / log1p(small) - 1));
    }
    assert_true(worst_exp < 1e-15 && worst_log < 1e-15 && worst_log1p < 1e-15);
    assert_true(kmath_exp(0) == 1 && kmath_exp(-1000) == 0 && isinf(kmath_exp(1000)) &&
        isnan(kmath_exp((double)NAN)));
    assert_true(
        kmath_log(1) == 0 && isinf(kmath_log(0)) && isnan(kmath_log(-1)) && kmath_log1p(0) == 0);
    assert_true(kmath_exp(-740) == exp(-740) && kmath_sigmoid(0) == 0.5 &&
        kmath_power(2, 10) == 1024 && kmath_power(3, 0) == 1);
}

static void moments(void **state)
{
    (void)state;
    real x[] = {1, 2, 3, 6, /* c 1 */ 10, 10, 10, 10, /* n 1 */ 5, 5, 5, 5, 0, 0, 20, 20}, mean[4],
         var[4];
    struct tensor t = planar(x, 2, 2, 1, 2, 2);
    ref()->moments(&t, true, mean, var, NULL);
    NEAR(mean, 0, 3, 10, 5, 10);
    NEAR(var, 1e-6, 3.5, 0, 0, 100);
    ref()->moments(&t, false, mean, var, NULL);
    NEAR(mean, 0, 4, 10);
    NEAR(var, 1e-6, 2.75, 50);
}

static void blocked_moments_and_pads(void **state)
{
    (void)state;
    real x[2 * LANES] = {0}, y[2 * LANES], mean[LANES], var[LANES], scale[LANES], shift[LANES];
    for (int c = 0; c < 3; c++) {
        x[c] = (real)c;
        x[LANES + c] = (real)(c + 2);
    }
    for (int c = 0; c < LANES; c++) {
        scale[c] = 2;
        shift[c] = -3;
    }
    struct tensor t = {x, {1, 3, 1, 1, 2}, LANES, false}, o = {y, {1, 3, 1, 1, 2}, LANES, false};
    ref()->moments(&t, false, mean, var, NULL);
    NEAR(mean, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    NEAR(var, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    ref()->affine(&t, &o, scale, shift, false, ACT_LEAKY, NULL);
    NEAR(y, 1e-7, -0.03, -0.01, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 5, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0);
}

static void norm_backward(void **state)
{
    (void)state;
    real x[] = {-1, 1, 3, 5}, dy[] = {1, 2, 3, 4}, dx[] = {1, 1, 1, 1};
    real scale = 1, shift = -2, mean = 2, rstd = 0.5, sum_dz, sum_dzx, a = 2, b = 3, c = 4;
    struct tensor tx = planar(x, 1, 1, 1, 1, 4), tdy = planar(dy, 1, 1, 1, 1, 4),
                  tdx = planar(dx, 1, 1, 1, 1, 4);
    /* z = -3, -1, 1, 3: dz = 0, 0, 3, 4 */
    ref()->norm_sums(
        &tx, &tdy, &scale, &shift, &mean, &rstd, false, ACT_RELU, &sum_dz, &sum_dzx, NULL);
    NEAR(&sum_dz, 0, 7);
    NEAR(&sum_dzx, 0, 7.5);
    ref()->norm_dx(&tx, &tdy, &tdx, &scale, &shift, &a, &b, &c, false, ACT_RELU, true, NULL);
    NEAR(dx, 0, 2, 8, 20, 28);
    ref()->channel_sum(&tx, &sum_dz, false, NULL);
    ref()->channel_sum(&tdy, &sum_dz, true, NULL);
    NEAR(&sum_dz, 0, 18);
}

static void pointwise(void **state)
{
    (void)state;
    real a[] = {1, -2}, b[] = {-3, 5}, y[2], dx[] = {10, 20}, one[] = {1, 1};
    struct tensor ta = planar(a, 1, 1, 1, 1, 2), tb = planar(b, 1, 1, 1, 1, 2),
                  ty = planar(y, 1, 1, 1, 1, 2);
    struct tensor tdx = planar(dx, 1, 1, 1, 1, 2), tone = planar(one, 1, 1, 1, 1, 2);
    ref()->add_act(&ta, &tb, &ty, ACT_LEAKY, NULL);
    NEAR(y, 1e-7, -0.02, 3);
    ref()->act_dx(&ty, &tone, &tdx, ACT_LEAKY, true, NULL);
    NEAR(dx, 1e-6, 10.01, 21);
    a[0] = 0;
    a[1] = (real)1.0986122886681098; /* ln 3 */
    ref()->sigmoid(&ta, &ty, NULL);
    NEAR(y, 1e-7, 0.5, 0.75);
    ref()->sigmoid_dx(&ty, &tone, &tdx, false, NULL);
    NEAR(dx, 1e-7, 0.25, 0.1875);
    real x[] = {1, 2, 3, 4}, map[] = {2, -1}, g[4], dmap[2];
    struct tensor tx = planar(x, 1, 2, 1, 1, 2), tm = planar(map, 1, 1, 1, 1, 2),
                  tg = planar(g, 1, 2, 1, 1, 2), td = planar(dmap, 1, 1, 1, 1, 2);
    ref()->gate(&tx, &tm, &tg, NULL);
    NEAR(g, 0, 2, -2, 6, -4);
    ref()->gate_dmap(&tx, &tg, &td, false, NULL);
    NEAR(dmap, 0, 20, -20);
    ref()->gate_dx(&tm, &tx, &tg, true, NULL);
    NEAR(g, 0, 4, -4, 12, -8);
}

static void pooling(void **state)
{
    (void)state;
    /* The tie goes to the first; the last column is dropped. */
    real x[] = {1, 7, 0, 0, 9, 7, 7, 0, 0, 9}, y[2], dy[] = {5, 6}, dx[10];
    const int factor[3] = {1, 2, 2};
    struct tensor tx = planar(x, 1, 1, 1, 2, 5), ty = planar(y, 1, 1, 1, 1, 2),
                  tdy = planar(dy, 1, 1, 1, 1, 2), tdx = planar(dx, 1, 1, 1, 2, 5);
    ref()->maxpool(&tx, &ty, factor, NULL);
    NEAR(y, 0, 7, 0);
    ref()->maxpool_dx(&tx, &ty, &tdy, &tdx, factor, false, NULL);
    NEAR(dx, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0, 0);
}

static void linear(void **state)
{
    (void)state;
    real x[] = {1, 3, 8}, y[6], z[5], one[4], dx[3];
    struct tensor tx = planar(x, 1, 1, 1, 1, 3), ty = planar(y, 1, 1, 1, 1, 6),
                  tz = planar(z, 1, 1, 1, 1, 5), t1 = planar(one, 1, 1, 1, 1, 4);
    struct tensor tdx = planar(dx, 1, 1, 1, 1, 3), column = planar(z, 1, 1, 5, 1, 1),
                  xcolumn = planar(x, 1, 1, 3, 1, 1);
    struct resize half = {false}, corners = {true};
    ref()->linear(&tx, &ty, half, NULL);
    NEAR(y, 1e-6, 1, 1.5, 2.5, 4.25, 6.75, 8);
    ref()->linear(&tx, &tz, corners, NULL);
    NEAR(z, 1e-6, 1, 2, 3, 5.5, 8);
    memset(z, 0, sizeof z);
    ref()->linear(&xcolumn, &column, corners, NULL);
    NEAR(z, 1e-6, 1, 2, 3, 5.5, 8);
    struct tensor four = planar(y, 1, 1, 1, 1, 4); /* sizes 3 -> 4: src = 0, .625, 1.375, 2.125 */
    ref()->linear(&tx, &four, half, NULL);
    NEAR(y, 1e-6, 1, 2.25, 4.875, 8);
    for (int i = 0; i < 4; i++) one[i] = (real)(1 << i);
    ref()->linear_dx(&t1, &tdx, half, false, NULL);
    NEAR(dx, 1e-6, 1 + 2 * 0.375, 2 * 0.625 + 4 * 0.625, 4 * 0.375 + 8);
    /* one source pixel, and two axes at once: the mean of four corners in the middle */
    real p[] = {1, 2, 4, 9}, q[9];
    struct tensor tp = planar(p, 1, 1, 1, 2, 2), tq = planar(q, 1, 1, 1, 3, 3);
    ref()->linear(&tp, &tq, corners, NULL);
    NEAR(q, 1e-6, 1, 1.5, 2, 2.5, 4, 5.5, 4, 6.5, 9);
    ref()->linear(&tp, &tq, half, NULL); /* src = 0, .5, 1 after clamping */
    NEAR(q, 1e-6, 1, 1.5, 2, 2.5, 4, 5.5, 4, 6.5, 9);
}

/* Two classes, four pixels; softmax of (0, ln 3) is (1/4, 3/4). */
static const real LN3 = (real)1.0986122886681098;

static void softmax_cross_entropy(void **state)
{
    (void)state;
    real z[] = {0, 0, 0, 5, LN3, LN3, 0, 5}, dx[8], weight[] = {1, 3};
    uint8_t label[] = {0, 1, 1, LABEL_IGNORE};
    struct loss_input in = {.logits = planar(z, 1, 2, 1, 2, 2), .label = label};
    struct tensor t = planar(dx, 1, 2, 1, 2, 2);
    real value;
    ref()->cross_entropy(&in, &value, NULL);
    NEAR(&value, 1e-6, (log(4) + log(4.0 / 3) + log(2)) / 3);
    ref()->cross_entropy_dx(&in, &(const real){3}, &t, false, NULL);
    NEAR(dx, 1e-6, -0.75, 0.25, 0.5, 0, 0.75, -0.25, -0.5, 0);
    in.weight = weight;
    ref()->cross_entropy(&in, &value, NULL);
    NEAR(&value, 1e-6, (log(4) + 3 * log(4.0 / 3) + 3 * log(2)) / 7);
    ref()->cross_entropy_dx(&in, &(const real){7}, &t, true, NULL);
    NEAR(dx, 1e-6, -1.5, 1, 2, 0, 1.5, -1, -2, 0);
    memset(label, LABEL_IGNORE, sizeof label);
    label[1] = 2; /* no such class: takes no part */
    ref()->cross_entropy(&in, &value, NULL);
    assert_true(value == 0);
    ref()->cross_entropy_dx(&in, &(const real){7}, &t, false, NULL);
    NEAR(dx, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void binary_cross_entropy(void **state)
{
    (void)state;
    real z[] = {0, LN3, -LN3, 100, 0, 0, 0, -1000}, dx[8], weight[] = {1, 2};
    uint8_t label[] = {1, 0, 1, 2};
    const struct class_set region[] = {{{1u << 1 | 1u << 2}}, {{1u << 2}}};
    struct loss_input in = {.logits = planar(z, 1, 1, 1, 1, 4), .label = label, .region = region};
    struct tensor t = planar(dx, 1, 1, 1, 1, 4);
    /* as torch's binary_cross_entropy_with_logits: log 2, log 4, log 4, 0 */
    real value;
    ref()->cross_entropy(&in, &value, NULL);
    NEAR(&value, 1e-6, (log(2) + log(4) + log(4)) / 4);
    ref()->cross_entropy_dx(&in, &(const real){4}, &t, false, NULL);
    NEAR(dx, 1e-6, -0.5, 0.75, -0.75, 0);
    in.logits.s.c = t.s.c = 2;
    in.weight = weight;
    ref()->cross_entropy(&in, &value, NULL);
    NEAR(&value, 1e-3, (log(2) + 2 * log(4) + 2 * (3 * log(2) + 1000)) / 8);
    ref()->cross_entropy_dx(&in, &(const real){8}, &t, false, NULL);
    NEAR(dx, 1e-6, -0.5, 0.75, -0.75, 0, 1, 1, 1, -2);
}

static void overlap_softmax(void **state)
{
    (void)state;
    real z[] = {0, 0, 0, 5, LN3, LN3, 0, 5}, dx[8];
    uint8_t label[] = {0, 1, 1, LABEL_IGNORE};
    double sums[6], slopes[] = {0, 0, 0.14, -0.26};
    struct loss_input in = {.logits = planar(z, 1, 2, 1, 2, 2), .label = label};
    struct tensor t = planar(dx, 1, 2, 1, 2, 2);
    /* class 0: p = 1/4 1/4 1/2; pt = 1/4, p = 1, t = 1.  class 1: p = 3/4 3/4 1/2; pt = 5/4, p = 2,
     * t = 2 */
    ref()->overlap(&in, sums, NULL);
    for (int i = 0; i < 6; i++)
        assert_true(fabs(sums[i] - (const double[]){0.25, 1, 1, 1.25, 2, 2}[i]) < 1e-6);
    /* by z1: p0 p1 times the slope of class 1 */
    ref()->overlap_dx(&in, slopes, &(const real){10}, &t, false, NULL);
    NEAR(dx, 1e-6, -0.2625, 0.4875, 0.65, 0, 0.2625, -0.4875, -0.65, 0);
}

static void overlap_regions(void **state)
{
    (void)state;
    real z[] = {0, LN3, -LN3, 0}, dx[] = {1, 1, 1, 1};
    uint8_t label[] = {1, 0, 0, 1};
    const struct class_set region[] = {{{2}}};
    double sums[6], slopes[] = {1, -2, 3, -4};
    struct loss_input in = {.logits = planar(z, 2, 1, 1, 1, 2), .label = label, .region = region};
    struct tensor t = planar(dx, 2, 1, 1, 1, 2);
    ref()->overlap(&in, sums, NULL);
    for (int i = 0; i < 6; i++)
        assert_true(fabs(sums[i] - (const double[]){0.5, 1.25, 1, 0.5, 0.75, 1}[i]) < 1e-6);
    /* p (1 - p) times the slope of the target */
    ref()->overlap_dx(&in, slopes, &(const real){16}, &t, true, NULL);
    NEAR(dx, 1e-6, 1 - 8, 1 + 3, 1 + 9, 1 - 16);
}

static void overlap_without_pixels(void **state)
{
    (void)state;
    real z[] = {1, 2, 3, 4, 5, 6}, dx[6];
    uint8_t label[] = {LABEL_IGNORE, LABEL_IGNORE};
    double sums[9], slopes[] = {1, 2, 3, 4, 5, 6};
    struct loss_input in = {.logits = planar(z, 1, 3, 1, 1, 2), .label = label};
    struct tensor t = planar(dx, 1, 3, 1, 1, 2);
    ref()->overlap(&in, sums, NULL);
    for (int i = 0; i < 9; i++) assert_true(sums[i] == 0);
    ref()->overlap_dx(&in, slopes, &(const real){1}, &t, false, NULL);
    NEAR(dx, 0, 0, 0, 0, 0, 0, 0);
}

static void sgd(void **state)
{
    (void)state;
    real p[] = {1}, g[] = {4}, m[] = {99};
    ref()->sgd(p, g, m, 1, (real)0.1, (real)0.5, false, (real)0.25, (real)0.5, true, NULL);
    NEAR(m, 1e-6, 2.25); /* the first step's buffer is the gradient, whatever it held */
    NEAR(p, 1e-6, 0.775);
    ref()->sgd(p, g, m, 1, (real)0.1, (real)0.5, true, 0, 1, false, NULL);
    NEAR(m, 1e-6, 5.125);
    NEAR(p, 1e-6, 0.775 - 0.1 * (4 + 0.5 * 5.125));
    real x[] = {3, 4};
    assert_true(ref()->sum_squares(x, 2, NULL) == 25);
}

static void adamw(void **state)
{
    (void)state;
    real p[] = {2}, g[] = {4}, m[] = {0}, v[] = {0};
    ref()->adamw(p, g, m, v, 1, (real)0.1, (real)0.9, (real)0.99, (real)1e-8, (real)0.5, (real)0.25,
        1, NULL);
    NEAR(m, 1e-6, 0.1);
    NEAR(v, 1e-6, 0.01);
    NEAR(p, 1e-6, 2 * 0.95 - 0.1); /* the first step is lr times the sign */
    ref()->adamw(
        p, g, m, v, 1, (real)0.1, (real)0.9, (real)0.99, (real)1e-8, 0, (real)-0.5, 2, NULL);
    NEAR(m, 1e-6, -0.11);
    NEAR(v, 1e-6, 0.0499);
    NEAR(p, 1e-6, 1.8 + 0.1 * (0.11 / 0.19) / sqrt(0.0499 / 0.0199));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(math_is_accurate),
        cmocka_unit_test(moments),
        cmocka_unit_test(blocked_moments_and_pads),
        cmocka_unit_test(norm_backward),
        cmocka_unit_test(pointwise),
        cmocka_unit_test(pooling),
        cmocka_unit_test(linear),
        cmocka_unit_test(softmax_cross_entropy),
        cmocka_unit_test(binary_cross_entropy),
        cmocka_unit_test(overlap_softmax),
        cmocka_unit_test(overlap_regions),
        cmocka_unit_test(overlap_without_pixels),
        cmocka_unit_test(sgd),
        cmocka_unit_test(adamw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
