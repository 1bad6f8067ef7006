/* SPDX-License-Identifier: Apache-2.0 */
/* JSON files as people and programs leave them. */
#include "files/json_file.h"

#include "unit/dataset/dataset_test.h"

static void a_mark_of_utf8_is_no_fault(void **state)
{
    (void)state;
    json_t *j;
    put_text("set/a.json", "\xef\xbb\xbf{\"a\": 1}\n");
    OK(json_file_read("set/a.json", &j, &e));
    assert_int_equal(json_integer_value(json_object_get(j, "a")), 1);
    json_decref(j);
}

static void faults_are_named_with_their_line(void **state)
{
    (void)state;
    json_t *j;
    put_text("set/a.json", "{\n\"a\": 1,\n}");
    REFUSED(
        json_file_read("set/a.json", &j, &e), ATT_DATA, "set/a.json: line 3 is not valid JSON (");
    assert_null(j);
    put_text("set/a.json", "{\"a\": 1,\n\"a\": 2}");
    REFUSED(json_file_read_as("set/a.json", ATT_USAGE, &j, &e), ATT_USAGE,
        "set/a.json: line 2 is not valid JSON (");
    put_text("set/a.json", "");
    REFUSED(json_file_read_as("set/a.json", ATT_MODEL, &j, &e), ATT_MODEL, "is not valid JSON");
    REFUSED(json_file_read("set/none.json", &j, &e), ATT_IO, "set/none.json");
    assert_null(j);
    REFUSED(json_parse("[1] 2", 5, "log", 6, ATT_DATA, &j, &e), ATT_DATA,
        "log: line 7 is not valid JSON (");
}

static void what_is_written_is_sorted_and_read_again(void **state)
{
    (void)state;
    json_t *j;
    char *text;
    size_t size;
    OK(json_file_write("set/b.json", json_pack("{s:f, s:i}", "b", .1, "a", 2), &e));
    OK(file_read("set/b.json", 100, &text, &size, &e));
    assert_string_equal(text, "{\n \"a\": 2,\n \"b\": 0.1\n}");
    mem_free(text);
    OK(json_file_read("set/b.json", &j, &e));
    assert_true(json_real_value(json_object_get(j, "b")) == .1);
    json_decref(j);
    REFUSED(json_file_write("set/b.json", NULL, &e), ATT_MEMORY, "set/b.json");
}

/* A file of a folder may be missing; a faulty or unwritable one is an error. */
static void files_of_a_folder(void **state)
{
    (void)state;
    json_t *j = json_pack("{s:i}", "b", 2);
    put_text("set/a.json", "");
    OK(json_file_write_in("set", "b.json", json_incref(j), &e));
    json_t *back = j;
    OK(json_file_read_in("set", "none.json", &back, &e));
    assert_null(back);
    OK(json_file_read_in("set", "b.json", &back, &e));
    assert_true(json_equal(back, j));
    json_decref(back);
    REFUSED(json_file_read_in("set", "a.json", &back, &e), ATT_DATA, "set/a.json: line 1");
    assert_null(back);
    REFUSED(json_file_write_in("set/none", "b.json", json_incref(j), &e), ATT_IO, "set/none");
    assert_int_equal(j->refcount, 1);
    json_decref(j);
}

static void unknown_keys_are_named_with_the_nearest(void **state)
{
    (void)state;
    static const char *const known[] = {"spacing", "orientation", NULL};
    json_t *j = json_pack("{s:i, s:i}", "spacing", 1, "spacinf", 2);
    REFUSED(json_check_keys(j, known, "a.json", ATT_MODEL, &e), ATT_MODEL,
        "a.json: unknown key \"spacinf\"; did you mean \"spacing\"?");
    json_object_del(j, "spacinf");
    OK(json_check_keys(j, known, "a.json", ATT_MODEL, &e));
    json_object_set_new(j, "colour", json_null());
    REFUSED(json_check_keys(j, known, "a.json", ATT_USAGE, &e), ATT_USAGE,
        "a.json: unknown key \"colour\"; remove it, or update attunet if a newer one wrote it");
    json_decref(j);
    OK(json_check_keys(NULL, known, "a.json", ATT_DATA, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_of_utf8_is_no_fault),
        cmocka_unit_test(faults_are_named_with_their_line),
        cmocka_unit_test(what_is_written_is_sorted_and_read_again),
        cmocka_unit_test(files_of_a_folder),
        cmocka_unit_test(unknown_keys_are_named_with_the_nearest),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
