/* SPDX-License-Identifier: Apache-2.0 */
/* What is not zero: its box, its holes, cutting it out. scipy's holes are in test_resample_order.c.
 */
#include "image/nonzero.h"

#include "unit/format/format_test.h"

enum { D = 6, H = 9, W = 11, VOXELS = D * H * W };

static size_t at(int d, int h, int w) { return ((size_t)d * H + (size_t)h) * W + (size_t)w; }

static void check_box(const struct image *m, const int from[3], const int size[3])
{
    struct box b;
    nonzero_box(m, &b);
    assert_memory_equal(b.from, from, sizeof b.from);
    assert_memory_equal(b.size, size, sizeof b.size);
}

static void the_box_holds_all_channels(void **state)
{
    (void)state;
    float x[2 * VOXELS] = {0};
    struct image m = {.channels = 2, .size = {D, H, W}, .data = x};
    check_box(&m, (int[]){0, 0, 0}, (int[]){D, H, W}); /* nothing: all of it */
    x[at(2, 7, 3)] = -1;
    check_box(&m, (int[]){2, 7, 3}, (int[]){1, 1, 1});
    x[VOXELS + at(4, 5, 8)] = 1e-30f;
    check_box(&m, (int[]){2, 5, 3}, (int[]){3, 3, 6});
    x[at(0, 0, 0)] = x[at(5, 8, 10)] = 2;
    check_box(&m, (int[]){0, 0, 0}, (int[]){D, H, W});
}

/* A closed box is filled; a spiral way out, or one over an edge only, decides. */
static void holes_are_what_no_path_leaves(void **state)
{
    (void)state;
    float x[VOXELS] = {0};
    uint8_t inside[VOXELS];
    struct image m = {.channels = 1, .size = {D, H, W}, .data = x};
    for (int d = 1; d < 5; d++)
        for (int h = 1; h < 8; h++)
            for (int w = 1; w < 10; w++)
                x[at(d, h, w)] = d == 1 || d == 4 || h == 1 || h == 7 || w == 1 || w == 9;
    OK(nonzero_mask(&m, inside, &e));
    for (int i = 0; i < VOXELS; i++) {
        int d = i / W / H, h = i / W % H, w = i % W;
        assert_int_equal(inside[i], d >= 1 && d < 5 && h >= 1 && h < 8 && w >= 1 && w < 10);
    }
    for (int h = 2; h < 7;
         h++) /* a wall with a door, and a door in the box that only the other room has */
        for (int d = 2; d < 4; d++) x[at(d, h, 5)] = !(h == 6 && d == 2);
    x[at(3, 1, 2)] = 0;
    OK(nonzero_mask(&m, inside, &e));
    assert_true(!inside[at(2, 6, 5)] && !inside[at(3, 2, 8)] && !inside[at(3, 1, 2)] &&
        inside[at(3, 6, 5)]);
    x[at(3, 1, 2)] = 1;
    x[at(4, 1, 3)] = 0; /* an edge: its faces do not touch the room */
    OK(nonzero_mask(&m, inside, &e));
    assert_true(inside[at(3, 2, 3)] && inside[at(2, 6, 5)] && !inside[at(4, 1, 3)]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_box_holds_all_channels),
        cmocka_unit_test(holes_are_what_no_path_leaves),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
