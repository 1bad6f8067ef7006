/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of grid positions, and distances between two grids (image and labels, prediction and
 * reference). */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "image/image.h"

att_status geometry_copy(const struct geometry *from, struct geometry *to, struct err *e)
{
    *to = *from;
    to->header = NULL;
    to->header_size = 0;
    if (!from->header) return ATT_OK;
    TRY(MEM_BYTES(to->header, from->header_size, "an image header", e));
    memcpy(to->header, from->header, from->header_size);
    to->header_size = from->header_size;
    return ATT_OK;
}

struct geometry geometry_effective(const struct geometry *g)
{
    struct geometry out = *g;
    if (!(g->user_spacing[0] > 0)) return out;
    memcpy(out.spacing, g->user_spacing, sizeof out.spacing);
    out.valid = true;
    return out;
}

struct geometry geometry_none(void)
{
    return (struct geometry){
        .spacing = {1, 1, 1}, .affine = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};
}

void geometry_free(struct geometry *g)
{
    mem_free(g->header);
    *g = (struct geometry){0};
}

double geometry_length(const struct geometry *g, int axis)
{
    const int j = 2 - axis;
    return sqrt(g->affine[0][j] * g->affine[0][j] + g->affine[1][j] * g->affine[1][j] +
        g->affine[2][j] * g->affine[2][j]);
}

bool geometry_axes(const struct geometry *g, int world[3], bool rises[3])
{
    int max[3] = {0};
    if (!g->oriented) return false;
    for (int a = 0; a < 3; a++)
        for (int i = 1; i < 3; i++)
            if (fabs(g->affine[i][2 - a]) > fabs(g->affine[max[a]][2 - a])) max[a] = i;
    if (max[0] == max[1] || max[0] == max[2] || max[1] == max[2]) return false;
    for (int a = 0; a < 3; a++) {
        world[a] = max[a];
        rises[a] = g->affine[max[a]][2 - a] > 0;
    }
    return true;
}

/* The inverse of the left 3x3 of m by cofactors. Returns the determinant; 0: there is no inverse.
 */
static double invert(const double m[3][4], double inverse[3][3])
{
    double det = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            inverse[i][j] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
        }
    for (int j = 0; j < 3; j++) det += m[j][0] * inverse[0][j];
    if (!isfinite(det) || det == 0) return 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) inverse[i][j] /= det;
    return det;
}

bool geometry_has_volume(const struct geometry *g)
{
    double inverse[3][3], sides = 1;
    for (int i = 0; i < 3; i++) sides *= geometry_length(g, i);
    return fabs(invert(g->affine, inverse)) > 1e-6 * sides;
}

/* Voxel (w, h, d, 1) of a corner of the grid. */
static void corner_voxel(int corner, const int size[3], double v[4])
{
    v[0] = corner & 1 ? size[IMAGE_W] - 1 : 0;
    v[1] = corner & 2 ? size[IMAGE_H] - 1 : 0;
    v[2] = corner & 4 ? size[IMAGE_D] - 1 : 0;
    v[3] = 1;
}

/* A file without a unit has that of the other one: nibabel writes masks without. */
static struct geometry geometry_in_unit_of(const struct geometry *g, const struct geometry *other)
{
    struct geometry out = *g;
    for (int i = 0; i < 12 && !(g->unit > 0) && other->unit > 0; i++)
        out.affine[i / 4][i % 4] *= other->unit;
    return out;
}

/* Distance from a's to b's position of a voxel, in mm along x, y and z. */
static void shift_mm(
    const struct geometry *a, const struct geometry *b, const double v[4], double mm[3])
{
    for (int i = 0; i < 3; i++) {
        mm[i] = 0;
        for (int j = 0; j < 4; j++) mm[i] += (b->affine[i][j] - a->affine[i][j]) * v[j];
    }
}

double geometry_distance(
    const struct geometry *first, const struct geometry *second, const int size[3])
{
    const struct geometry own = geometry_in_unit_of(first, second),
                          its = geometry_in_unit_of(second, first), *a = &own, *b = &its;
    double largest = 0, v[4], mm[3];
    for (int corner = 0; corner < 8; corner++) {
        corner_voxel(corner, size, v);
        shift_mm(a, b, v, mm);
        largest = fmax(largest, sqrt(mm[0] * mm[0] + mm[1] * mm[1] + mm[2] * mm[2]));
    }
    return largest;
}

double geometry_difference(
    const struct geometry *first, const struct geometry *second, const int size[3])
{
    const struct geometry own = geometry_in_unit_of(first, second),
                          its = geometry_in_unit_of(second, first), *a = &own, *b = &its;
    if (!a->valid || !b->valid) return 0;
    if (memcmp(a->affine, b->affine, sizeof a->affine) == 0) return 0;
    double inverse[3][3], largest = 0;
    if (invert(a->affine, inverse) == 0) return INFINITY;
    for (int corner = 0; corner < 8; corner++) {
        double v[4], mm[3], square = 0;
        corner_voxel(corner, size, v);
        shift_mm(a, b, v, mm);
        for (int i = 0; i < 3; i++) {
            double voxels = inverse[i][0] * mm[0] + inverse[i][1] * mm[1] + inverse[i][2] * mm[2];
            square += voxels * voxels;
        }
        double distance = sqrt(square);
        if (!(distance <= largest)) largest = distance; /* keep NaN */
    }
    return isnan(largest) ? INFINITY : largest;
}

void geometry_exchange_forms(struct geometry *g)
{
    double first[3][4];
    if (!g->two_forms) return;
    memcpy(first, g->affine, sizeof first);
    memcpy(g->affine, g->second, sizeof g->affine);
    memcpy(g->second, first, sizeof first);
}

bool geometry_meets(const struct geometry *a, const struct geometry *b, const int size[3])
{
    struct geometry x = *a, y = *b;
    geometry_exchange_forms(&x);
    geometry_exchange_forms(&y);
    return geometry_difference(a, b, size) <= GEOMETRY_TOLERANCE ||
        geometry_difference(&x, b, size) <= GEOMETRY_TOLERANCE ||
        geometry_difference(a, &y, size) <= GEOMETRY_TOLERANCE;
}
