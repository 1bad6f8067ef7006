/* SPDX-License-Identifier: Apache-2.0 */
/* Images, label maps and geometry.c: owning, copying, comparing grids. */
#include "image/image.h"

#include <math.h>

#include "unit/format/format_test.h"

static struct geometry grid(void)
{
    return (struct geometry){.spacing = {2, 1, 0.5f},
        .affine = {{0.5, 0, 0, 10}, {0, 1, 0, 20}, {0, 0, 2, 30}},
        .valid = true};
}

static void free_leaves_it_empty(void **state)
{
    (void)state;
    struct image m = {.channels = 1,
        .size = {1, 1, 2},
        .data = mem_alloc(8),
        .geometry = {.header = mem_alloc(4), .header_size = 4}};
    struct labelmap l = {.size = {1, 1, 2}, .data = mem_alloc(4)};
    image_free(&m);
    labelmap_free(&l);
    assert_null(m.data);
    assert_null(m.geometry.header);
    assert_int_equal(m.channels, 0);
    assert_null(l.data);
    image_free(&m);
    labelmap_free(&l);
}

static void copies_own_their_header(void **state)
{
    (void)state;
    struct geometry a = grid(), b;
    OK(geometry_copy(&a, &b, &e));
    assert_null(b.header);
    a.header = mem_alloc(3);
    a.header_size = 3;
    memcpy(a.header, "abc", 3);
    OK(geometry_copy(&a, &b, &e));
    assert_true(b.header != a.header);
    assert_memory_equal(b.header, "abc", 3);
    assert_memory_equal(b.affine, a.affine, sizeof a.affine);
    geometry_free(&a);
    geometry_free(&b);
    assert_false(b.valid);
}

static const int size[3] = {5, 11, 21}; /* d, h, w */

static void shifts_count_in_voxels(void **state)
{
    (void)state;
    struct geometry a = grid(), b = grid();
    assert_true(geometry_difference(&a, &b, size) == 0);
    b.affine[0][3] += 1.5; /* mm along x, voxels of 0.5 mm */
    assert_true(geometry_difference(&a, &b, size) == 3);
    b.affine[1][3] -= 4;
    assert_true(geometry_difference(&a, &b, size) == 5);
}

/* A mask without a unit lies on its image in micrometres; one that says mm does not. */
static void a_missing_unit_is_the_other_ones(void **state)
{
    (void)state;
    struct geometry a = grid(), b = grid();
    a.unit = .001;
    for (int i = 0; i < 12; i++) a.affine[i / 4][i % 4] *= a.unit;
    assert_true(geometry_difference(&a, &b, size) < 1e-9);
    assert_true(geometry_difference(&b, &a, size) < 1e-9);
    assert_true(geometry_distance(&a, &b, size) < 1e-9);
    b.affine[0][3] += 1.5; /* um along x, voxels of 0.5 um */
    assert_true(fabs(geometry_difference(&a, &b, size) - 3) < 1e-9);
    assert_true(fabs(geometry_distance(&a, &b, size) - .0015) < 1e-12);
    b.unit = 1;
    assert_true(geometry_difference(&a, &b, size) > 1000);
}

/* The label of an ITK program lies on the qform of an image with a sform, too. */
static void a_second_form_may_meet(void **state)
{
    (void)state;
    struct geometry a = grid(), b = grid(), c = grid();
    a.two_forms = true;
    memcpy(a.second, a.affine, sizeof a.second);
    a.affine[0][3] += 10;
    assert_true(geometry_difference(&a, &b, size) == 20);
    assert_true(geometry_meets(&a, &b, size) && geometry_meets(&b, &a, size));
    c.affine[1][3] += 10;
    assert_false(geometry_meets(&a, &c, size));
    c = a; /* equal second forms do not count */
    c.affine[1][3] += 10;
    assert_false(geometry_meets(&a, &c, size));
    geometry_exchange_forms(&a);
    assert_true(geometry_difference(&a, &b, size) == 0);
}

static void the_far_corner_counts(void **state)
{
    (void)state;
    struct geometry a = grid(), b = grid();
    b.affine[2][2] = 2.5; /* slice 4 lies 2 mm further: one voxel of a */
    assert_true(geometry_difference(&a, &b, size) == 1);
    b = grid();
    b.affine[0][0] = -0.5; /* mirrored: column 20 lies 20 mm away, 40 voxels */
    assert_true(geometry_difference(&a, &b, size) == 40);
}

static void oblique_grids_are_measured_in_their_own_axes(void **state)
{
    (void)state;
    struct geometry a = {.affine = {{0, -2, 0, 0}, {4, 0, 0, 0}, {0, 0, 1, 0}}, .valid = true},
                    b = a;
    b.affine[0][3] = 4; /* x is minus the second axis, of 2 mm */
    assert_true(geometry_difference(&a, &b, size) == 2);
    b = a;
    b.affine[1][3] = 4; /* y is the first axis, of 4 mm */
    assert_true(geometry_difference(&a, &b, size) == 1);
}

static void without_geometry_nothing_differs(void **state)
{
    (void)state;
    struct geometry a = grid(), b = {0};
    assert_true(geometry_difference(&a, &b, size) == 0);
    assert_true(geometry_difference(&b, &a, size) == 0);
}

static void broken_grids_are_infinitely_far(void **state)
{
    (void)state;
    struct geometry a = grid(), flat = grid(), nan = grid();
    flat.affine[2][2] = 0;
    nan.affine[1][1] = NAN;
    assert_true(isinf(geometry_difference(&flat, &a, size)));
    assert_true(isinf(geometry_difference(&a, &nan, size)));
    assert_true(isinf(geometry_difference(&nan, &a, size)));
}

static void places_are_told_as_viewers_show_them(void **state)
{
    char text[IMAGE_PLACE_TEXT];
    (void)state;
    assert_string_equal(image_place((int[3]){2, 3, 4}, 0, text), "(0,0,0)");
    assert_string_equal(image_place((int[3]){2, 3, 4}, 12 + 2 * 4 + 3, text), "(3,2,1)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_leaves_it_empty),
        cmocka_unit_test(copies_own_their_header),
        cmocka_unit_test(shifts_count_in_voxels),
        cmocka_unit_test(a_missing_unit_is_the_other_ones),
        cmocka_unit_test(a_second_form_may_meet),
        cmocka_unit_test(the_far_corner_counts),
        cmocka_unit_test(oblique_grids_are_measured_in_their_own_axes),
        cmocka_unit_test(without_geometry_nothing_differs),
        cmocka_unit_test(broken_grids_are_infinitely_far),
        cmocka_unit_test(places_are_told_as_viewers_show_them),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
