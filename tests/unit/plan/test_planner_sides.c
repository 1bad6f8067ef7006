/* SPDX-License-Identifier: Apache-2.0 */
/* Left and right: by which names they are known, and along which axis they lie. */
#include "plan/planner_sides.h"

#include <string.h>

#include "unit/expect.h"

static void names_differ_in_the_side_alone(void **state)
{
    static const char *const pairs[][2] = {{"left kidney", "right kidney"},
        {"Lung_Right", "lung_left"}, {"LEFT", "RIGHT"},
        {"left lung left lobe", "right lung right lobe"}};
    static const char *const others[][2] = {{"left kidney", "right lung"},
        {"left kidney", "left kidney"}, {"kidney", "kidney"}, {"left", "righteous"},
        {"left kidney", "kidney"}, {"", "left"}, {"upright", "up"}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_true(names_differ_in_side(pairs[i][0], pairs[i][1]));
        assert_true(names_differ_in_side(pairs[i][1], pairs[i][0]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(names_differ_in_side(others[i][0], others[i][1]));
        assert_false(names_differ_in_side(others[i][1], others[i][0]));
    }
}

static void the_axis_is_that_of_the_body(void **state)
{
    static const struct {
        const char *axes;
        int axis;
    } all[] = {{"LPS", 2}, {"RAS", 2}, {"PIR", 0}, {"ALS", 1}, {"SRA", 1}, {"", 2}};
    struct labelling l = {.count = 4};
    int a, b;
    (void)state;
    strcpy(l.name[0], "background");
    strcpy(l.name[1], "left lung");
    strcpy(l.name[2], "heart");
    strcpy(l.name[3], "right lung");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_int_equal(planner_sides(&l, all[i].axes, &a, &b), all[i].axis);
        assert_int_equal(a, 0);
        assert_int_equal(b, 2);
    }
    l.regions = 2; /* which have names of their own; their classes are "label 1" and so on in
                      dataset.json */
    strcpy(l.region_name[0], "right");
    strcpy(l.region_name[1], "both");
    assert_int_equal(planner_sides(&l, "LPS", &a, &b), -1);
    strcpy(l.region_name[1], "left");
    assert_int_equal(planner_sides(&l, "LPS", &a, &b), 2);
    assert_true(a == 0 && b == 1);
    l.regions = 0;
    strcpy(l.name[3], "lungs");
    assert_int_equal(planner_sides(&l, "LPS", &a, &b), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_differ_in_the_side_alone),
        cmocka_unit_test(the_axis_is_that_of_the_body)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
