/* SPDX-License-Identifier: Apache-2.0 */
/* Arms against each other: seeds averaged per case first, tests and corrections of what comes out,
 * and cases that do not agree. */
#include "measure/compare.h"

#include <fenv.h>
#include <math.h>

#include "measure/stats.h"
#include "unit/dataset/dataset_test.h"

enum { CASES = 9 };
static const struct compare_options plain = {.metric = "dice"};

/* A result with cases c0, c1, ... and one class. NaN becomes null. */
static void put_result(const char *path, const double *dice, int count)
{
    json_t *cases = json_array();
    for (int i = 0; i < count; i++) {
        json_t *value = isnan(dice[i]) ? json_null() : json_real(dice[i]);
        json_array_append_new(cases,
            json_pack("{s:o, s:[{s:s, s:s, s:o}]}", "case", json_sprintf("c%d", i), "classes",
                "class", "1", "name", "lesion", "dice", value));
    }
    json_t *j = json_pack("{s:o}", "cases", cases);
    char *text = json_dumps(j, JSON_REAL_PRECISION(17));
    put_text(path, text);
    free(text);
    json_decref(j);
}

static json_t *run(const struct compare_options *o, int count, const char *const *arms)
{
    json_t *j = NULL;
    OK(compare_results(arms, count, o, &j, &e));
    return j;
}

static json_t *arm(json_t *j, size_t i) { return json_array_get(json_object_get(j, "arms"), i); }

static void is(json_t *from, const char *key, double value)
{
    double found = json_number_value(json_object_get(from, key));
    if (!json_is_number(json_object_get(from, key)) || !(fabs(found - value) < 1e-12))
        fail_msg("%s is %.15g, not %.15g", key, found, value);
}

static const double base[CASES] = {.5, .6, .7, .8, .9, .55, .65, .75, .85};
static const double gain[CASES] = {.01, .04, -.02, .03, .05, .06, .07, .02, .08};

static void put_arms(void)
{
    double x[CASES];
    put_result("set/a1.json", base, CASES);
    for (int i = 0; i < CASES; i++) x[i] = base[i] + gain[i] + .1;
    put_result("set/b1.json", x, CASES);
    for (int i = 0; i < CASES; i++) x[i] = base[i] + gain[i] - .1;
    put_result("set/b2.json", x, CASES);
    for (int i = 0; i < CASES; i++) x[i] = base[i] + (i % 2 ? .001 : -.001);
    put_result("set/c1.json", x, CASES);
}

static void seeds_are_averaged_per_case_first(void **state)
{
    (void)state;
    double p[2], holm[2], low, high, mean = stats_mean(gain, CASES);
    put_arms();
    json_t *j = run(&plain, 3,
        (const char *const[]){
            "none=set/a1.json", "gates=set/b1.json,set/b2.json", "other=set/c1.json"});
    assert_int_equal(json_integer_value(json_object_get(j, "cases")), CASES);
    is(arm(j, 0), "mean", stats_mean(base, CASES));
    assert_null(json_object_get(arm(j, 0), "p"));
    assert_true(json_is_null(json_object_get(arm(j, 0), "spread")));
    is(arm(j, 1), "seeds", 2);
    is(arm(j, 1), "mean", stats_mean(base, CASES) + mean);
    is(arm(j, 1), "spread", sqrt(2) * .1);
    is(arm(j, 1), "difference", mean);
    OK(stats_wilcoxon(gain, CASES, &p[0], &e));
    is(arm(j, 1), "p", p[0]);
    p[1] = json_number_value(json_object_get(arm(j, 2), "p"));
    assert_true(p[1] > .2);
    OK(stats_holm(p, 2, holm, &e));
    is(arm(j, 1), "p_holm", holm[0]);
    is(arm(j, 2), "p_holm", holm[1]);
    OK(stats_bootstrap(gain, NULL, CASES, 10000, .95, 12345, &low, &high, &e));
    is(arm(j, 1), "low", low);
    is(arm(j, 1), "high", high);
    assert_true(low > 0 && low < mean && mean < high && high < .08);
    json_decref(j);
}

/* One seed has no spread, and Dice no tolerance; a program may have asked to be stopped at what is
 * invalid. */
static void what_is_not_there_is_not_computed(void **state)
{
    (void)state;
    put_arms();
    feclearexcept(FE_INVALID | FE_DIVBYZERO);
    json_t *j = run(&plain, 2, (const char *const[]){"none=set/a1.json", "gates=set/b1.json"});
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO), 0);
    json_decref(j);
}

/* c0 to c8 lie in `folder`, and more that no arm has. */
static void put_groups(const char *folder, const char *groups)
{
    for (int i = 0; i < CASES + 2; i++) {
        char *image = mem_text("%s/images/c%d.png", folder, i),
             *label = mem_text("%s/labels/c%d.png", folder, i);
        put_image(image, 1, 1, 4, 4);
        put_labels(label, 1, 4, 4, 1);
        mem_free(image);
        mem_free(label);
    }
    char *path = mem_text("%s/groups.csv", folder);
    if (groups) put_text(path, groups);
    mem_free(path);
}

static void groups_count_and_not_their_cases(void **state)
{
    /* 6 groups: c8 with c0 and c1, c3 with c4, the others alone */
    const double sum[6] = {
        gain[0] + gain[1] + gain[8], gain[2], gain[3] + gain[4], gain[5], gain[6], gain[7]};
    const int cases[6] = {3, 1, 2, 1, 1, 1};
    double p, low, high;
    (void)state;
    put_arms();
    put_groups("set/data", "image,group\nc8,9\nc0,9\nc1,9\nc10,9\nc4,2\nc3,2\nc9,5\n");
    struct dataset d;
    OK(dataset_open("set/data", &d, NULL, &e));
    struct compare_options o = {.metric = "dice", .data = &d};
    json_t *j = run(&o, 2, (const char *const[]){"a=set/a1.json", "b=set/b1.json,set/b2.json"});
    assert_int_equal(json_integer_value(json_object_get(j, "cases")), CASES);
    assert_int_equal(json_integer_value(json_object_get(j, "groups")), 6);
    is(arm(j, 1), "mean", stats_mean(base, CASES) + stats_mean(gain, CASES));
    is(arm(j, 1), "difference", stats_mean(gain, CASES));
    OK(stats_wilcoxon(sum, 6, &p, &e));
    is(arm(j, 1), "p", p);
    OK(stats_bootstrap(sum, cases, 6, 10000, .95, 12345, &low, &high, &e));
    is(arm(j, 1), "low", low);
    is(arm(j, 1), "high", high);
    json_decref(j);
    o.permutation = true;
    j = run(&o, 2, (const char *const[]){"a=set/a1.json", "b=set/b1.json,set/b2.json"});
    is(arm(j, 1), "p", stats_permutation(sum, 6, 0, 0));
    json_decref(j);
    dataset_free(&d);
}

static void groups_that_are_not_there_do_not_count(void **state)
{
    json_t *j;
    struct dataset d;
    const char *const arms[] = {"a=set/a1.json", "b=set/b1.json"};
    (void)state;
    put_arms();
    put_groups("set/data", NULL);
    OK(dataset_open("set/data", &d, NULL, &e));
    const struct compare_options o = {.metric = "dice", .data = &d};
    j = run(&o, 2, arms);
    assert_null(json_object_get(j, "groups"));
    json_decref(j);
    dataset_free(&d);
    put_groups("set/data", "image,group\nc8,9\n");
    file_remove("set/data/images/c4.png");
    file_remove("set/data/labels/c4.png");
    OK(dataset_open("set/data", &d, NULL, &e));
    REFUSED(compare_results(arms, 2, &o, &j, &e), ATT_DATA,
        "set/data has no case c4, which the results have; give the data set of the results");
    dataset_free(&d);
}

static void a_name_given_twice_is_one_arm(void **state)
{
    (void)state;
    put_arms();
    json_t *one =
        run(&plain, 3, (const char *const[]){"a=set/a1.json", "b=set/b1.json", "b=set/b2.json"});
    json_t *two =
        run(&plain, 2, (const char *const[]){"a=set/a1.json", "b=set/b1.json,set/b2.json"});
    assert_true(json_equal(one, two));
    json_decref(one);
    json_decref(two);
}

static void the_test_can_be_chosen(void **state)
{
    (void)state;
    put_arms();
    const struct compare_options o = {.metric = "dice", .permutation = true, .wanted = "lesion"};
    json_t *j = run(&o, 2, (const char *const[]){"a=set/a1.json", "b=set/b1.json,set/b2.json"});
    is(arm(j, 1), "p", stats_permutation(gain, CASES, 0, 0));
    assert_string_equal(json_string_value(json_object_get(j, "test")), "permutation");
    assert_string_equal(json_string_value(json_object_get(j, "class")), "lesion");
    json_decref(j);
}

static void a_case_without_number_is_left_out_of_all(void **state)
{
    (void)state;
    double a[4] = {.5, .25, NAN, 1}, b1[4] = {.75, .5, .5, NAN}, b2[4] = {.25, .5, .5, NAN};
    put_result("set/a.json", a, 4);
    put_result("set/b1.json", b1, 4);
    put_result("set/b2.json", b2, 4);
    json_t *j = run(&plain, 2, (const char *const[]){"a=set/a.json", "b=set/b1.json,set/b2.json"});
    assert_int_equal(json_integer_value(json_object_get(j, "cases")), 2);
    assert_int_equal(json_array_size(json_object_get(j, "left_out")), 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(j, "left_out"), 1)), "c3");
    is(arm(j, 0), "mean", .375);
    is(arm(j, 1), "mean", .5);
    is(arm(j, 1), "difference", .125);
    json_decref(j);
}

static void arms_with_other_cases_are_refused(void **state)
{
    (void)state;
    json_t *j = NULL;
    const double nothing[3] = {NAN, NAN, NAN};
    put_result("set/a.json", base, 5);
    put_result("set/b.json", base, 4);
    const char *const less[] = {"a=set/a.json", "b=set/b.json"},
                      *const more[] = {"a=set/b.json", "b=set/a.json"};
    REFUSED(compare_results(less, 2, &plain, &j, &e), ATT_DATA,
        "set/a.json has the case c4, which set/b.json lacks; compare results on the same cases "
        "(evaluate `cases");
    REFUSED(compare_results(more, 2, &plain, &j, &e), ATT_DATA,
        "set/a.json has the case c4, which set/b.json lacks; compare results on the same cases "
        "(evaluate `cases");
    const char *const seeds[] = {"a=set/a.json,set/b.json", "b=set/a.json"};
    REFUSED(compare_results(seeds, 2, &plain, &j, &e), ATT_DATA,
        "set/a.json has the case c4, which set/b.json lacks; compare results on the same cases "
        "(evaluate `cases");
    put_result("set/a.json", nothing, 3);
    put_result("set/b.json", base, 3);
    REFUSED(compare_results(less, 2, &plain, &j, &e), ATT_DATA, "no case has a number");
    assert_null(j);
}

static void one_file_is_one_seed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "b=set/b1.json,set/b2.json,set/b1.json", "b=set/b1.json,set/../set/b1.json"};
    json_t *j = NULL;
    put_arms();
    for (int i = 0; i < COUNT(bad); i++) {
        const char *const arms[] = {"a=set/a1.json", bad[i]};
        REFUSED(compare_results(arms, 2, &plain, &j, &e), ATT_USAGE,
            "b1.json twice; give one file for each seed");
    }
    const char *const words[] = {"b=set/b1.json", "b=set/b1.json"};
    REFUSED(compare_results(words, 2, &plain, &j, &e), ATT_USAGE,
        "arm b has the file set/b1.json twice");
    assert_null(j);
    /* Two arms may share one. */
    json_decref(run(&plain, 2, (const char *const[]){"a=set/a1.json", "b=set/a1.json"}));
}

static void numbers_of_no_metric_are_refused(void **state)
{
    (void)state;
    json_t *j = NULL;
    const double high[3] = {.5, 1e308, 1}, low[3] = {.5, .5, -1.1e15}, max[3] = {1e15, -1e15, 1e15};
    const char *const arms[] = {"a=set/a.json", "b=set/b.json"};
    put_result("set/a.json", base, 3);
    put_result("set/b.json", high, 3);
    REFUSED(compare_results(arms, 2, &plain, &j, &e), ATT_DATA,
        "set/b.json: case c1 has a dice beyond 1e+15");
    put_result("set/b.json", low, 3);
    REFUSED(compare_results(arms, 2, &plain, &j, &e), ATT_DATA,
        "set/b.json: case c2 has a dice beyond 1e+15");
    assert_null(j);
    put_result("set/b.json", max, 3);
    j = run(&plain, 2, arms);
    assert_int_equal(json_array_size(json_object_get(j, "arms")), 2);
    json_decref(j);
}

static void words_that_name_no_arm_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "set/a.json", "=set/a.json", "a=", "a=set/a.json,", "a=,set/a.json"};
    json_t *j = NULL;
    put_result("set/a.json", base, 3);
    for (int i = 0; i < COUNT(bad); i++) {
        const char *const arms[] = {"x=set/a.json", bad[i]};
        REFUSED(
            compare_results(arms, 2, &plain, &j, &e), ATT_USAGE, "is not an arm; write NAME=FILE");
    }
    const char *const one[] = {"a=set/a.json", "a=set/b.json"};
    REFUSED(compare_results(one, 1, &plain, &j, &e), ATT_USAGE,
        "there is only one arm; give at least two to compare");
    REFUSED(compare_results(one, 2, &plain, &j, &e), ATT_USAGE,
        "all files belong to arm a, because files with one name are seeds; give the other arm "
        "another name");
    assert_null(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(seeds_are_averaged_per_case_first, clear_set),
        cmocka_unit_test_setup(what_is_not_there_is_not_computed, clear_set),
        cmocka_unit_test_setup(groups_count_and_not_their_cases, clear_set),
        cmocka_unit_test_setup(groups_that_are_not_there_do_not_count, clear_set),
        cmocka_unit_test_setup(a_name_given_twice_is_one_arm, clear_set),
        cmocka_unit_test_setup(the_test_can_be_chosen, clear_set),
        cmocka_unit_test_setup(a_case_without_number_is_left_out_of_all, clear_set),
        cmocka_unit_test_setup(arms_with_other_cases_are_refused, clear_set),
        cmocka_unit_test_setup(one_file_is_one_seed, clear_set),
        cmocka_unit_test_setup(numbers_of_no_metric_are_refused, clear_set),
        cmocka_unit_test_setup(words_that_name_no_arm_are_refused, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
