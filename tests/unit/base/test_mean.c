/* SPDX-License-Identifier: Apache-2.0 */
/* Means that leave out what is no number. */
#include "unit/expect.h"

#include "base/mean.h"

static void what_is_no_number_does_not_count(void **state)
{
    (void)state;
    struct mean m = {0};
    assert_true(isnan(mean_of(&m)));
    mean_add(&m, (double)NAN);
    assert_true(isnan(mean_of(&m)) && m.count == 0);
    mean_add(&m, 0);
    mean_add(&m, .75);
    mean_add(&m, (double)NAN);
    assert_true(mean_of(&m) == .375 && m.count == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_number_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
