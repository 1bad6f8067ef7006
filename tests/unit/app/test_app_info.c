/* SPDX-License-Identifier: Apache-2.0 */
/* att_info of data sets and runs as they are found: few folds, logs that were cut. */
#include <fcntl.h>

#include "app/info.h"
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

/* A file with holes: more bytes than readers of whole files take, but hardly any on the disk. */
static void a_log_may_be_of_any_length(void **state)
{
    enum { LINES = 257, LINE = 1 << 20 };
    static const char row[] = "{\"step\": 7}\n";
    char *text;
    size_t size;
    json_t *json = NULL;
    (void)state;
    put_text("run/settings.json", "{}");
    const int fd = open("run/log.jsonl", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (off_t i = 1; i <= LINES; i++) assert_int_equal(pwrite(fd, "\n", 1, i * LINE - 1), 1);
    assert_int_equal(pwrite(fd, row, sizeof row - 1, (off_t)LINES * LINE), sizeof row - 1);
    close(fd);
    REFUSED(file_read("run/log.jsonl", 256 << 20, &text, &size, &e), ATT_DATA, "run/log.jsonl");
    OK(info_last_row("run", &json, &e));
    assert_int_equal(json_integer_value(json_object_get(json, "step")), 7);
    json_decref(json);
    file_remove("run/log.jsonl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(folds_are_as_many_as_there_are, clear_set),
        cmocka_unit_test(a_cut_line_of_the_log_does_not_count),
        cmocka_unit_test(a_log_may_be_of_any_length)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
