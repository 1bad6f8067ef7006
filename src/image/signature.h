/* SPDX-License-Identifier: Apache-2.0 */
/* What an image looks like in a few hundred numbers, by which nearly equal images are found
 * (docs/data.md): averaged over the cells of a coarse grid that covers all of it, less the average
 * around each cell.  So neither size nor brightness nor contrast count. */
#ifndef IMAGE_SIGNATURE_H
#define IMAGE_SIGNATURE_H

#include "image/image.h"

enum { SIGNATURE_SIDE = 16, SIGNATURE_SIDE_3D = 12 };
static inline int signature_length(bool flat)
{
    return flat ? SIGNATURE_SIDE * SIGNATURE_SIDE
                : SIGNATURE_SIDE_3D * SIGNATURE_SIDE_3D * SIGNATURE_SIDE_3D;
}

/* Of all channels, each by its own contrast.  `flat`: the image has one slice.  The numbers have
 * mean 0 and their squares sum to 1, so that the product of two signatures is a correlation; all
 * are 0 where there is nothing to see. */
att_status signature_take(const struct image *m, bool flat, float *out, struct err *e);
/* Of a flat one's mirror image, left to right. */
void signature_mirror(const float *x, float *out);
/* The correlation of two. */
float signature_likeness(const float *a, const float *b, int length);

#endif
