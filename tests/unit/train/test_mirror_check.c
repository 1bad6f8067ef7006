/* SPDX-License-Identifier: Apache-2.0 */
/* How many cases are tried with mirror images: what a twentieth of the training's work affords. */
#include "train/mirror_check.h"

#include "unit/dataset/dataset_test.h"

static void as_many_cases_as_the_work_affords(void **state)
{
    (void)state;
    /* 1000 steps of 2 patches are 6000 passes; a case takes 1 and 8 for each of its windows */
    assert_int_equal(mirror_check_cases(1000, 2, 3, 1, 42), 33);
    assert_int_equal(mirror_check_cases(1000, 2, 3, 1, 20), 20);
    assert_int_equal(mirror_check_cases(1000, 2, 2, 1, 100), 60);
    assert_int_equal(mirror_check_cases(1000, 2, 3, 8, 42), 4);
}

static void too_few_cases_show_nothing(void **state)
{
    (void)state;
    assert_int_equal(mirror_check_cases(1000, 2, 3, 9, 42), 0);
    assert_int_equal(mirror_check_cases(1000, 2, 3, 1, 3), 0);
    assert_int_equal(mirror_check_cases(1000, 2, 0, 1, 42), 0); /* not mirrored in training */
    assert_int_equal(mirror_check_cases(1000, 2, 3, 0, 42), 0); /* nothing validated */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_many_cases_as_the_work_affords),
        cmocka_unit_test(too_few_cases_show_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
