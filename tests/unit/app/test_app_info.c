/* SPDX-License-Identifier: Apache-2.0 */
/* att_info of data sets and runs as they are found: few folds, logs that were cut. */
#include "unit/train/train_test.h"

static json_t *info(const char *path)
{
    att_context *c;
    char *text;
    assert_int_equal(att_context_create(1, "ref", NULL, &c), ATT_OK);
    if (att_info(c, path, NULL, &text) != ATT_OK) fail_msg("%s", att_context_error(c));
    assert_int_equal(att_info(c, path, NULL, NULL), ATT_OK);
    json_t *j = json_loads(text, 0, NULL);
    assert_non_null(j);
    att_text_free(text);
    att_context_destroy(c);
    return j;
}

static void folds_are_as_many_as_there_are(void **state)
{
    (void)state;
    put_boxes("set", 6, 1, 16, 16);
    json_t *j = info("set");
    assert_int_equal(json_array_size(json_object_get(j, "folds")), 5);
    json_decref(j);
    put_text("set/splits_final.json",
        "[{\"train\": [\"case_00\", \"case_01\"], \"val\": [\"case_02\"]}, {\"train\": "
        "[\"case_02\"], \"val\": [\"case_00\"]}]");
    j = info("set");
    const json_t *folds = json_object_get(j, "folds");
    assert_int_equal(json_array_size(folds), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(folds, 0), "train")), 2);
    json_decref(j);
}

static json_int_t last_step(const char *host)
{
    put_text("run/log.jsonl", host);
    json_t *j = info("run");
    json_int_t step = json_integer_value(json_object_get(json_object_get(j, "last"), "step"));
    json_decref(j);
    return step;
}

static void a_cut_line_of_the_log_does_not_count(void **state)
{
    (void)state;
    put_text("run/settings.json", "{}");
    assert_int_equal(last_step("{\"step\": 1}\n{\"step\": 2}\n"), 2);
    assert_int_equal(last_step("{\"step\": 1}\n{\"st"), 1);
    assert_int_equal(last_step("{\"st"), 0);
    assert_int_equal(last_step(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(folds_are_as_many_as_there_are, clear_set),
        cmocka_unit_test(a_cut_line_of_the_log_does_not_count)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
