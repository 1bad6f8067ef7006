/* SPDX-License-Identifier: Apache-2.0 */
/* Why two files are not on one grid: what is said first is what people can mend. */
#include "dataset/grid.h"

#include "unit/dataset/dataset_test.h"

static struct geometry spaced(float d, float h, float w)
{
    return (struct geometry){.spacing = {d, h, w},
        .affine = {{(double)w, 0, 0, 0}, {0, (double)h, 0, 0}, {0, 0, (double)d, 0}},
        .valid = true};
}

static void pages_that_were_taken_as_slices(void **state)
{
    (void)state;
    static const int deep[3] = {2, 4, 4}, flat[3] = {1, 4, 4}, red[3] = {3, 4, 4};
    REFUSED(grid_check_size("a.mha", red, "b.png", flat, &e), ATT_DATA,
        "to the other's grid; if its slices are colours, save it as PNG");
    REFUSED(grid_check_size("a.tif", deep, "b.png", flat, &e), ATT_DATA,
        "unless its metadata call them channels");
    REFUSED(grid_check_size("a.png", flat, "b.TIFF", deep, &e), ATT_DATA,
        "unless its metadata call them channels");
    REFUSED(grid_check_size("a.npy", flat, "b.npy", deep, &e), ATT_DATA,
        "; the axes of NPY files are [channel][slice][row][column]");
    struct err e = {0};
    assert_int_equal(grid_check_size("a.nii", deep, "b.png", flat, &e), ATT_DATA);
    assert_string_equal(
        e.text, "a.nii is 2x4x4 but b.png is 4x4; resample one to the other's grid");
}

static void other_lengths_of_voxels(void **state)
{
    (void)state;
    static const int deep[3] = {2, 4, 4}, flat[3] = {1, 4, 4};
    const struct geometry small = spaced(2, .0001f, .0001f), large = spaced(2, .001f, .001f),
                          thick = spaced(5, .0001f, .0001f);
    struct image m = {.size = {2, 4, 4}, .geometry = large};
    REFUSED(grid_check("a.tif", deep, &small, "b.tif", &m, NULL, &e), ATT_DATA,
        "a.tif: its voxels are 2x0.0001x0.0001 mm, but those of b.tif are 2x0.001x0.001 mm; "
        "correct the wrong header");
    REFUSED(grid_check_spacing("a.tif", &small, "b.tif", &large, flat, &e), ATT_DATA,
        "its voxels are 0.0001x0.0001 mm, but");
    REFUSED(grid_check_spacing("a.tif", &small, "b.tif", &thick, deep, &e), ATT_DATA,
        "its voxels are 2x0.0001x0.0001 mm, but");
    OK(grid_check_spacing("a.tif", &small, "b.tif", &thick, flat, &e)); /* one slice has no next */
    struct geometry moved = small;
    moved.affine[0][3] = 1;
    m.geometry = moved;
    REFUSED(grid_check("a.tif", deep, &small, "b.tif", &m, NULL, &e), ATT_DATA,
        ": by its header it is 1e+04 voxels (1 mm) off from b.tif");
}

/* Both headers may be right: a copied one would mirror the label. */
static void other_axes(void **state)
{
    (void)state;
    static const int size[3] = {6, 5, 4}, turned[3] = {4, 5, 6};
    struct geometry g = spaced(2, 1, 1);
    g.oriented = true;
    struct image m = {.size = {6, 5, 4}, .geometry = g};
    struct geometry mirrored = g, swapped = g;
    mirrored.affine[1][1] = -1, mirrored.affine[1][3] = 4;
    REFUSED(grid_check("l.nii", size, &mirrored, "i.nii", &m, NULL, &e), ATT_DATA,
        "l.nii: its axes are RPS, but those of i.nii are RAS; save it again on the image's axes");
    memcpy(swapped.affine[0], (double[4]){0, 0, 1, 0}, sizeof swapped.affine[0]);
    memcpy(swapped.affine[2], (double[4]){2, 0, 0, 0}, sizeof swapped.affine[2]);
    REFUSED(grid_check("l.nii", turned, &swapped, "i.nii", &m, NULL, &e), ATT_DATA,
        "l.nii: its axes are SAR, but those of i.nii are RAS; save it again on the image's axes");
    REFUSED(grid_check("l.nii", turned, &g, "i.nii", &m, NULL, &e), ATT_DATA,
        "l.nii is 4x5x6 but i.nii is 6x5x4; resample one to the other's grid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_that_were_taken_as_slices),
        cmocka_unit_test(other_lengths_of_voxels),
        cmocka_unit_test(other_axes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
