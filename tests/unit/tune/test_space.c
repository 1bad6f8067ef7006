/* SPDX-License-Identifier: Apache-2.0 */
/* Values and their places, what is active, combinations, JSON there and back. */
#include "unit/tune/tune_test.h"

static void values_cover_their_range(void **state)
{
    (void)state;
    struct space s;
    small_space(&s, true);
    assert_true(dimension_value(&s.dim[0], 0) == -1 && dimension_value(&s.dim[0], 1) == 3 &&
        dimension_value(&s.dim[0], .5) == 1);
    assert_true(fabs(dimension_value(&s.dim[1], .5) - 1e-2) < 1e-6);
    assert_true(dimension_value(&s.dim[0], 1. / 3) ==
        .3333); /* four digits, so that text and number agree */
    int seen[6] = {0};
    for (int i = 0; i < 400; i++) seen[(int)dimension_value(&s.dim[3], i / 400.)]++;
    for (int v = 2; v <= 5; v++) assert_int_equal(seen[v], 100); /* equal parts */
    for (int i = 0; i < 3; i++)
        assert_true(dimension_value(&s.dim[2], dimension_unit(&s.dim[2], i)) == i);
    for (int v = 2; v <= 5; v++)
        assert_true(dimension_value(&s.dim[3], dimension_unit(&s.dim[3], v)) == v);
    assert_true(fabs(dimension_unit(&s.dim[1], 1e-2) - .5) < 1e-9);
    space_free(&s);
}

static void whole_numbers_by_factors(void **state)
{
    (void)state;
    const struct dimension d = {.kind = DIMENSION_INT, .log = true, .lo = 1, .hi = 64};
    int first = 0, max = 0;
    for (int i = 0; i < 1000; i++) {
        double x = dimension_value(&d, i / 1000.);
        assert_true(x == floor(x) && x >= 1 && x <= 64);
        first += x == 1;
        max += x > 32;
    }
    assert_true(first > 150 &&
        max < 200); /* 1 has as much as 3 times .. its factor, 33..64 one of seven doublings */
}

static void children_follow_their_parent(void **state)
{
    (void)state;
    struct space s;
    double x[4];
    small_space(&s, true);
    space_point(&s, (const double[]){.5, .5, .5, .9}, x);
    assert_true(x[2] == 1 && x[3] == 5);
    space_point(&s, (const double[]){.5, .5, .1, .9}, x);
    assert_true(x[2] == 0 && isnan(x[3]));
    x[2] = NAN;
    assert_false(space_active(&s, x, 3));
    space_free(&s);
}

static void combinations_are_all_and_each_once(void **state)
{
    (void)state;
    struct space s = {.count = 0};
    struct dimension *a = space_add(&s, "a", DIMENSION_CHOICE),
                     *b = space_add(&s, "b", DIMENSION_CHOICE);
    OK(dimension_add_choice(a, "x", 1, &e));
    OK(dimension_add_choice(a, "y", 1, &e));
    for (int i = 0; i < 3; i++) OK(dimension_add_choice(b, &"pqr"[i], 1, &e));
    b->parent = 0;
    b->when = 1 << 1; /* with y */
    double x[2];
    static const double expected[4][2] = {{0, NAN}, {1, 0}, {1, 1}, {1, 2}};
    for (int i = 0; i < 4; i++) {
        assert_true(space_combination(&s, i, x));
        assert_true(x[0] == expected[i][0] &&
            (x[1] == expected[i][1] || (isnan(x[1]) && isnan(expected[i][1]))));
    }
    assert_false(space_combination(&s, 4, x));
    space_free(&s);
}

static void points_go_through_json(void **state)
{
    (void)state;
    struct space s;
    struct err fault = {0};
    small_space(&s, true);
    for (int i = 0; i < 50; i++) {
        double x[4], back[4];
        space_point(&s, (const double[]){i / 50., 1 - i / 50., i % 3 / 3., .4}, x);
        json_t *j = space_point_to_json(&s, x);
        OK(space_point_from_json(&s, j, back, &e));
        for (int k = 0; k < 4; k++) assert_true(x[k] == back[k] || (isnan(x[k]) && isnan(back[k])));
        json_decref(j);
    }
    static const char *const bad[] = {"{}", "{\"a\":9,\"b\":0.1,\"c\":\"one\"}",
        "{\"a\":0,\"b\":0.1,\"c\":\"four\"}", "{\"a\":0,\"b\":0.1,\"c\":\"two\"}",
        "{\"a\":0,\"b\":0.1,\"c\":\"one\",\"d\":3}", "{\"a\":0,\"b\":0.1,\"c\":\"two\",\"d\":2.5}",
        "{\"a\":0,\"b\":0.1,\"c\":\"one\",\"z\":3}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double x[4];
        json_t *j = json_loads(bad[i], 0, NULL);
        assert_int_equal(space_point_from_json(&s, j, x, &fault), ATT_DATA);
        json_decref(j);
    }
    space_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_cover_their_range),
        cmocka_unit_test(whole_numbers_by_factors),
        cmocka_unit_test(children_follow_their_parent),
        cmocka_unit_test(combinations_are_all_and_each_once),
        cmocka_unit_test(points_go_through_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
