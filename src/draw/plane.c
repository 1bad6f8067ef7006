/* SPDX-License-Identifier: Apache-2.0 */
/* Lays out planes for overlays and pictures of reports. */
#include "draw/plane.h"

#include "base/mem.h"

/* By the axis across the plane: x, y or z. */
static const struct {
    const char *patient, *plain;
} names[3] = {{"sagittal", "yz"}, {"coronal", "xz"}, {"axial", "xy"}};
static const char *const side[3] = {
    "R", "A", "S"}; /* directions of the largest x, y, z, at the top or left */

static double plane_spacing_of(const struct image *m, int axis)
{
    const struct geometry g = geometry_effective(&m->geometry);
    const double mm = (double)g.spacing[axis];
    return mm > 0 ? mm : 1;
}

/* Pixel side in mm: the smallest voxel side, unless these two axes would need too many pixels. */
static double pixel_of(const struct image *m, const int axes[2], int max)
{
    double pixel = plane_spacing_of(m, 0);
    for (int a = 1; a < 3; a++)
        pixel = plane_spacing_of(m, a) < pixel ? plane_spacing_of(m, a) : pixel;
    for (int k = 0; k < 2; k++) {
        double min = m->size[axes[k]] * plane_spacing_of(m, axes[k]) / max;
        pixel = pixel > min ? pixel : min;
    }
    return pixel;
}

static struct plane_axis shown_as(const struct image *m, int axis, double pixel, bool turned)
{
    int pixels = (int)(m->size[axis] * plane_spacing_of(m, axis) / pixel + .5);
    return (struct plane_axis){axis, m->size[axis], pixels > 0 ? pixels : 1, turned};
}

int planes_lay_out(const struct image *m, const int index[3], int max, struct plane plane[PLANES])
{
    const size_t row = (size_t)m->size[IMAGE_W],
                 stride[3] = {row * (size_t)m->size[IMAGE_H], row, 1};
    int world[3] = {2, 1, 0}, of[3];
    bool rises[3] = {false}, oriented = geometry_axes(&m->geometry, world, rises);
    if (m->size[IMAGE_D] == 1) {
        plane[0] = (struct plane){IMAGE_D, 0, {IMAGE_H, m->size[IMAGE_H], m->size[IMAGE_H], false},
            {IMAGE_W, m->size[IMAGE_W], m->size[IMAGE_W], false}, "", "", "",
            {stride[0], stride[1], stride[2]}};
        return 1;
    }
    for (int a = 0; a < 3; a++) of[world[a]] = a;
    for (int k = 0; k < PLANES; k++) {
        int across = 2 - k, down = across == 2 ? 1 : 2,
            right = across == 0 ? 1 : 0; /* of x, y, z */
        const double pixel = pixel_of(m, (const int[2]){of[down], of[right]}, max);
        plane[k] = (struct plane){of[across], index[of[across]],
            shown_as(m, of[down], pixel, rises[of[down]]),
            shown_as(m, of[right], pixel, rises[of[right]]),
            oriented ? names[across].patient : names[across].plain, oriented ? side[down] : "",
            oriented ? side[right] : "", {stride[0], stride[1], stride[2]}};
    }
    return PLANES;
}

static size_t plane_along(const struct plane *p, const struct plane_axis *a, int pixel)
{
    int voxel = (int)((2 * (int64_t)pixel + 1) * a->voxels / (2 * (int64_t)a->pixels));
    return (size_t)(a->turned ? a->voxels - 1 - voxel : voxel) * p->stride[a->axis];
}

size_t plane_voxel(const struct plane *p, int row, int column)
{
    return (size_t)p->index * p->stride[p->across] + plane_along(p, &p->v, row) +
        plane_along(p, &p->u, column);
}

/* counts: [slices][256] */
static int best_of(const uint32_t *counts, int slices)
{
    uint32_t max[256] = {0};
    int best = slices / 2, best_kinds = 0;
    double best_share = 0;
    for (size_t i = 0; i < (size_t)slices * 256; i++)
        max[i % 256] = counts[i] > max[i % 256] ? counts[i] : max[i % 256];
    for (int s = 0; s < slices; s++) {
        int kinds = 0;
        double share = 0;
        for (int k = 1; k < 256; k++) {
            uint32_t count = counts[(size_t)s * 256 + (size_t)k];
            if (!count) continue;
            kinds++;
            share += (double)count / (double)max[k];
        }
        if (kinds < best_kinds || (kinds == best_kinds && share <= best_share)) continue;
        best = s;
        best_kinds = kinds;
        best_share = share;
    }
    return best;
}

att_status planes_best(const uint8_t *classes, const int size[3], int best[3], struct err *e)
{
    size_t slices = (size_t)size[0] + (size_t)size[1] + (size_t)size[2];
    uint32_t *counts = mem_array(slices * 256, sizeof *counts), *of[3] = {counts};
    if (!counts) return err_memory(e, slices * 256 * sizeof *counts, "the slices of a picture");
    for (int a = 1; a < 3; a++) of[a] = of[a - 1] + (size_t)size[a - 1] * 256;
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++)
            for (int w = 0; w < size[2]; w++) {
                const int at[3] = {d, h, w};
                const uint8_t k = *classes++;
                for (int a = 0; k && a < 3; a++) of[a][(size_t)at[a] * 256 + k]++;
            }
    for (int a = 0; a < 3; a++) best[a] = best_of(of[a], size[a]);
    mem_free(counts);
    return ATT_OK;
}
