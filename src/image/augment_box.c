/* SPDX-License-Identifier: Apache-2.0 */
/* The box of an image that a patch reads, for images not wholly in memory. */
#include <math.h>

#include "image/augment.h"

static const double bend_max = AUGMENT_BEND / AUGMENT_CELLS;

static int augment_box_within(double x, int low, int high)
{
    return x < low ? low : x > high ? high : (int)x;
}

/* Largest distance of a patch's voxels from its centre along a patch axis, with bending. */
static double augment_box_reach(const struct augment *a, const int patch[3], int axis)
{
    double half = (patch[axis] - 1) / 2.0;
    return a->bend > 0 && a->bends[axis] ? half + a->bend * patch[axis] / a->cells : half;
}

/* Splines are convex sums of their nodes, so this reach bounds them. One voxel on both sides covers
 * single-precision rounding. */
void augment_box(const struct augment *a, const int patch[3], const int origin[3],
    const int size[3], struct box *b)
{
    bool copied = !a->affine && !(a->bend > 0);
    for (int i = 0; i < 3; i++) {
        double centre = origin[i] + (patch[i] - 1) / 2.0, far = 0;
        for (int k = 0; k < 3; k++) far += fabs(a->matrix[i][k]) * augment_box_reach(a, patch, k);
        double from = copied ? origin[i] : floor(centre - far) - 1,
               last = copied ? origin[i] + patch[i] - 1 : ceil(centre + far) + 2;
        int low = augment_box_within(from, 0, size[i] - 1),
            high = augment_box_within(last, low, size[i] - 1);
        if (!copied && size[i] > 1) {
            low = augment_box_within(low, 0, size[i] - 2);
            high = augment_box_within(high, low + 1, size[i] - 1);
        }
        if (i == 0) { /* neighbours */
            low = augment_box_within(low - a->slices / 2, 0, low);
            high = augment_box_within(high + a->slices / 2, high, size[i] - 1);
        }
        b->from[i] = low;
        b->size[i] = high - low + 1;
    }
}

/* Rotated in any way, a patch stays within its enclosing ball. */
void augment_box_max(const struct augment_options *o, const int patch[3], const float spacing[3],
    const int size[3], int max[3])
{
    double squares = 0, mm[3];
    for (int i = 0; i < 3; i++) {
        double half = (patch[i] - 1) / 2.0 + (o->elastic > 0 ? bend_max * patch[i] : 0);
        mm[i] = spacing[i] > 0 ? (double)spacing[i] : 1;
        squares += mm[i] * mm[i] * half * half;
    }
    for (int i = 0; i < 3; i++) {
        double far = (1 + o->scale) * sqrt(squares) / mm[i];
        max[i] =
            augment_box_within(2 * ceil(far) + 6 + (i == 0 ? augment_slices(o) : 0), 1, size[i]);
    }
}
