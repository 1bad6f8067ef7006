/* SPDX-License-Identifier: Apache-2.0 */
/* Names in tables of comma-separated values are read as they were written. */
#include <string.h>

#include "files/csv_read.h"
#include "files/csv_write.h"
#include "unit/dataset/dataset_test.h"

static const char *const names[] = {"=1+2", "+a", "-b", "@c", " =d", "'=e", "''-f", "'g", "'",
    "-,h", "=\"i\"", "plain", " before", "behind ", "\tboth\t", "a,b", "a \"word\"", "\"", " ", "",
    "two  words", "two\nlines", "a\n\"b\",\n"};

static att_status fill(struct file_writer *w, const void *arg, struct err *cause)
{
    (void)arg;
    for (int i = 0; i < COUNT(names); i++) {
        TRY(csv_name(w, names[i], cause));
        TRY(csv_text(w, i + 1 < COUNT(names) ? "," : "\n", cause));
    }
    return ATT_OK;
}

static void names_there_and_back(void **state)
{
    (void)state;
    char *text, *at, *line;
    OK(csv_write("table.csv", fill, NULL, &e));
    OK(file_read_text("table.csv", 1000, &text, &e));
    at = text;
    line = csv_line(&at, NULL);
    for (int i = 0; i < COUNT(names); i++) {
        assert_non_null(line);
        assert_string_equal(csv_field(&line), names[i]);
    }
    assert_null(line);
    assert_null(csv_line(&at, NULL));
    mem_free(text);
}

static void quotes_may_hold_ends_of_lines(void **state)
{
    char text[] = "a,\"b\n\nc\"\n5\" d,\"e\n,\"f\n", *at = text, *line;
    int lines = 0;
    (void)state;
    assert_string_equal(csv_line(&at, &lines), "a,\"b\n\nc\"");
    assert_int_equal(lines, 3);
    /* a quote within a field is none; one that is not closed is a fault of its line */
    line = csv_line(&at, &lines);
    assert_string_equal(line, "5\" d,\"e\n,\"f");
    char open[] = "a,\"b\nc,d\n";
    at = open;
    assert_string_equal(csv_line(&at, &lines), "a,\"b");
    assert_string_equal(csv_line(&at, &lines), "c,d");
    assert_null(csv_line(&at, &lines));
}

/* Spreadsheets calculate such cells, and may start programs. */
static void names_are_no_formulas(void **state)
{
    (void)state;
    static const struct {
        const char *name, *cell;
    } list[] = {{"=1+2", "'=1+2"}, {"+a", "'+a"}, {"-5", "'-5"}, {"@c", "'@c"}, {"'=e", "''=e"},
        {"a=b", "a=b"}, {"'g", "'g"}, {"=a,b", "\"'=a,b\""}};
    for (int i = 0; i < COUNT(list); i++) {
        struct file_writer *w;
        char *text;
        OK(file_create("cell", &w, &e));
        OK(csv_name(w, list[i].name, &e));
        OK(file_commit(w, &e));
        OK(file_read_text("cell", 100, &text, &e));
        assert_string_equal(text, list[i].cell);
        mem_free(text);
    }
}

static void blanks_outside_of_quotes_go(void **state)
{
    (void)state;
    char text[] = "  a b \t, \" c \" ,d\r", open[] = "\"a", behind[] = "\"a\" b", *line = text;
    assert_string_equal(csv_field(&line), "a b");
    assert_string_equal(csv_field(&line), " c ");
    assert_string_equal(csv_field(&line), "d");
    assert_null(line);
    line = open;
    assert_null(csv_field(&line));
    line = behind;
    assert_null(csv_field(&line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_there_and_back),
        cmocka_unit_test(quotes_may_hold_ends_of_lines), cmocka_unit_test(names_are_no_formulas),
        cmocka_unit_test(blanks_outside_of_quotes_go)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
