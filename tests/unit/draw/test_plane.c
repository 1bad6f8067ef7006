/* SPDX-License-Identifier: Apache-2.0 */
/* Planes through volumes: which slices, which way up, how large. */
#include "draw/plane.h"

#include <string.h>

#include "unit/expect.h"

static const int first[3] = {0, 0, 0};

/* Voxels d, h, w of 1 mm; the file's axes w, h, d rise to the right, the front and the top (RAS),
 * or as `sign` says. */
static struct image volume(int d, int h, int w, const int sign[3])
{
    struct image m = {.channels = 1,
        .size = {d, h, w},
        .geometry = {.spacing = {1, 1, 1}, .valid = sign != NULL, .oriented = sign != NULL}};
    for (int i = 0; sign && i < 3; i++) m.geometry.affine[i][i] = sign[i];
    return m;
}

static size_t voxel(const struct image *m, int d, int h, int w)
{
    return ((size_t)d * (size_t)m->size[1] + (size_t)h) * (size_t)m->size[2] + (size_t)w;
}

static void check_names(const struct plane *p, const char *name, const char *top, const char *left)
{
    assert_string_equal(p->name, name);
    assert_string_equal(p->top, top);
    assert_string_equal(p->left, left);
}

static void nothing_known_is_shown_as_it_lies(void **state)
{
    (void)state;
    const struct image m = volume(4, 6, 8, NULL);
    struct plane p[PLANES];
    assert_int_equal(planes_lay_out(&m, (int[]){1, 2, 3}, 1000, p), 3);
    check_names(&p[0], "xy", "", "");
    check_names(&p[1], "xz", "", "");
    check_names(&p[2], "yz", "", "");
    assert_true(
        p[0].v.pixels == 6 && p[0].u.pixels == 8 && p[1].v.pixels == 4 && p[1].u.pixels == 8);
    assert_true(p[2].v.pixels == 4 && p[2].u.pixels == 6);
    for (int d = 0; d < 4; d++)
        for (int h = 0; h < 6; h++)
            for (int w = 0; w < 8; w++) {
                assert_int_equal(plane_voxel(&p[0], h, w), voxel(&m, 1, h, w));
                assert_int_equal(plane_voxel(&p[1], d, w), voxel(&m, d, 2, w));
                assert_int_equal(plane_voxel(&p[2], d, h), voxel(&m, d, h, 3));
            }
}

/* Voxels are as long as the user says, whatever the file does. */
static void pixels_are_square_as_voxels_were_given(void **state)
{
    (void)state;
    struct image m = volume(4, 6, 8, NULL);
    struct plane p[PLANES];
    for (int a = 0; a < 3; a++) m.geometry.user_spacing[a] = a == 0 ? 3 : 1;
    assert_int_equal(planes_lay_out(&m, (int[]){1, 2, 3}, 1000, p), 3);
    assert_true(p[0].v.pixels == 6 && p[0].u.pixels == 8 && p[1].v.pixels == 12 &&
        p[1].u.pixels == 8 && p[2].v.pixels == 12);
}

/* The first pixel is top and left: the most superior, anterior, right. */
static void patients_are_upright(void **state)
{
    (void)state;
    struct plane p[PLANES];
    for (int corner = 0; corner < 8; corner++) {
        const int sign[3] = {corner & 1 ? -1 : 1, corner & 2 ? -1 : 1, corner & 4 ? -1 : 1};
        const struct image m = volume(4, 6, 8, sign);
        const int d = sign[2] > 0 ? 3 : 0, h = sign[1] > 0 ? 5 : 0, w = sign[0] > 0 ? 7 : 0;
        planes_lay_out(&m, first, 1000, p);
        check_names(&p[0], "axial", "A", "R");
        check_names(&p[1], "coronal", "S", "R");
        check_names(&p[2], "sagittal", "S", "A");
        assert_int_equal(plane_voxel(&p[0], 0, 0), voxel(&m, 0, h, w));
        assert_int_equal(plane_voxel(&p[1], 0, 0), voxel(&m, d, 0, w));
        assert_int_equal(plane_voxel(&p[2], 0, 0), voxel(&m, d, h, 0));
    }
}

/* A sagittal acquisition: w runs to the front, h to the feet, d to the left. */
static void axes_in_another_order(void **state)
{
    (void)state;
    struct image m = volume(4, 6, 8, NULL);
    struct plane p[PLANES];
    m.geometry.valid = m.geometry.oriented = true;
    m.geometry.affine[1][0] = 1;
    m.geometry.affine[2][1] = -1;
    m.geometry.affine[0][2] = -1;
    planes_lay_out(&m, (int[]){1, 2, 3}, 1000, p);
    check_names(&p[0], "axial", "A", "R");
    assert_true(p[0].across == IMAGE_H && p[0].v.pixels == 8 && p[0].u.pixels == 4);
    assert_int_equal(plane_voxel(&p[0], 0, 0), voxel(&m, 0, 2, 7));
    assert_int_equal(plane_voxel(&p[1], 5, 3), voxel(&m, 3, 5, 3));
    assert_int_equal(plane_voxel(&p[2], 5, 0), voxel(&m, 1, 5, 7));
}

static void turned_ones_go_by_their_nearest_axes(void **state)
{
    (void)state;
    struct image m = volume(4, 6, 8, NULL);
    struct plane p[PLANES];
    m.geometry.valid = m.geometry.oriented = true;
    const double a[3][3] = {{.8, -.6, 0}, {.6, .8, 0}, {0, 0, 1}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) m.geometry.affine[i][j] = a[i][j];
    planes_lay_out(&m, first, 1000, p);
    check_names(&p[0], "axial", "A", "R");
    assert_int_equal(plane_voxel(&p[0], 0, 0), voxel(&m, 0, 5, 7));
    m.geometry.affine[1][0] = 9; /* w and h run along y */
    planes_lay_out(&m, first, 1000, p);
    check_names(&p[0], "xy", "", "");
}

static void pixels_are_square(void **state)
{
    (void)state;
    struct image m = volume(10, 60, 80, NULL);
    struct plane p[PLANES];
    m.geometry.spacing[0] = 5;
    m.geometry.spacing[1] = .5f;
    planes_lay_out(&m, (int[]){0, 30, 40}, 1000, p);
    assert_true(p[0].v.pixels == 60 && p[0].u.pixels == 160);
    assert_true(p[1].v.pixels == 100 && p[1].u.pixels == 160);
    for (int k = 0; k < 100; k++)
        assert_int_equal(plane_voxel(&p[1], k, 0), voxel(&m, k / 10, 30, 0));
    planes_lay_out(&m, (int[]){0, 30, 40}, 40, p); /* 80 mm by 40 pixels */
    assert_true(p[0].v.pixels == 15 && p[0].u.pixels == 40 && p[1].v.pixels == 25);
    assert_int_equal(plane_voxel(&p[0], 0, 39), voxel(&m, 0, 2, 79));
    planes_lay_out(
        &m, (int[]){0, 30, 40}, 100, p); /* one that is too long leaves the others alone */
    assert_true(
        p[0].v.pixels == 38 && p[0].u.pixels == 100 && p[2].v.pixels == 100 && p[2].u.pixels == 60);
    m.geometry.spacing[1] = 1e-30f; /* what a damaged header says must not take all memory */
    planes_lay_out(&m, first, 40, p);
    assert_true(p[0].v.pixels == 1 && p[0].u.pixels == 40);
}

static void one_slice_stays_as_it_is(void **state)
{
    (void)state;
    struct image m = volume(1, 30, 50, (const int[]){1, 1, 1});
    struct plane p[PLANES];
    m.geometry.spacing[1] = 3;
    assert_int_equal(planes_lay_out(&m, first, 20, p), 1);
    assert_true(p[0].v.pixels == 30 && p[0].u.pixels == 50);
    assert_int_equal(plane_voxel(&p[0], 29, 49), 30 * 50 - 1);
}

static void check_best(const uint8_t *classes, const int size[3], int d, int h, int w)
{
    int best[3];
    OK(planes_best(classes, size, best, &e));
    assert_true(best[0] == d && best[1] == h && best[2] == w);
}

static void the_slice_with_most_classes(void **state)
{
    (void)state;
    static const int size[3] = {5, 7, 9};
    const struct image m = volume(5, 7, 9, NULL);
    uint8_t classes[5 * 7 * 9] = {0};
    check_best(classes, size, 2, 3, 4);
    classes[voxel(&m, 1, 2, 3)] = 1;
    check_best(classes, size, 1, 2, 3);
    for (int w = 5; w < 8; w++) classes[voxel(&m, 4, 6, w)] = 1; /* larger */
    check_best(classes, size, 4, 6, 3);
    classes[voxel(&m, 1, 2, 8)] = 2; /* more kinds */
    check_best(classes, size, 1, 2, 3);
    classes[voxel(&m, 4, 0, 0)] = 2; /* as many, and larger shares */
    check_best(classes, size, 4, 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_known_is_shown_as_it_lies),
        cmocka_unit_test(pixels_are_square_as_voxels_were_given),
        cmocka_unit_test(patients_are_upright),
        cmocka_unit_test(axes_in_another_order),
        cmocka_unit_test(turned_ones_go_by_their_nearest_axes),
        cmocka_unit_test(pixels_are_square),
        cmocka_unit_test(one_slice_stays_as_it_is),
        cmocka_unit_test(the_slice_with_most_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
