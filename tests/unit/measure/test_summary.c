/* SPDX-License-Identifier: Apache-2.0 */
/* nnU-Net's summary.json: keys, counts by hand, means, regions, ignored voxels. */
#include "measure/evaluate.h"

#include "unit/dataset/dataset_test.h"

static json_t *summary_of(const struct labelling *labels)
{
    struct evaluation v;
    const struct evaluate_options o = {
        .labels = labels, .ignore = -1, .measures = 1 << MEASURE_DICE};
    OK(evaluate_masks("set/p", "set/t", NULL, &o, NULL, NULL, &v, &e));
    json_t *j = evaluation_summary(&v);
    evaluation_free(&v);
    return j;
}

static void expect(const json_t *from, const char *text)
{
    json_t *expected = json_loads(text, 0, NULL);
    assert_non_null(expected);
    if (!json_equal(from, expected)) fail_msg("%s is not %s", json_dumps(from, JSON_COMPACT), text);
    json_decref(expected);
}

static void counts_and_means_are_nnunets(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 2, 4, 1, 1, 0, 2, 0, 0, 0, 2);
    put_labels("set/t/a.png", 1, 2, 4, 1, 0, 1, 2, 0, 0, 1, 0);
    put_labels("set/p/b.png", 1, 1, 4, 0, 1);
    put_labels("set/t/b.png", 1, 1, 4, 0, 1);
    json_t *j = summary_of(NULL);
    const json_t *cases = json_object_get(j, "metric_per_case"), *a = json_array_get(cases, 0),
                 *b = json_array_get(cases, 1);
    assert_string_equal(json_string_value(json_object_get(a, "prediction_file")), "set/p/a.png");
    assert_string_equal(json_string_value(json_object_get(a, "reference_file")), "set/t/a.png");
    expect(json_object_get(a, "metrics"),
        "{\"1\": {\"Dice\": 0.4, \"IoU\": 0.25, \"TP\": 1, \"FP\": 1, \"FN\": 2, \"TN\": 4, "
        "\"n_pred\": 2, \"n_ref\": 3}, \"2\": {\"Dice\": 0.66666666666666663, \"IoU\": 0.5, "
        "\"TP\": 1, \"FP\": 1, \"FN\": 0, \"TN\": 6, \"n_pred\": 2, \"n_ref\": 1}}");
    expect(json_object_get(json_object_get(b, "metrics"), "2"),
        "{\"Dice\": null, \"IoU\": null, \"TP\": 0, \"FP\": 0, \"FN\": 0, \"TN\": 4, "
        "\"n_pred\": 0, \"n_ref\": 0}");
    expect(json_object_get(j, "mean"),
        "{\"1\": {\"Dice\": 0.7, \"IoU\": 0.625, \"TP\": 1.0, \"FP\": 0.5, \"FN\": 1.0, \"TN\": "
        "3.5, \"n_pred\": 1.5, \"n_ref\": 2.0}, \"2\": {\"Dice\": 0.66666666666666663, \"IoU\": "
        "0.5, \"TP\": 0.5, \"FP\": 0.5, \"FN\": 0.0, \"TN\": 5.0, \"n_pred\": 1.0, \"n_ref\": "
        "0.5}}");
    const json_t *all = json_object_get(j, "foreground_mean");
    assert_true(json_real_value(json_object_get(all, "Dice")) == (.7 + 2.0 / 3) / 2);
    assert_true(json_real_value(json_object_get(all, "IoU")) == (.625 + .5) / 2);
    assert_true(json_real_value(json_object_get(all, "n_ref")) == 1.25);
    json_decref(j);
}

static void regions_have_tuples_for_keys(void **state)
{
    (void)state;
    const struct labelling l = {.count = 3,
        .value = {0, 1, 2},
        .name = {"back", "a", "b"},
        .ignore = 3,
        .regions = 2,
        .region = {{{6}}, {{4}}},
        .region_name = {"whole", "core"},
        .region_value = {1, 2}};
    put_labels("set/p/a.png", 1, 1, 6, 1, 2, 2, 0, 1, 0);
    put_labels("set/t/a.png", 1, 1, 6, 2, 2, 1, 0, 3, 3);
    json_t *j = summary_of(&l);
    expect(json_object_get(json_array_get(json_object_get(j, "metric_per_case"), 0), "metrics"),
        "{\"(1, 2)\": {\"Dice\": 1.0, \"IoU\": 1.0, \"TP\": 3, \"FP\": 0, \"FN\": 0, \"TN\": 1, "
        "\"n_pred\": 3, \"n_ref\": 3}, \"2\": {\"Dice\": 0.5, \"IoU\": 0.33333333333333331, "
        "\"TP\": 1, \"FP\": 1, \"FN\": 1, \"TN\": 1, \"n_pred\": 2, \"n_ref\": 2}}");
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(counts_and_means_are_nnunets, clear_set),
        cmocka_unit_test_setup(regions_have_tuples_for_keys, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
