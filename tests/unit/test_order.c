/* SPDX-License-Identifier: Apache-2.0 */
/* Orders at the ends of their types, medians and quantiles. */
#include "base/order.h"

#include <limits.h>

#include "dataset_test.h"

static void numbers_are_ordered_at_the_ends_of_their_types(void **state)
{
    (void)state;
    const int i[2] = {INT_MIN, INT_MAX};
    const int64_t s[2] = {INT64_MIN, INT64_MAX};
    const float f[2] = {-1e38f, 3e38f};
    const double d[2] = {-1e-300, 1e-300};
    assert_true(order_ints(&i[0], &i[1]) < 0 && order_ints(&i[1], &i[0]) > 0 && order_ints(&i[0], &i[0]) == 0);
    assert_true(order_sizes(&s[0], &s[1]) < 0 && order_sizes(&s[1], &s[0]) > 0 && order_sizes(&s[0], &s[0]) == 0);
    assert_true(order_floats(&f[0], &f[1]) < 0 && order_floats(&f[1], &f[0]) > 0 && order_floats(&f[0], &f[0]) == 0);
    assert_true(order_doubles(&d[0], &d[1]) < 0 && order_doubles(&d[1], &d[0]) > 0 && order_doubles(&d[0], &d[0]) == 0);
}

static void quantiles_lie_between_neighbours(void **state)
{
    (void)state;
    const double x[4] = {1, 2, 4, 8};
    assert_true(order_median(x, 4) == 3 && order_median(x, 3) == 2 && order_median(x, 1) == 1);
    assert_true(order_quantile(x, 4, 0) == 1 && order_quantile(x, 4, 1) == 8);
    assert_true(order_quantile(x, 4, .25) == 1.75 && order_quantile(x, 4, .75) == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_ordered_at_the_ends_of_their_types),
        cmocka_unit_test(quantiles_lie_between_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
