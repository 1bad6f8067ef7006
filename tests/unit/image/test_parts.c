/* SPDX-License-Identifier: Apache-2.0 */
/* Components of chosen classes. */
#include "image/parts.h"

#include "unit/dataset/dataset_test.h"

static void only_members_are_looked_for(void **state)
{
    (void)state;
    const uint8_t classes[24] = {
        0, 0, 0, 0, 0, 0, 0, 0, 5, 7, 0, 5, 0, 0, 0, 0, 0, 5, 0, 0, 7, 0, 0, 0};
    const int size[3] = {1, 4, 6};
    struct parts p;
    OK(parts_find(classes, size, (bool[256]){[5] = true}, &p, &e));
    assert_int_equal(p.count, 2);
    assert_int_equal(p.box.from[1], 1);
    assert_int_equal(p.box.from[2], 2);
    assert_int_equal(p.box.size[1], 2);
    assert_int_equal(p.box.size[2], 4);
    assert_int_equal(p.voxels[0], 1);
    assert_int_equal(p.voxels[1], 2);
    assert_int_equal(parts_largest(&p), 1);
    assert_int_equal(p.label[0], 1);
    assert_int_equal(p.label[3], 2);
    assert_int_equal(p.label[7], 2);
    parts_free(&p);
    OK(parts_find(classes, size, (bool[256]){[5] = true, [7] = true}, &p, &e));
    assert_int_equal(p.count, 3);
    assert_int_equal(p.voxels[0] + p.voxels[1] + p.voxels[2], 5);
    assert_int_equal(parts_largest(&p), 0); /* the first of two equals */
    parts_free(&p);
}

static void there_may_be_none(void **state)
{
    (void)state;
    const uint8_t classes[4] = {0, 1, 0, 1};
    struct parts p;
    OK(parts_find(classes, (const int[3]){1, 2, 2}, (bool[256]){[3] = true}, &p, &e));
    assert_int_equal(p.count, 0);
    assert_int_equal(parts_largest(&p), -1);
    assert_null(p.label);
    parts_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_members_are_looked_for),
        cmocka_unit_test(there_may_be_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
