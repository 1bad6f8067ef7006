/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of work in tasks: every piece is in one, tasks are as large as wanted, and never too many.
 */
#include "unit/expect.h"

#include "base/tasks.h"

static void every_piece_is_in_one_task(void **state)
{
    (void)state;
    for (size_t count = 0; count < 40; count++)
        for (size_t cost = 0; cost < 12; cost++) {
            struct tasks t = tasks_cut(count, cost, 10);
            size_t next = 0;
            for (int k = 0; k < tasks_count(&t); k++) {
                assert_true(tasks_from(&t, k) == next && tasks_till(&t, k) > next);
                next = tasks_till(&t, k);
            }
            assert_true(next == count);
        }
}

static void tasks_cost_what_is_wanted(void **state)
{
    (void)state;
    struct tasks t = tasks_cut(1000, 30, 100);
    assert_true(t.each == 3 && tasks_count(&t) == 334 && tasks_till(&t, 333) == 1000);
    t = tasks_cut(1000, 101, 100);
    assert_true(t.each == 1 && tasks_count(&t) == 1000);
}

static void there_are_never_too_many(void **state)
{
    (void)state;
    struct tasks t = tasks_cut(SIZE_MAX, 1000, 10);
    assert_true(tasks_count(&t) > 0 && tasks_count(&t) <= 1 << 21);
    assert_true(tasks_till(&t, tasks_count(&t) - 1) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_is_in_one_task),
        cmocka_unit_test(tasks_cost_what_is_wanted),
        cmocka_unit_test(there_are_never_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
