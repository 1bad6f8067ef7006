/* SPDX-License-Identifier: Apache-2.0 */
/* Error sentences: the first one stays. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h> /* needs those above */
/* clang-format on */

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
    assert_string_equal(e.text, "out of memory: 123456 bytes for the image could not be had");
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
        cmocka_unit_test(test_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
