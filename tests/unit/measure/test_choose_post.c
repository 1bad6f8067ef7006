/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept and what is not, with Dice that can be counted by hand, and that it agrees with what
 * is then applied. */
#include "measure/choose_post.h"

#include <math.h>

#include "base/rng.h"
#include "measure/evaluate.h"
#include "unit/dataset/dataset_test.h"

static const struct labelling one = {
    .count = 2, .value = {0, 1}, .name = {"back", "a"}, .ignore = -1};
static const struct labelling two = {
    .count = 3, .value = {0, 1, 2}, .name = {"back", "a", "b"}, .ignore = -1};

static json_t *choose(const struct labelling *l, struct postprocess *post)
{
    struct mask_pairs pairs;
    json_t *report = NULL, *one_by_one = NULL;
    OK(pairs_find("set/p", "set/t", NULL, NULL, &pairs, NULL, &e));
    OK(choose_post(&pairs, l, NULL, NULL, true, post, &one_by_one, &e));
    OK(choose_post(&pairs, l, NULL, NULL, false, post, &report, &e));
    assert_true(json_equal(report, one_by_one));
    json_decref(one_by_one);
    pairs_free(&pairs);
    return report;
}

static double mean_of(json_t *report, const char *when)
{
    return json_real_value(
        json_object_get(json_object_get(json_object_get(report, "dice"), when), "mean"));
}

static void strays_are_worth_removing(void **state)
{
    (void)state;
    struct postprocess post;
    put_labels("set/p/a.png", 1, 1, 9, 1, 1, 1, 0, 1, 0, 0, 0, 1);
    put_labels("set/t/a.png", 1, 1, 9, 1, 1, 1);
    put_labels("set/p/b.png", 1, 1, 9, 0, 1, 1);
    put_labels("set/t/b.png", 1, 1, 9, 0, 1, 1);
    json_t *j = choose(&one, &post);
    assert_true(post.all_foreground && class_set_count(post.largest) == 0 && !post.smallest[1]);
    assert_true(mean_of(j, "before") == (6.0 / 8 + 1) / 2);
    assert_true(mean_of(j, "after") == 1);
    assert_int_equal(json_integer_value(json_object_get(j, "cases")), 2);
    assert_true(json_is_true(json_object_get(j, "all_foreground")));
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(j, "tried"), 0), "rule")),
        "largest component of all foreground");
    json_decref(j);
}

/* Two lesions are there: the largest component alone would lose one, the smallest size does not. */
static void a_size_may_help_where_the_largest_does_not(void **state)
{
    (void)state;
    struct postprocess post;
    put_labels("set/p/a.png", 1, 1, 12, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1);
    put_labels("set/t/a.png", 1, 1, 12, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0);
    json_t *j = choose(&one, &post);
    assert_true(
        !post.all_foreground && class_set_count(post.largest) == 0 && post.smallest[1] == 3);
    assert_true(mean_of(j, "after") == 1);
    json_decref(j);
}

static void what_does_not_help_is_not_kept(void **state)
{
    (void)state;
    struct postprocess post;
    put_labels("set/p/a.png", 1, 1, 12, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0);
    put_labels("set/t/a.png", 1, 1, 12, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0);
    json_t *j = choose(&one, &post);
    assert_false(postprocess_any(&post));
    assert_true(mean_of(j, "before") == mean_of(j, "after"));
    assert_int_equal(json_array_size(json_object_get(j, "classes")), 0);
    assert_null(json_object_get(j, "all_foreground"));
    json_decref(j);
}

/* Removing all but the largest foreground would raise the mean (class a gains much) but cost class
 * b, so only a's own rule is kept. */
static void no_class_may_drop(void **state)
{
    (void)state;
    struct postprocess post;
    put_labels("set/p/a.png", 1, 1, 14, 1, 1, 1, 0, 1, 1, 0, 1, 0, 2, 0, 1, 0, 2);
    put_labels("set/t/a.png", 1, 1, 14, 1, 1, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2);
    json_t *j = choose(&two, &post);
    assert_true(!post.all_foreground && class_set_equal(post.largest, class_set_of(1)) &&
        !post.smallest[2]);
    assert_true(mean_of(j, "before") == (6.0 / 10 + 1) / 2);
    assert_true(mean_of(j, "after") == 1);
    assert_true(
        json_is_false(json_object_get(json_array_get(json_object_get(j, "tried"), 0), "kept")));
    json_decref(j);
}

/* One case gains more than two lose together: the mean rises, and most cases are worse. */
static void one_lucky_case_is_not_enough(void **state)
{
    (void)state;
    struct postprocess post;
    put_labels("set/p/a.png", 1, 1, 12, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0);
    put_labels("set/t/a.png", 1, 1, 12, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (int i = 0; i < 2; i++) {
        put_labels(i ? "set/p/b.png" : "set/p/c.png", 1, 1, 12, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1);
        put_labels(i ? "set/t/b.png" : "set/t/c.png", 1, 1, 12, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1);
    }
    json_t *j = choose(&one, &post), *tried = json_array_get(json_object_get(j, "tried"), 0);
    assert_true(json_real_value(json_object_get(tried, "mean")) > mean_of(j, "before"));
    assert_int_equal(json_integer_value(json_object_get(tried, "better")), 1);
    assert_int_equal(json_integer_value(json_object_get(tried, "worse")), 2);
    assert_false(postprocess_any(&post));
    json_decref(j);
}

/* Where nothing is and nothing is left a case has no Dice, which is better than one of 0. */
static void spots_in_empty_cases_are_worth_removing(void **state)
{
    (void)state;
    struct postprocess post;
    put_labels("set/p/a.png", 1, 1, 9, 1, 1, 1, 0, 0, 0, 0, 0, 0);
    put_labels("set/t/a.png", 1, 1, 9, 1, 1, 1, 0, 0, 0, 0, 0, 0);
    for (int i = 0; i < 2; i++) {
        put_labels(i ? "set/p/b.png" : "set/p/c.png", 1, 1, 9, 0, 0, 0, 0, 0, 0, 1, 0, 0);
        put_labels(i ? "set/t/b.png" : "set/t/c.png", 1, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
    json_t *j = choose(&one, &post);
    assert_int_equal(post.smallest[1], 3);
    assert_true(mean_of(j, "before") == 1.0 / 3);
    assert_true(mean_of(j, "after") == 1);
    json_decref(j);
}

/* What was counted for a rule is what evaluation finds after it is applied: random masks of three
 * classes with ignored voxels. */
static void counting_agrees_with_applying(void **state)
{
    (void)state;
    enum { CASES = 6, D = 3, H = 9, W = 11, N = D * H * W };
    const struct labelling l = {.count = 4,
        .value = {0, 1, 2, 3},
        .name = {"back", "a", "b", "c"},
        .ignore = 9,
        .regions = 2,
        .region = {{{6}}, {{8}}},
        .region_name = {"ab", "c"},
        .region_value = {1, 3}};
    struct rng r = rng_stream(5, RNG_TEST, 0, 0);
    uint16_t truth[N], predicted[N];
    uint8_t classes[N];
    struct labelmap t = {.size = {D, H, W}, .data = truth},
                    p = {.size = {D, H, W}, .data = predicted};
    struct postprocess post;
    OK(file_make_folders("set/p", &e));
    OK(file_make_folders("set/t", &e));
    for (int i = 0; i < CASES; i++) {
        for (int k = 0; k < N; k++) {
            int w = k % W, h = k / W % H;
            truth[k] = w < 4 ? 1 : w < 6 && h < 6 ? 2 : w > 8 ? 3 : 0;
            predicted[k] = rng_below(&r, 12) == 0 ? (uint16_t)rng_below(&r, 4) : truth[k];
            if (rng_below(&r, 20) == 0) truth[k] = 9;
        }
        char name[32];
        snprintf(name, sizeof name, "set/p/%d.nii.gz", i);
        OK(format_save_labels(name, &p, &e));
        name[4] = 't';
        OK(format_save_labels(name, &t, &e));
    }
    json_t *j = choose(&l, &post), *summary;
    assert_true(postprocess_any(&post));
    for (int i = 0; i < CASES; i++) {
        struct labelmap m;
        char name[32];
        snprintf(name, sizeof name, "set/p/%d.nii.gz", i);
        OK(format_load_labels(name, &m, &e));
        OK(labelling_encode(&l, &m, name, classes, &e));
        OK(postprocess_apply(&post, classes, m.size, &e));
        for (int k = 0; k < N; k++) m.data[k] = classes[k];
        OK(format_save_labels(name, &m, &e));
        labelmap_free(&m);
    }
    struct evaluation v;
    OK(evaluate_masks("set/p", "set/t", NULL,
        &(struct evaluate_options){.labels = &l, .ignore = -1, .measures = 1}, NULL, NULL, &v, &e));
    summary = evaluation_summary(&v);
    double found =
        json_real_value(json_object_get(json_object_get(summary, "foreground_mean"), "Dice"));
    assert_true(fabs(found - mean_of(j, "after")) < 1e-12);
    assert_true(mean_of(j, "after") > mean_of(j, "before"));
    evaluation_free(&v);
    json_decref(summary);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(strays_are_worth_removing, clear_set),
        cmocka_unit_test_setup(a_size_may_help_where_the_largest_does_not, clear_set),
        cmocka_unit_test_setup(what_does_not_help_is_not_kept, clear_set),
        cmocka_unit_test_setup(no_class_may_drop, clear_set),
        cmocka_unit_test_setup(one_lucky_case_is_not_enough, clear_set),
        cmocka_unit_test_setup(spots_in_empty_cases_are_worth_removing, clear_set),
        cmocka_unit_test_setup(counting_agrees_with_applying, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
