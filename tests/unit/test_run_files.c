/* SPDX-License-Identifier: Apache-2.0 */
/* Folds are counted from the first to the first that is not there. */
#include "model/run_files.h"

#include "base/file.h"
#include "dataset_test.h"

static int folds_of(const char *run)
{
    int count = -1;
    OK(run_count_folds(run, &count, &e));
    return count;
}

static void folds_are_counted(void **state)
{
    (void)state;
    assert_int_equal(folds_of("nowhere"), 0);
    OK(file_make_folders("run/fold_1", &e));
    assert_int_equal(folds_of("run"), 0);
    OK(file_make_folders("run/fold_0", &e));
    OK(file_make_folders("run/fold_3", &e));
    assert_int_equal(folds_of("run"), 2);
    OK(file_write_all("run/fold_2", "", 0, &e)); /* no folder */
    assert_int_equal(folds_of("run"), 2);
}

static void folds_are_not_counted_for_ever(void **state)
{
    (void)state;
    for (int i = 0; i < FOLDS_MOST + 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "many/" RUN_FOLD "%d", i);
        OK(file_make_folders(path, &e));
    }
    assert_int_equal(folds_of("many"), FOLDS_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(folds_are_counted), cmocka_unit_test(folds_are_not_counted_for_ever)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
