/* SPDX-License-Identifier: Apache-2.0 */
/* How slices become pixels. */
#include "draw/slice.h"

#include "unit/dataset/dataset_test.h"

static void small_ones_are_enlarged_and_large_ones_thinned(void **state)
{
    (void)state;
    struct slice s = slice_lay_out(20, 50, 160, 320);
    assert_true(s.step == 1 && s.factor == 4 && s.rows == 20 && s.columns == 50 && s.height == 80 &&
        s.width == 200);
    s = slice_lay_out(700, 641, 160, 320);
    assert_true(s.step == 3 && s.factor == 1 && s.rows == 234 && s.columns == 214 &&
        s.height == 234 && s.width == 214);
    assert_int_equal(slice_voxel(&s, 0, 0), 641 + 1);
    assert_int_equal(slice_voxel(&s, 233, 213), 699 * 641 + 640); /* the last block is cut */
    s = slice_lay_out(1, 1, 160, 320);
    assert_true(s.factor == 160 && slice_voxel(&s, 0, 0) == 0);
}

static void contours_are_where_classes_meet(void **state)
{
    (void)state;
    static const uint8_t classes[] = {1, 1, 0, 0, /**/ 1, 1, 0, 2};
    struct slice s = slice_lay_out(2, 4, 12, 100);
    assert_int_equal(s.factor, 3);
    assert_true(slice_class(&s, classes, 0, 0) == 1 && slice_class(&s, classes, 5, 11) == 2 &&
        slice_class(&s, classes, 2, 11) == 0);
    assert_true(slice_class(&s, classes, -9, -9) == 1 && slice_class(&s, classes, 99, 99) == 2);
    assert_false(slice_contour(&s, classes, 0, 0, 1)); /* the border is no contour */
    assert_false(slice_contour(&s, classes, 1, 4, 1));
    assert_true(slice_contour(&s, classes, 1, 5, 1) && slice_contour(&s, classes, 1, 6, 1));
    assert_true(slice_contour(&s, classes, 1, 4, 2));
    assert_true(slice_contour(&s, classes, 3, 10, 1));
}

static void rare_values_are_not_what_black_and_white_are(void **state)
{
    (void)state;
    float x[101], flat[3] = {7, 7, 7}, odd[200] = {0};
    for (int i = 0; i <= 100; i++) x[i] = (float)(100 - i);
    struct slice_range r = slice_range_of(x, 101);
    assert_true(r.low == 1 && r.high == 99);
    assert_true(
        slice_shade(&r, 1) == 0 && slice_shade(&r, 99) == 255 && slice_shade(&r, 50) == 128);
    assert_true(slice_shade(&r, -1e30) == 0 && slice_shade(&r, 1e30) == 255);
    r = slice_range_of(flat, 3);
    assert_int_equal(slice_shade(&r, 7), 0);
    odd[100] = 5;
    r = slice_range_of(odd, 200);
    assert_true(r.low == 0 && r.high == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_ones_are_enlarged_and_large_ones_thinned),
        cmocka_unit_test(contours_are_where_classes_meet),
        cmocka_unit_test(rare_values_are_not_what_black_and_white_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
