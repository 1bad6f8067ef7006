/* SPDX-License-Identifier: Apache-2.0 */
/* Folds are counted from the first to the first that is not there. */
#include "model/run_files.h"

#include "base/text.h"
#include "files/file.h"
#include "unit/dataset/dataset_test.h"

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

static void folds_are_listed(void **state)
{
    (void)state;
    struct run_folds folds;
    static const char *const names[] = {"list/fold_10", "list/fold_2", "list/fold_02",
        "list/fold_all", "list/fold_3x", "list/fold_"};
    for (int i = 0; i < COUNT(names); i++) OK(file_make_folders(names[i], &e));
    OK(file_write_all("list/fold_4", "", 0, &e)); /* no folder */
    OK(run_list_folds("list", &folds, &e));
    assert_int_equal(folds.count, 2);
    assert_int_equal(folds.number[0], 2);
    assert_int_equal(folds.number[1], 10);
    REFUSED(run_list_folds("nowhere", &folds, &e), ATT_IO, "nowhere");
}

static void folds_are_not_counted_for_ever(void **state)
{
    (void)state;
    for (int i = 0; i < FOLDS_MAX + 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "many/" RUN_FOLD "%d", i);
        OK(file_make_folders(path, &e));
    }
    assert_int_equal(folds_of("many"), FOLDS_MAX);
}

static bool is_listed(const void *names, const char *name) { return text_index(names, name) >= 0; }

static void files_go_with_masks_of_any_name(void **state)
{
    (void)state;
    static const char *const masks[] = {"scan", "scan_overlay_1", "a_tiles_b", NULL};
    static const char *const with[] = {"scan_overlay", "scan_attention_gate.0", "scan_tiles",
        "scan_overlay_1_overlay", "scan_overlay_1_probability_1_x", "a_tiles_b_tiles"};
    static const char *const without[] = {"scan", "other_overlay", "a_tiles", "scan_1_overlay"};
    for (int i = 0; i < COUNT(with); i++)
        assert_true(run_is_mask_companion(with[i], is_listed, masks));
    for (int i = 0; i < COUNT(without); i++)
        assert_false(run_is_mask_companion(without[i], is_listed, masks));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(folds_are_counted),
        cmocka_unit_test(folds_are_listed), cmocka_unit_test(folds_are_not_counted_for_ever),
        cmocka_unit_test(files_go_with_masks_of_any_name)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
