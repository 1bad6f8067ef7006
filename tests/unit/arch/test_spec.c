/* SPDX-License-Identifier: Apache-2.0 */
/* The network spec: words, values, and the sentences for what is wrong with them. */
#include "unit/arch/net_test.h"

#include <stdio.h>

static void test_words(void **state)
{
    (void)state;
    struct spec s;
    struct err e = {0};
    must(spec_parse(&s, "  arch=lee\tin=3\n  width=8 ", &e), &e);
    assert_string_equal(s.text, "arch=lee in=3 width=8");
    assert_int_equal(s.count, 3);
    assert_string_equal(spec_get(&s, "in", "1"), "3");
    assert_string_equal(spec_get(&s, "gates", "yes"), "yes");
    assert_null(spec_get(&s, "gates", NULL));
}

static void test_bad_words(void **state)
{
    (void)state;
    struct spec s;
    struct err e = {0};
    static char longest[2000], many[400];
    assert_error(spec_parse(&s, "arch=lee width", &e), ATT_MODEL,
        "the network spec has \"width\" where key=value is expected");
    assert_error(spec_parse(&s, "=3", &e), ATT_MODEL,
        "the network spec has \"=3\" where key=value is expected");
    assert_error(spec_parse(&s, "in=", &e), ATT_MODEL,
        "the network spec has \"in=\" where key=value is expected");
    assert_error(
        spec_parse(&s, "in=1 in=2", &e), ATT_MODEL, "the network spec has in twice; keep one");
    assert_error(spec_parse(&s, " \n ", &e), ATT_MODEL,
        "the network spec is empty; an example: arch=attunet dims=2 in=1 classes=2 "
        "widths=16,32,64,128");
    memset(longest, 'x', sizeof longest - 1);
    assert_error(spec_parse(&s, longest, &e), ATT_MODEL,
        "the network spec is longer than 1023 characters; shorten it");
    for (int i = 0; i <= SPEC_MAX; i++) snprintf(many + 6 * i, 7, "k%02d=1 ", i);
    assert_error(spec_parse(&s, many, &e), ATT_MODEL,
        "the network spec has more than 32 words; remove some");
}

static void test_setting_a_key(void **state)
{
    (void)state;
    struct spec s;
    struct err e = {0};
    must(spec_parse(&s, "arch=lee in=3", &e), &e);
    must(spec_set(&s, "in", "1", &e), &e);
    must(spec_set(&s, "width", "8", &e), &e);
    assert_string_equal(s.text, "arch=lee in=1 width=8");
    assert_string_equal(spec_get(&s, "width", NULL), "8");
}

static void test_numbers(void **state)
{
    (void)state;
    struct spec s;
    struct err e = {0};
    int n;
    double x;
    must(spec_parse(&s, "in=3 width=3x sub=99999999999 psi_bias=-0.5 inter=nan", &e), &e);
    must(spec_int(&s, "in", 1, 1, 8, &n, &e), &e);
    assert_int_equal(n, 3);
    must(spec_int(&s, "classes", 2, 1, 8, &n, &e), &e);
    assert_int_equal(n, 2);
    assert_error(spec_int(&s, "in", 1, 4, 8, &n, &e), ATT_MODEL,
        "in=3 in the network spec: a whole number from 4 to 8 is needed");
    assert_error(spec_int(&s, "width", 1, 1, 8, &n, &e), ATT_MODEL,
        "width=3x in the network spec: a whole number from 1 to 8 is needed");
    assert_error(spec_int(&s, "sub", 1, 1, 8, &n, &e), ATT_MODEL,
        "sub=99999999999 in the network spec: a whole number from 1 to 8 is needed");
    must(spec_real(&s, "psi_bias", 0, &x, &e), &e);
    assert_true(x == -0.5);
    assert_error(spec_real(&s, "inter", 0, &x, &e), ATT_MODEL,
        "inter=nan in the network spec: a number between -1e30 and 1e30 is needed");
}

static void test_choices(void **state)
{
    (void)state;
    struct spec s;
    struct err e = {0};
    int n;
    bool on;
    must(spec_parse(&s, "gate=same signal=co gates=yes heads=1", &e), &e);
    must(spec_choice(&s, "gate", "grid", "none|grid|same", &n, &e), &e);
    assert_int_equal(n, 2);
    must(spec_choice(&s, "up", "nearest", "transpose|nearest|linear", &n, &e), &e);
    assert_int_equal(n, 1);
    assert_error(spec_choice(&s, "signal", "coarse", "coarse|up", &n, &e), ATT_MODEL,
        "signal=co in the network spec: choose one of coarse|up");
    must(spec_flag(&s, "gates", false, &on, &e), &e);
    assert_true(on);
    must(spec_flag(&s, "gate_out", true, &on, &e), &e);
    assert_true(on);
    assert_error(spec_flag(&s, "heads", false, &on, &e), ATT_MODEL,
        "heads=1 in the network spec: choose one of no|yes");
}

static void test_lists(void **state)
{
    (void)state;
    struct spec s;
    struct err e = {0};
    int list[SPEC_LEVELS], n;
    must(spec_parse(&s, "widths=4,8,16 a=4,0 b=, c=1,2,3,4,5,6,7,8,9,10,11", &e), &e);
    must(spec_list(&s, "widths", "1", list, SPEC_LEVELS, &n, &e), &e);
    assert_int_equal(n, 3);
    assert_int_equal(list[2], 16);
    must(spec_list(&s, "others", "1,2", list, SPEC_LEVELS, &n, &e), &e);
    assert_int_equal(n, 2);
    assert_error(spec_list(&s, "a", "1", list, SPEC_LEVELS, &n, &e), ATT_MODEL,
        "a=4,0 in the network spec: up to 10 whole numbers from 1 to 65536, separated by "
        "commas, are needed");
    assert_error(spec_list(&s, "b", "1", list, SPEC_LEVELS, &n, &e), ATT_MODEL,
        "b=, in the network spec: up to 10 whole numbers from 1 to 65536, separated by commas, "
        "are needed");
    assert_error(spec_list(&s, "c", "1", list, SPEC_LEVELS, &n, &e), ATT_MODEL,
        "c=1,2,3,4,5,6,7,8,9,10,11 in the network spec: up to 10 whole numbers from 1 to 65536, "
        "separated by commas, are needed");
    must(spec_parse(&s, "widths=16,,32", &e), &e);
    assert_error(spec_list(&s, "widths", "1", list, SPEC_LEVELS, &n, &e), ATT_MODEL,
        "widths=16,,32 in the network spec: up to 10 whole numbers from 1 to 65536, separated "
        "by commas, are needed");
}

static void test_axes(void **state)
{
    (void)state;
    struct spec s;
    struct err e = {0};
    int out[SPEC_LEVELS][3], n;
    must(spec_parse(&s, "a=1x2x3,2 b=3x2 c=2,0 d=2x2, e=1x2x3x4 f=9 h=+2 i=x2", &e), &e);
    must(spec_axes(&s, "a", 3, 8, out, SPEC_LEVELS, &n, &e), &e);
    assert_int_equal(n, 2);
    assert_true(out[0][0] == 1 && out[0][1] == 2 && out[0][2] == 3 && out[1][0] == 2 &&
        out[1][1] == 2 && out[1][2] == 2);
    must(spec_axes(&s, "b", 2, 8, out, SPEC_LEVELS, &n, &e), &e);
    assert_int_equal(n, 1);
    assert_true(out[0][0] == 1 && out[0][1] == 3 && out[0][2] == 2);
    must(spec_axes(&s, "none", 2, 8, out, SPEC_LEVELS, &n, &e), &e);
    assert_int_equal(n, 0);
    must(spec_axes(&s, "f", 2, 9, out, SPEC_LEVELS, &n, &e), &e);
    assert_true(out[0][0] == 1 && out[0][1] == 9);
    must(spec_axes(&s, "a", 2, 8, out, SPEC_LEVELS, &n, &e), &e); /* 1xHxW is HxW */
    assert_true(out[0][0] == 1 && out[0][1] == 2 && out[0][2] == 3);
    static const struct {
        const char *key;
        int dims;
    } bad[] = {{"b", 3}, {"c", 2}, {"d", 2}, {"e", 3}, {"f", 3}, {"h", 3}, {"i", 3}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_clear(&e);
        assert_int_equal(
            spec_axes(&s, bad[i].key, bad[i].dims, 8, out, SPEC_LEVELS, &n, &e), ATT_MODEL);
    }
    assert_error(spec_axes(&s, "c", 3, 4, out, 7, &n, &e), ATT_MODEL,
        "c=2,0 in the network spec: up to 7 sizes from 1 to 4 are needed, like 1x2x2,2x2x2");
    assert_error(spec_axes(&s, "a", 2, 4, out, 1, &n, &e), ATT_MODEL,
        "a=1x2x3,2 in the network spec: one size from 1 to 4 is needed, like 2 or 2x1");
}

static void test_unknown_keys(void **state)
{
    (void)state;
    struct spec s;
    struct err e = {0};
    must(spec_parse(&s, "arch=lee in=1", &e), &e);
    must(spec_only(&s, "arch in width", &e), &e);
    must(spec_parse(&s, "arch=lee widths=8", &e), &e);
    assert_error(spec_only(&s, "arch in width", &e), ATT_MODEL,
        "the network spec has an unknown key widths; choose from: arch in width");
    must(spec_parse(&s, "id=8", &e), &e);
    assert_error(spec_only(&s, "width arch", &e), ATT_MODEL,
        "the network spec has an unknown key id; choose from: width arch");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_bad_words),
        cmocka_unit_test(test_setting_a_key),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_axes),
        cmocka_unit_test(test_unknown_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
