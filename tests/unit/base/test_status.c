/* SPDX-License-Identifier: Apache-2.0 */
/* Error sentences: the first one stays. */
#include "unit/expect.h"

#include <string.h>

#include "base/status.h"

static void test_first_sentence_stays(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_set(&e, ATT_IO, "cannot read %s", "a.png"), ATT_IO);
    assert_int_equal(e.status, ATT_IO);
    assert_string_equal(e.text, "cannot read a.png");
    assert_int_equal(err_set(&e, ATT_DATA, "something that follows from it"), ATT_DATA);
    assert_int_equal(e.status, ATT_IO);
    assert_string_equal(e.text, "cannot read a.png");
    err_clear(&e);
    assert_int_equal(e.status, ATT_OK);
    assert_string_equal(e.text, "");
}

static void test_no_place_for_it(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ATT_MODEL, "nobody asked"), ATT_MODEL);
    assert_int_equal(err_memory(NULL, 8, "x"), ATT_MEMORY);
    err_clear(NULL);
}

static void test_memory(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_memory(&e, 123456, "the image"), ATT_MEMORY);
    assert_string_equal(e.text, "out of memory: cannot allocate 123456 bytes for the image");
}

static void test_long_sentence_is_cut(void **state)
{
    (void)state;
    struct err e = {0};
    char path[3000];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = 0;
    err_set(&e, ATT_IO, "cannot read %s", path);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

/* A precision counts bytes. */
static void test_no_half_letters(void **state)
{
    (void)state;
    static const struct {
        const char *format, *text, *wanted;
    } list[] = {
        {"--x takes 1, not '%.3s'", "a\xC3\xA4\xC3\xB6", "--x takes 1, not 'a\xC3\xA4'"},
        {"--x takes 1, not '%.4s'", "a\xC3\xA4\xC3\xB6", "--x takes 1, not 'a\xC3\xA4'"},
        {"%.3s: no such case", "\xF0\x9F\xA6\xB4", ": no such case"},
        {"%.4s: no such case", "\xF0\x9F\xA6\xB4", "\xF0\x9F\xA6\xB4: no such case"},
        {"unknown option %.3s...", "\xC3\xA4\xC3\xB6", "unknown option \xC3\xA4..."},
        {"what is %.2s", "\xE2\x82\xAC", "what is "},
        {"cannot open %.9s", "r\xE9sum\xE9.png", "cannot open r\xE9sum\xE9.pn"}, /* ISO 8859-1 */
        {"%s", "\xC3\xA4 \xE2\x82\xAC", "\xC3\xA4 \xE2\x82\xAC"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct err e = {0};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        err_set(&e, ATT_USAGE, list[i].format, list[i].text);
#pragma GCC diagnostic pop
        assert_string_equal(e.text, list[i].wanted);
    }
    struct err e = {0};
    char path[3000];
    for (size_t i = 0; i < sizeof path; i++) path[i] = i % 2 ? '\xA4' : '\xC3';
    path[sizeof path - 1] = 0;
    err_set(&e, ATT_IO, "cannot read %s", path); /* the room ends within a letter, or not */
    size_t first = strlen(e.text);
    err_clear(&e);
    err_set(&e, ATT_IO, "cannot reads %s", path);
    assert_true(first + strlen(e.text) == 2 * sizeof e.text - 3);
}

static att_status gives(att_status status) { return status; }

static att_status forwards(att_status status, int *reached)
{
    TRY(gives(status));
    *reached = 1;
    return ATT_OK;
}

static void test_try(void **state)
{
    (void)state;
    int reached = 0;
    assert_int_equal(forwards(ATT_DATA, &reached), ATT_DATA);
    assert_int_equal(reached, 0);
    assert_int_equal(forwards(ATT_OK, &reached), ATT_OK);
    assert_int_equal(reached, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_sentence_stays),
        cmocka_unit_test(test_no_place_for_it),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_long_sentence_is_cut),
        cmocka_unit_test(test_no_half_letters),
        cmocka_unit_test(test_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
