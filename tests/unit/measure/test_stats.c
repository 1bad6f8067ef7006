/* SPDX-License-Identifier: Apache-2.0 */
/* Tests, corrections and intervals against scipy's and statsmodels' numbers (fixture of
 * tools/fixtures/make_stats_fixture.py). */
#include "measure/stats.h"

#include <math.h>

#include "files/json_file.h"
#include "unit/dataset/dataset_test.h"

enum { MOST = 512 };

static json_t *fixture(const char *which)
{
    json_t *all, *part;
    OK(json_file_read(TEST_SOURCE_DIR "/tests/fixtures/measure/stats.json", &all, &e));
    part = json_incref(json_object_get(all, which));
    json_decref(all);
    assert_true(json_array_size(part) > 0);
    return part;
}

static int numbers(const json_t *one, const char *key, double out[MOST])
{
    const json_t *list = json_object_get(one, key);
    for (size_t i = 0; i < json_array_size(list); i++)
        out[i] = json_number_value(json_array_get(list, i));
    return (int)json_array_size(list);
}

static void equal(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-10 * expected))
        fail_msg("%.15g, not %.15g", found, expected);
}

static void wilcoxon_is_scipys(void **state)
{
    (void)state;
    json_t *all = fixture("wilcoxon"), *one;
    size_t i;
    json_array_foreach(all, i, one)
    {
        double x[MOST], p = -1;
        int n = numbers(one, "x", x);
        OK(stats_wilcoxon(x, n, &p, &e));
        equal(p, json_number_value(json_object_get(one, "p")));
    }
    json_decref(all);
}

/* (a + b + c) / 3 in another order is another number, and no other result. */
static void rounding_is_no_difference(void **state)
{
    (void)state;
    const double a = (.1 + .2 + .3) / 3, b = (.3 + .2 + .1) / 3, exact[4] = {.1, -.1, .2, -.3},
                 rounded[4] = {.3 - .2, -.1, .2, .2 - .5};
    double p, q;
    assert_true(a != b && rounded[0] != exact[0]);
    assert_true(stats_difference(a, b) == 0 && stats_difference(b, a) == 0);
    assert_true(stats_difference(1, 1) == 0 && stats_difference(.5, .25) == .25 &&
        stats_difference(0, 1e-30) == -1e-30);
    assert_true(stats_difference(2. / 3, .6666666667) == 0 &&
        stats_difference(.66666, .66667) != 0); /* of a file with ten digits */
    OK(stats_wilcoxon(exact, 4, &p, &e));
    OK(stats_wilcoxon(rounded, 4, &q, &e));
    assert_true(p == q);
}

static void wilcoxon_knows_its_ends(void **state)
{
    (void)state;
    const double none[3] = {0, 0, 0}, six[7] = {1, 2, 3, 0, 4, 5, 6}, single[1] = {-3},
                 even[4] = {1, -1, 2, -2};
    double p;
    OK(stats_wilcoxon(none, 3, &p, &e));
    assert_true(p == 1);
    OK(stats_wilcoxon(six, 7, &p, &e));
    assert_true(p == 2.0 / 64);
    OK(stats_wilcoxon(single, 1, &p, &e));
    assert_true(p == 1);
    OK(stats_wilcoxon(even, 4, &p, &e));
    assert_true(p == 1);
}

static void permutation_is_scipys(void **state)
{
    (void)state;
    json_t *all = fixture("permutation"), *one;
    size_t i;
    json_array_foreach(all, i, one)
    {
        double x[MOST];
        int n = numbers(one, "x", x);
        equal(stats_permutation(x, n, 0, 1), json_number_value(json_object_get(one, "p")));
    }
    json_decref(all);
}

/* Forty equal differences: of 2^40 signs two are as extreme, so no draw is. And a p of about a half
 * is found to within its noise. */
static void drawn_signs_are_repeatable(void **state)
{
    (void)state;
    double same[40], mixed[17];
    for (int i = 0; i < 40; i++) same[i] = .1;
    assert_true(stats_permutation(same, 40, 9999, 5) == 1.0 / 10000);
    for (int i = 0; i < 17; i++) mixed[i] = i % 2 ? -(i + 1.5) : i + 1;
    int extreme = 0;
    double observed = 0;
    for (int i = 0; i < 17; i++) observed += mixed[i];
    for (int k = 0; k < 1 << 17; k++) {
        double sum = 0;
        for (int i = 0; i < 17; i++) sum += k >> i & 1 ? mixed[i] : -mixed[i];
        extreme += fabs(sum) >= fabs(observed) - 1e-9;
    }
    double exact = extreme / 131072.0, drawn = stats_permutation(mixed, 17, 40000, 5);
    assert_true(exact > .5 && fabs(drawn - exact) < .015);
    assert_true(drawn == stats_permutation(mixed, 17, 40000, 5));
    assert_true(drawn != stats_permutation(mixed, 17, 40000, 6));
}

static void holm_is_statsmodels(void **state)
{
    (void)state;
    json_t *all = fixture("holm"), *one;
    size_t i;
    json_array_foreach(all, i, one)
    {
        double p[MOST], expected[MOST], corrected[MOST];
        int m = numbers(one, "p", p);
        numbers(one, "corrected", expected);
        OK(stats_holm(p, m, corrected, &e));
        for (int k = 0; k < m; k++) equal(corrected[k], expected[k]);
    }
    json_decref(all);
}

static void the_bootstrap_is_near_scipys(void **state)
{
    (void)state;
    json_t *all = fixture("bootstrap"), *one;
    size_t i;
    json_array_foreach(all, i, one)
    {
        double x[MOST], low, high, again, other;
        int n = numbers(one, "x", x);
        double from = json_number_value(json_object_get(one, "low")),
               to = json_number_value(json_object_get(one, "high"));
        OK(stats_bootstrap(x, NULL, n, 20000, .95, 3, &low, &high, &e));
        assert_true(fabs(low - from) < .02 * (to - from) && fabs(high - to) < .02 * (to - from));
        OK(stats_bootstrap(x, NULL, n, 20000, .95, 3, &again, &other, &e));
        assert_true(again == low && other == high);
    }
    json_decref(all);
}

static void a_mean_of_one_value_has_no_width(void **state)
{
    (void)state;
    const double x[3] = {.25, .25, .25}, pair[2] = {1, 3};
    double low, high;
    OK(stats_bootstrap(x, NULL, 3, 100, .95, 1, &low, &high, &e));
    assert_true(low == .25 && high == .25);
    assert_true(stats_mean(pair, 2) == 2 && stats_deviation(pair, 2) == sqrt(2));
    assert_true(isnan(stats_mean(pair, 0)) && isnan(stats_deviation(pair, 1)));
}

static void groups_are_drawn_as_wholes(void **state)
{
    (void)state;
    /* 1 of .5, 3 of .5, 8 of .5: however large they are, every resample has the mean .5 */
    double same[12], low, high, x[] = {.1, .2, -.1, -.1 - .2, .3, .4};
    const int group[12] = {0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2}, of[] = {0, 0, 1, 0, 1, 1};
    int count[3];
    for (int i = 0; i < 12; i++) same[i] = .5;
    OK(stats_gather(same, group, 12, 3, count, &e));
    assert_true(same[0] == .5 && same[1] == 1.5 && same[2] == 4 && count[0] == 1 && count[1] == 3 &&
        count[2] == 8);
    OK(stats_bootstrap(same, count, 3, 1000, .95, 1, &low, &high, &e));
    assert_float_equal(low, .5, 1e-12);
    assert_float_equal(high, .5, 1e-12);
    OK(stats_gather(x, of, 6, 2, count, &e));
    assert_true(x[0] == 0 && count[0] == 3); /* what cancels is no difference, and has no rank */
    assert_float_equal(x[1], .6, 1e-12);
}

/* Enough for the smallest p after the correction, and one less is not. */
static void the_fewest_cases_suffice(void **state)
{
    static const int wanted[] = {6, 7, 7, 8};
    double one[16], p[4], corrected[4];
    (void)state;
    for (int i = 0; i < 16; i++) one[i] = 1 + i;
    for (int m = 1; m <= 4; m++) {
        const int n = stats_fewest(m);
        assert_int_equal(n, wanted[m - 1]);
        for (int fewer = 0; fewer < 2; fewer++) {
            OK(stats_wilcoxon(one, n - fewer, &p[0], &e));
            assert_true(p[0] == stats_permutation(one, n - fewer, 100, 1));
            for (int k = 1; k < m; k++) p[k] = 1;
            OK(stats_holm(p, m, corrected, &e));
            assert_int_equal(corrected[0] < .05, !fewer);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fewest_cases_suffice),
        cmocka_unit_test(wilcoxon_is_scipys),
        cmocka_unit_test(rounding_is_no_difference),
        cmocka_unit_test(wilcoxon_knows_its_ends),
        cmocka_unit_test(permutation_is_scipys),
        cmocka_unit_test(drawn_signs_are_repeatable),
        cmocka_unit_test(holm_is_statsmodels),
        cmocka_unit_test(the_bootstrap_is_near_scipys),
        cmocka_unit_test(a_mean_of_one_value_has_no_width),
        cmocka_unit_test(groups_are_drawn_as_wholes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
