/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes around masks. */
#include "image/box.h"

#include "dataset_test.h"

static void is(const struct box *b, int d, int h, int w, int depth, int height, int width)
{
    const int expected[6] = {d, h, w, depth, height, width};
    for (int a = 0; a < 3; a++) {
        assert_int_equal(b->from[a], expected[a]);
        assert_int_equal(b->size[a], expected[a + 3]);
    }
}

static void a_box_holds_all_of_a_mask(void **state)
{
    (void)state;
    enum { D = 4, H = 5, W = 6 };
    const int size[3] = {D, H, W};
    uint8_t mask[D * H * W] = {0};
    struct box b;
    assert_false(box_find(mask, size, &b));
    assert_int_equal(box_voxels(&b), 0);
    mask[(2 * H + 3) * W + 1] = 9;
    assert_true(box_find(mask, size, &b));
    is(&b, 2, 3, 1, 1, 1, 1);
    mask[(1 * H + 4) * W + 5] = 1;
    assert_true(box_find(mask, size, &b));
    is(&b, 1, 3, 1, 2, 2, 5);
    assert_int_equal(box_voxels(&b), 20);
    assert_int_equal(box_row(&b, size, 1, 1), (2 * H + 4) * W + 1);
    mask[0] = mask[D * H * W - 1] = 1;
    assert_true(box_find(mask, size, &b));
    is(&b, 0, 0, 0, D, H, W);
}

static void boxes_are_joined(void **state)
{
    (void)state;
    struct box b = {{0, 0, 0}, {0, 0, 0}};
    const struct box empty = b, one = {{3, 1, 4}, {2, 2, 2}}, other = {{1, 2, 9}, {1, 1, 1}};
    box_join(&b, &empty);
    assert_int_equal(box_voxels(&b), 0);
    box_join(&b, &one);
    is(&b, 3, 1, 4, 2, 2, 2);
    box_join(&b, &empty);
    is(&b, 3, 1, 4, 2, 2, 2);
    box_join(&b, &other);
    is(&b, 1, 1, 4, 4, 2, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_holds_all_of_a_mask),
        cmocka_unit_test(boxes_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
