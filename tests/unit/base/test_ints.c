/* SPDX-License-Identifier: Apache-2.0 */
/* Division that rounds up, also where a sum would overflow. */
#include "unit/expect.h"

#include <limits.h>

#include "base/ints.h"

static void remainders_count_as_one_more(void **state)
{
    (void)state;
    assert_int_equal(divide_up(0, 4), 0);
    assert_int_equal(divide_up(1, 4), 1);
    assert_int_equal(divide_up(4, 4), 1);
    assert_int_equal(divide_up(5, 4), 2);
    assert_int_equal(round_up(0, 16), 0);
    assert_int_equal(round_up(16, 16), 16);
    assert_int_equal(round_up(17, 16), 32);
    assert_int_equal(round_up(7, 1), 7);
}

static void large_numbers_do_not_overflow(void **state)
{
    (void)state;
    assert_int_equal(divide_up(INT_MAX, 2), INT_MAX / 2 + 1);
    assert_int_equal(divide_up(INT_MAX, INT_MAX), 1);
    assert_true(divide_up_size(SIZE_MAX, 2) == SIZE_MAX / 2 + 1);
    assert_true(divide_up_size(SIZE_MAX - 1, SIZE_MAX) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remainders_count_as_one_more),
        cmocka_unit_test(large_numbers_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
