/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes around masks. */
#include "image/box.h"

#include "unit/dataset/dataset_test.h"

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

static void each_value_has_its_box(void **state)
{
    (void)state;
    const int size[3] = {2, 2, 5};
    const uint8_t x[] = {7, 7, 0, 255, 7, 0, 0, 0, 0, 0, /* */ 0, 0, 0, 0, 0, 0, 7, 0, 0, 0};
    struct box box[256];
    int64_t voxels[256];
    box_find_each(x, size, box, voxels);
    assert_true(voxels[0] == 15 && voxels[7] == 4 && voxels[255] == 1 && voxels[1] == 0);
    is(&box[0], 0, 0, 0, 2, 2, 5);
    is(&box[7], 0, 0, 0, 2, 2, 5);
    is(&box[255], 0, 0, 3, 1, 1, 1);
    assert_int_equal(box_voxels(&box[1]), 0);
}

static void voxels_of_a_box_are_voxels_of_the_image(void **state)
{
    (void)state;
    const struct box b = {{1, 0, 2}, {2, 3, 2}};
    const int size[3] = {3, 4, 5};
    size_t i = 0;
    for (int d = 1; d < 3; d++)
        for (int h = 0; h < 3; h++)
            for (int w = 2; w < 4; w++)
                assert_int_equal(box_voxel(&b, size, i++), (d * 4 + h) * 5 + w);
}

/* All of a box's voxels in order, in as few runs as can be. */
static void runs_are_what_lies_behind_each_other(void **state)
{
    static const struct {
        struct box b;
        int runs;
    } boxes[] = {{{{0, 0, 0}, {3, 4, 5}}, 1}, {{{1, 0, 0}, {2, 4, 5}}, 1},
        {{{1, 2, 0}, {2, 2, 5}}, 2}, {{{2, 1, 0}, {1, 3, 5}}, 1}, {{{0, 0, 1}, {3, 4, 4}}, 12},
        {{{1, 1, 2}, {2, 2, 3}}, 4}, {{{2, 3, 4}, {1, 1, 1}}, 1}, {{{1, 1, 1}, {0, 2, 2}}, 0},
        {{{1, 1, 0}, {2, 0, 5}}, 0}};
    const int size[3] = {3, 4, 5};
    (void)state;
    for (size_t k = 0; k < sizeof boxes / sizeof *boxes; k++) {
        const struct box *b = &boxes[k].b;
        size_t seen = 0;
        int runs = 0;
        for (struct box_run r = {0}; box_next_run(b, size, &r); runs++)
            for (size_t i = 0; i < r.count; i++)
                assert_int_equal(r.from + i, box_voxel(b, size, seen++));
        assert_int_equal(seen, box_voxels(b));
        assert_int_equal(runs, boxes[k].runs);
    }
}

static void boxes_are_taken_and_put_back(void **state)
{
    (void)state;
    const struct box b = {{1, 0, 2}, {2, 3, 2}};
    const int size[3] = {3, 4, 5};
    uint16_t x[60], y[60] = {0}, part[12];
    for (uint16_t i = 0; i < 60; i++) x[i] = (uint16_t)(i + 1);
    box_take(x, size, sizeof *x, &b, part);
    box_put(y, size, sizeof *y, &b, part);
    for (size_t i = 0; i < 12; i++) assert_int_equal(part[i], x[box_voxel(&b, size, i)]);
    for (size_t i = 0, k = 0; i < 60; i++)
        assert_int_equal(y[i], k < 12 && i == box_voxel(&b, size, k) ? part[k++] : 0);
}

static void channels_are_cropped_in_place(void **state)
{
    (void)state;
    enum { D = 6, H = 9, W = 11, VOXELS = D * H * W };
    const int whole[3] = {D, H, W};
    float x[2 * VOXELS];
    for (int i = 0; i < 2 * VOXELS; i++) x[i] = (float)i;
    box_crop(x, 2, whole, &(struct box){{0, 0, 0}, {D, H, W}});
    assert_true(x[2 * VOXELS - 1] == 2 * VOXELS - 1);
    box_crop(x, 2, whole, &(struct box){{1, 2, 3}, {4, 5, 6}});
    for (int c = 0, i = 0; c < 2; c++)
        for (int d = 1; d < 5; d++)
            for (int h = 2; h < 7; h++)
                for (int w = 3; w < 9; w++)
                    assert_true(x[i++] == (float)(((c * D + d) * H + h) * W + w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_holds_all_of_a_mask),
        cmocka_unit_test(boxes_are_joined),
        cmocka_unit_test(each_value_has_its_box),
        cmocka_unit_test(voxels_of_a_box_are_voxels_of_the_image),
        cmocka_unit_test(channels_are_cropped_in_place),
        cmocka_unit_test(runs_are_what_lies_behind_each_other),
        cmocka_unit_test(boxes_are_taken_and_put_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
