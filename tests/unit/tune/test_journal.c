/* SPDX-License-Identifier: Apache-2.0 */
/* Lines there and back, a half line, what is no journal. */
#include "tune/journal.h"

#include "files/file.h"
#include "unit/dataset/dataset_test.h"

static void half_lines_are_swept(void **state)
{
    (void)state;
    const char path[] = TEST_BINARY_DIR "/test_journal.jsonl";
    json_t *lines, *again;
    file_remove(path);
    OK(journal_read(path, &lines, &e));
    assert_int_equal(json_array_size(lines), 0);
    for (int i = 0; i < 3; i++)
        OK(journal_add(path, lines,
            json_pack("{s:s, s:i, s:f}", "event", "result", "trial", i, "dice", i / 3.), &e));
    OK(file_append(path, "{\"event\":\"tri", 13, &e));
    OK(journal_read(path, &again, &e));
    assert_true(json_equal(lines, again));
    json_decref(again);
    OK(journal_add(path, lines, json_pack("{s:s}", "event", "done"), &e));
    OK(journal_read(path, &again, &e));
    assert_int_equal(json_array_size(again), 4);
    assert_string_equal(journal_event(json_array_get(again, 3)), "done");
    json_decref(again);
    json_decref(lines);
    struct err fault = {0};
    OK(file_write_all(path, "{\"event\":\"begin\"}\n{\"no\":1}\n", 27, &e));
    assert_int_equal(journal_read(path, &lines, &fault), ATT_DATA);
    assert_non_null(strstr(fault.text, "line 2 is not an event of a search"));
    OK(file_write_all(path, "no journal\n", 11, &e));
    fault = (struct err){0};
    assert_int_equal(journal_read(path, &lines, &fault), ATT_DATA);
    OK(file_write_all(path, "{\"event\":\"begin\"}\n{\"event\":\"done\"}\n{]\n", 38, &e));
    fault = (struct err){0};
    assert_int_equal(journal_read(path, &lines, &fault), ATT_DATA);
    assert_non_null(strstr(fault.text, "line 3 is not valid JSON"));
    file_remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(half_lines_are_swept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
