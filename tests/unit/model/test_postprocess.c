/* SPDX-License-Identifier: Apache-2.0 */
/* What each rule takes away, their order, and their JSON. */
#include "model/postprocess.h"

#include "unit/dataset/dataset_test.h"

enum { H = 4, W = 9 };
static const int plane[3] = {1, H, W};
/* Class 1: parts of 4, 3 and 1 voxels; class 2: of 3 and 2, the larger one touching the 4 of
 * class 1. */
static const uint8_t given[H * W + 1] = "110000011112200001000020000100000022";

static void expect(const struct postprocess *p, const char *rows)
{
    uint8_t classes[H * W];
    for (int i = 0; i < H * W; i++) classes[i] = (uint8_t)(given[i] - '0');
    OK(postprocess_apply(p, classes, plane, &e));
    for (int i = 0; i < H * W; i++)
        if (classes[i] != rows[i] - '0') fail_msg("voxel %d is %d, not %c", i, classes[i], rows[i]);
}

static void each_rule_takes_away_its_own(void **state)
{
    (void)state;
    expect(&(struct postprocess){0}, (const char *)given);
    expect(&(struct postprocess){.all_foreground = true}, "110000000112200000000020000000000000");
    expect(&(struct postprocess){.largest = {{2}}}, "110000000112200000000020000000000022");
    expect(&(struct postprocess){.largest = {{4}}}, "110000011112200001000020000100000000");
    expect(&(struct postprocess){.smallest = {0, 3, 3}}, "110000011112200001000020000000000000");
    expect(&(struct postprocess){.smallest = {0, 5}}, "000000000002200000000020000000000022");
}

static void of_equal_parts_the_first_stays(void **state)
{
    (void)state;
    uint8_t classes[6] = {1, 0, 1, 0, 255, 255};
    OK(postprocess_apply(
        &(struct postprocess){.all_foreground = true}, classes, (const int[3]){1, 1, 6}, &e));
    assert_memory_equal(
        classes, ((uint8_t[]){1, 0, 0, 0, 255, 255}), 6); /* ignored voxels are no foreground */
}

static void voxels_touch_in_depth(void **state)
{
    (void)state;
    uint8_t classes[12] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
    OK(postprocess_apply(
        &(struct postprocess){.largest = {{2}}}, classes, (const int[3]){3, 2, 2}, &e));
    assert_memory_equal(classes, ((uint8_t[]){1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}), 12);
    classes[5] = 0;
    OK(postprocess_apply(
        &(struct postprocess){.largest = {{2}}}, classes, (const int[3]){3, 2, 2}, &e));
    assert_memory_equal(classes, ((uint8_t[]){1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 12);
}

static void json_goes_both_ways(void **state)
{
    (void)state;
    const struct labelling l = {
        .count = 4, .value = {0, 5, 9, 300}, .name = {"back", "a", "b", "c"}, .ignore = -1};
    static const struct postprocess all[] = {{0}, {.all_foreground = true}, {.largest = {{2 + 8}}},
        {.all_foreground = true, .largest = {{4}}, .smallest = {0, 40, 0, 1}}};
    for (int i = 0; i < COUNT(all); i++) {
        struct postprocess back;
        json_t *j = postprocess_to_json(&all[i], &l);
        OK(postprocess_from_json(j, &l, "a file", &back, &e));
        assert_memory_equal(&back, &all[i], sizeof back);
        assert_int_equal(postprocess_any(&back), i > 0);
        json_decref(j);
    }
    json_t *j = postprocess_to_json(&all[3], &l),
           *b = json_array_get(json_object_get(j, "classes"), 1);
    assert_int_equal(json_integer_value(json_object_get(b, "class")), 9);
    assert_string_equal(json_string_value(json_object_get(b, "name")), "b");
    assert_true(json_is_true(json_object_get(b, "largest")) && !json_object_get(b, "smallest"));
    json_decref(j);
}

static void damaged_json_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"[]", "{\"all_foreground\": 1}", "{\"classes\": 3}",
        "{\"classes\": [{\"class\": \"a\"}]}", "{\"classes\": [{\"largest\": true}]}",
        "{\"classes\": [{\"class\": 5, \"largest\": 1}]}",
        "{\"classes\": [{\"class\": 5, \"smallest\": -1}]}",
        "{\"classes\": [{\"class\": 5, \"smallest\": 1.5}]}"};
    const struct labelling l = {.count = 2, .value = {0, 5}, .name = {"back", "a"}, .ignore = -1};
    for (int i = 0; i < COUNT(bad); i++) {
        struct postprocess p;
        json_t *j = json_loads(bad[i], 0, NULL);
        REFUSED(postprocess_from_json(j, &l, "post.json", &p, &e), ATT_MODEL,
            "post.json: the post-processing is damaged");
        json_decref(j);
    }
}

static void that_of_another_model_is_no_damaged_one(void **state)
{
    (void)state;
    const struct labelling l = {.count = 2, .value = {0, 5}, .name = {"back", "a"}, .ignore = -1};
    for (int class = 0; class < 4; class += 2) {
        struct postprocess p;
        json_t *j = json_pack("{s:[{s:i, s:b}]}", "classes", "class", class, "largest", 1);
        REFUSED(postprocess_from_json(j, &l, "post.json", &p, &e), ATT_MODEL,
            "post.json: the post-processing names class");
        json_decref(j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_takes_away_its_own),
        cmocka_unit_test(of_equal_parts_the_first_stays),
        cmocka_unit_test(voxels_touch_in_depth),
        cmocka_unit_test(json_goes_both_ways),
        cmocka_unit_test(damaged_json_is_refused),
        cmocka_unit_test(that_of_another_model_is_no_damaged_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
