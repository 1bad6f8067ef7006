/* SPDX-License-Identifier: Apache-2.0 */
/* Orders at the ends of their types, medians and quantiles. */
#include "base/order.h"

#include <limits.h>
#include <math.h>

#include "base/rng.h"
#include "unit/dataset/dataset_test.h"

static void numbers_are_ordered_at_the_ends_of_their_types(void **state)
{
    (void)state;
    const int i[2] = {INT_MIN, INT_MAX};
    const int64_t s[2] = {INT64_MIN, INT64_MAX};
    const double d[2] = {-1e-300, 1e-300};
    assert_true(order_ints(&i[0], &i[1]) < 0 && order_ints(&i[1], &i[0]) > 0 &&
        order_ints(&i[0], &i[0]) == 0);
    assert_true(order_sizes(&s[0], &s[1]) < 0 && order_sizes(&s[1], &s[0]) > 0 &&
        order_sizes(&s[0], &s[0]) == 0);
    assert_true(order_doubles(&d[0], &d[1]) < 0 && order_doubles(&d[1], &d[0]) > 0 &&
        order_doubles(&d[0], &d[0]) == 0);
}

static void quantiles_lie_between_neighbours(void **state)
{
    (void)state;
    const double x[4] = {1, 2, 4, 8};
    assert_true(order_median(x, 4) == 3 && order_median(x, 3) == 2 && order_median(x, 1) == 1);
    assert_true(order_quantile(x, 4, 0) == 1 && order_quantile(x, 4, 1) == 8);
    assert_true(order_quantile(x, 4, .25) == 1.75 && order_quantile(x, 4, .75) == 5);
}

static double at(const void *x, int i) { return ((const double *)x)[i]; }

/* The same of numbers in any order as of sorted ones, with some of them equal. */
static void quantiles_need_no_order(void **state)
{
    (void)state;
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    for (int n = 1; n <= 40; n++) {
        double x[50], sorted[50];
        float moved[50];
        int holes = 0;
        for (int i = 0; i < n; i++) {
            x[i] = sorted[i] = (double)rng_below(&r, 12) - 5.5;
            moved[i] = (float)x[i];
        }
        for (; holes < n % 7; holes++) {
            x[n + holes] = x[holes];
            x[holes] = (double)NAN;
        }
        qsort(sorted, (size_t)n, sizeof *sorted, order_doubles);
        for (int k = 0; k <= 20; k++) {
            const double wanted = order_quantile(sorted, n, k / 20.);
            assert_true(order_quantile_each(at, x, n + holes, k / 20.) == wanted);
            assert_true(order_quantile_floats(moved, n, k / 20.) == wanted);
        }
        for (int k = 20; k >= 0; k -= 7)
            assert_true(
                order_quantile_floats(moved, n, k / 20.) == order_quantile(sorted, n, k / 20.));
    }
    static const double ends[] = {
        (double)INFINITY, 1, -(double)INFINITY, (double)INFINITY, (double)INFINITY};
    assert_true(order_quantile_each(at, ends, 5, 0) < -1e300 &&
        order_quantile_each(at, ends, 5, .5) > 1e300);
    assert_true(order_quantile_each(at, ends, 5, .25) == 1);
    assert_true(order_quantile_each(at, ends, 5, .1) < -1e300 &&
        order_quantile_each(at, ends, 5, .3) > 1e300);
    assert_true(order_quantile_each(at, NULL, 0, .5) == 0);
    assert_true(order_quantile_each(at, (double[]){(double)NAN}, 1, .5) == 0);
}

static void other_types_have_the_same_rule(void **state)
{
    (void)state;
    float f[4] = {8, 1, 4, 2};
    const int64_t s[4] = {1, 2, 4, 8};
    assert_true(order_quantile_floats(f, 4, .25) == 1.75 && order_quantile_floats(f, 4, 1) == 8);
    assert_true(order_quantile_sizes(s, 4, .25) == 1.75 && order_quantile_sizes(s, 1, .5) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_ordered_at_the_ends_of_their_types),
        cmocka_unit_test(quantiles_lie_between_neighbours),
        cmocka_unit_test(quantiles_need_no_order),
        cmocka_unit_test(other_types_have_the_same_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
