/* SPDX-License-Identifier: Apache-2.0 */
/* Which steps are kept: first, last, and between them in equal ratios. */
#include "train/snapshots.h"

#include "base/mem.h"
#include "unit/dataset/dataset_test.h"

static void assert_kept(int64_t steps, int64_t count, const int64_t *wanted, int n)
{
    int found = 0;
    for (int64_t step = 0; step <= steps; step++)
        if (snapshot_due(step, steps, count)) {
            assert_true(found < n);
            assert_int_equal(step, wanted[found++]);
        }
    assert_int_equal(found, n);
}

static void steps_in_equal_ratios(void **state)
{
    (void)state;
    assert_kept(10000, 5, (const int64_t[]){0, 10, 100, 1000, 10000}, 5);
    assert_kept(60, 5, (const int64_t[]){0, 3, 8, 22, 60}, 5);
    assert_kept(10000, 2, (const int64_t[]){0, 10000}, 2);
    assert_kept(10000, 1, (const int64_t[]){10000}, 1);
    assert_kept(10000, 0, NULL, 0);
    assert_kept(3, 20, (const int64_t[]){0, 1, 2, 3}, 4); /* no more than there are */
    assert_kept(1, 3, (const int64_t[]){0, 1}, 2);
}

static void names_are_sorted_as_steps_are(void **state)
{
    (void)state;
    char *path = snapshot_path("run", 42);
    assert_string_equal(path, "run/snapshots/step_0000042.safetensors");
    mem_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_in_equal_ratios), cmocka_unit_test(names_are_sorted_as_steps_are)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
