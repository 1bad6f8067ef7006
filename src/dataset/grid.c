/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/grid.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "files/file.h"
#include "format/format.h"
#include "image/orient.h"

/* Slices that may be meant as channels. */
static const char *of_slices(const char *path, int depth, int other)
{
    enum { RGB = 3, RGBA = 4 };
    if (depth <= 1 || other != 1) return "";
    if (format_is(path, &format_npy))
        return "; the axes of NPY files are [channel][slice][row][column] (docs/formats.md)";
    if (format_is(path, &format_tiff))
        return "; pages of a TIFF are slices unless its metadata call them channels "
               "(docs/formats.md)";
    return depth == RGB || depth == RGBA ? "; if its slices are colours, save it as PNG" : "";
}

att_status grid_check_size(
    const char *path, const int size[3], const char *image, const int wanted[3], struct err *e)
{
    char a[NUMBER_SIZE], b[NUMBER_SIZE];
    if (image_same_triple(size, wanted)) return ATT_OK;
    return err_data(e, "%s is %s but %s is %s; resample one to the other's grid%s%s", path,
        number_size(size, size[0] == 1, a), image, number_size(wanted, wanted[0] == 1, b),
        of_slices(path, size[0], wanted[0]), of_slices(image, wanted[0], size[0]));
}

static const char *grid_lengths(
    const struct geometry *g, const int size[3], char text[IMAGE_SPACING_TEXT])
{
    return image_spacing_text(
        (double[]){(double)g->spacing[0], (double)g->spacing[1], (double)g->spacing[2]},
        size[IMAGE_D] == 1, text);
}

att_status grid_check_spacing(const char *path, const struct geometry *g, const char *other,
    const struct geometry *its, const int size[3], struct err *e)
{
    static const double equal = .01; /* relative length: closer voxels count as equal */
    char a[IMAGE_SPACING_TEXT], b[IMAGE_SPACING_TEXT];
    bool same = true;
    for (int axis = 0; axis < 3 && g->valid && its->valid; axis++)
        same = same &&
            (size[axis] == 1 ||
                fabs((double)g->spacing[axis] / (double)its->spacing[axis] - 1) <= equal);
    if (same) return ATT_OK;
    return err_data(e,
        "%s: its voxels are %s, but those of %s are %s; correct the wrong header, or resample one "
        "to the other's grid",
        path, grid_lengths(g, size, a), other, grid_lengths(its, size, b));
}

/* Headers are right where axes differ: voxels need another order, no other place. */
static att_status grid_check_axes(const char *path, const int size[3], const struct geometry *g,
    const char *image, const struct image *m, struct err *e)
{
    char own[ORIENT_TEXT], its[ORIENT_TEXT];
    orient_name(g, size, own);
    orient_name(&m->geometry, m->size, its);
    if (!*own || !*its || strcmp(own, its) == 0) return ATT_OK;
    return err_data(e,
        "%s: its axes are %s, but those of %s are %s; save it again on the image's axes, for "
        "example as a label map of that image in 3D Slicer",
        path, own, image, its);
}

att_status grid_check(const char *path, const int size[3], const struct geometry *g,
    const char *image, const struct image *m, struct grid_distance *distance, struct err *e)
{
    struct grid_distance own = {0, 0};
    if (distance) *distance = own;
    if (!image_same_triple(size, m->size)) {
        TRY(grid_check_axes(path, size, g, image, m, e));
        return grid_check_size(path, size, image, m->size, e);
    }
    own.voxels = geometry_difference(&m->geometry, g, m->size);
    own.mm = own.voxels > 0 ? geometry_distance(&m->geometry, g, m->size) : 0;
    if (distance) *distance = own;
    if (geometry_meets(&m->geometry, g, m->size)) return ATT_OK;
    TRY(grid_check_axes(path, size, g, image, m, e));
    TRY(grid_check_spacing(path, g, image, &m->geometry, size, e));
    return err_data(e,
        "%s: by its header it is %.3g voxels (%.3g mm) off from %s (tolerance %g voxels); resample "
        "it to the image's grid, or copy the image's header if its own is wrong",
        path, own.voxels, own.mm, image, GEOMETRY_TOLERANCE);
}
