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
    double v[3];
    assert_true(number_read3("0x0.5x1e1", v)); /* nothing hexadecimal */
    assert_true(v[0] == 0 && v[1] == .5 && v[2] == 10);
    assert_true(number_read3("0", v));
    assert_true(v[0] == 0 && v[1] == 0 && v[2] == 0);
    static const char *const bad[] = {"",        "1",    "x",      "1x",     "1x2",   "1x2x",   "1x2x3x",
                                      "1x2x3x4", "1xx3", " 1x2x3", "1x2x3 ", "1x,x3", "1x2xinf"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(number_read3(bad[i], v));
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
