/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers have a decimal point in every locale. */
#include "unit/expect.h"

#include <limits.h>
#include <locale.h>
#include <math.h>

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
    number_shortest(text, .1, 15);
    assert_string_equal(text, "0.1");
    number_shortest(text, 1. / 3, 6);
    assert_true(number_read(text, &end) == 1. / 3 && !*end);
    number_shortest(text, 123456789, 3);
    assert_string_equal(text, "123456789");
    number_short(text, .1f, 6);
    assert_string_equal(text, "0.1");
    char size[NUMBER_SIZE];
    assert_string_equal(number_size((int[]){36, 50, 35}, false, size), "36x50x35");
    assert_string_equal(number_size((int[]){1, 50, 35}, true, size), "50x35");
    double v[3];
    assert_true(number_read3("0x0.5x1e1", v)); /* nothing hexadecimal */
    assert_true(v[0] == 0 && v[1] == .5 && v[2] == 10);
    assert_true(number_read3("0", v));
    assert_true(v[0] == 0 && v[1] == 0 && v[2] == 0);
    static const char *const bad[] = {"", "1", "x", "1x", "1x2", "1x2x", "1x2x3x", "1x2x3x4",
        "1xx3", " 1x2x3", "1x2x3 ", "1x,x3", "1x2xinf"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(number_read3(bad[i], v));
}

/* 0.3 as a float is 0.300000012 as a double, which nobody wrote. */
static void floats_are_what_was_meant(void **state)
{
    (void)state;
    static const double meant[] = {0, .3, -0.00025, 1.1, 123456, 16777217, 3.4e38, .1234567};
    for (size_t i = 0; i < sizeof meant / sizeof *meant; i++)
        assert_true(
            number_of_float((float)meant[i]) == (meant[i] == 16777217 ? 16777216 : meant[i]));
    const float next = nextafterf(.3f, 1);
    assert_true(number_of_float(next) != .3 && (float)number_of_float(next) == next);
}

static void sizes_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int count, v[3];
    } good[] = {{"7", 1, {1, 1, 7}}, {"0x12", 2, {1, 0, 12}}, {"3x004X5", 3, {3, 4, 5}},
        {"2147483647", 1, {1, 1, INT_MAX}}, {"1x1x1", 3, {1, 1, 1}}, {"65537x2", 2, {1, 65537, 2}}};
    static const char *const bad[] = {"", "x", "2x", "x2", "2xx2", "2x2x2x", "2x2x2x2", " 2", "2 ",
        "2x 2", "2 x 2", "-2", "+2", "2x-2", "2.5", "1e2", "2147483648", "2x99999999999999999999",
        "2,2", "auto", "2*2", "0xx1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int v[3];
        assert_int_equal(number_read_size(good[i].text, v), good[i].count);
        assert_memory_equal(v, good[i].v, sizeof v);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(number_read_size(bad[i], (int[3]){0}), 0);
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
        cmocka_unit_test(floats_are_what_was_meant),
        cmocka_unit_test(sizes_are_read),
        cmocka_unit_test(test_with_a_decimal_comma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
