/* SPDX-License-Identifier: Apache-2.0 */
/* att_info of a run lists its validation cases with their files and scores. */
#include "unit/train/train_test.h"

static json_t *cases_of(const char *run)
{
    att_context *c;
    char *text;
    assert_int_equal(att_context_create(1, "ref", NULL, &c), ATT_OK);
    if (att_info(c, run, NULL, &text) != ATT_OK) fail_msg("%s", att_context_error(c));
    json_t *j = json_loads(text, 0, NULL), *cases = json_object_get(j, "validation_cases");
    assert_non_null(cases);
    json_incref(cases);
    json_decref(j);
    att_text_free(text);
    att_context_destroy(c);
    return cases;
}

static const char *file(const json_t *one, const char *key)
{
    const json_t *list = json_object_get(one, key);
    assert_int_equal(json_array_size(list), 1);
    return json_string_value(json_array_get(list, 0));
}

static void validation_cases_have_files_and_scores(void **state)
{
    (void)state;
    put_boxes("set", 4, 1, 16, 16);
    put_text("run/settings.json",
        "{\"dataset_path\": \"set\", \"settings\": {}, \"train\": [\"case_00\"],"
        " \"val\": [\"case_02\", \"case_03\", \"case_09\"]}");
    put_text("run/summary.json",
        "{\"metric_per_case\": [{\"metrics\": {\"1\": {\"Dice\": 0.25, \"IoU\": 0.5}},"
        " \"prediction_file\": \"case_03.nii\", \"reference_file\": \"case_03.nii\"}]}");
    put_text("run/validation/case_02.nii", "x");
    put_text("run/validation/case_02_overlay.png", "x");
    json_t *cases = cases_of("run");
    assert_int_equal(json_array_size(cases), 2); /* case_09 is not in the set */
    const json_t *first = json_array_get(cases, 0), *second = json_array_get(cases, 1);
    assert_string_equal(json_string_value(json_object_get(first, "case")), "case_02");
    assert_string_equal(file(first, "images"), "set/images/case_02.nii");
    assert_string_equal(file(first, "labels"), "set/labels/case_02.nii");
    assert_string_equal(
        json_string_value(json_object_get(first, "mask")), "run/validation/case_02.nii");
    assert_true(json_is_null(json_object_get(first, "dice")));
    assert_true(json_is_null(json_object_get(second, "mask")));
    assert_true(json_real_value(json_object_get(second, "dice")) == .25);
    json_decref(cases);
}

static void a_run_without_its_data_has_none(void **state)
{
    (void)state;
    put_text("run/settings.json", "{\"dataset_path\": \"moved\", \"val\": [\"case_02\"]}");
    json_t *cases = cases_of("run");
    assert_int_equal(json_array_size(cases), 0);
    json_decref(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(validation_cases_have_files_and_scores, clear_set),
        cmocka_unit_test(a_run_without_its_data_has_none)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
