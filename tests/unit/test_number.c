/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers have a decimal point in every locale. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h> /* needs those above */
/* clang-format on */

#include <locale.h>

#include "base/number.h"

static void check(void)
{
    char text[32], *end;
    const char *half = "-0.5e+1,7";
    assert_true(number_read(half, &end) == -5);
    assert_string_equal(end, ",7");
    assert_true(number_read("x", &end) == 0);
    assert_string_equal(end, "x");
    assert_int_equal(number_write(text, sizeof text, "%d;%.6g", 3, 0.25), 6);
    assert_string_equal(text, "3;0.25");
}

static void test_plain(void **state)
{
    (void)state;
    check();
}

static void test_with_a_decimal_comma(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    const char *found = NULL;
    for (int i = 0; i < 4 && !found; i++) found = setlocale(LC_ALL, names[i]);
    if (!found) skip(); /* none is installed */
    assert_string_equal(localeconv()->decimal_point, ",");
    check();
    assert_string_equal(localeconv()->decimal_point, ",");
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_with_a_decimal_comma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
