/* SPDX-License-Identifier: Apache-2.0 */
/* A few hundred numbers to find nearly equal images (docs/data.md): averages over a coarse grid,
 * minus the average around each cell, so that size, brightness and contrast do not matter. */
#pragma once

#include "image/image.h"

enum { SIGNATURE_SIDE = 16, SIGNATURE_SIDE_3D = 12 };
static inline int signature_length(bool flat)
{
    return flat ? SIGNATURE_SIDE * SIGNATURE_SIDE
                : SIGNATURE_SIDE_3D * SIGNATURE_SIDE_3D * SIGNATURE_SIDE_3D;
}

/* Signature over all channels, each scaled by its contrast. `flat`: one slice. Mean 0 and sum of
 * squares 1, so a product of two is a correlation; all 0 without contrast. */
att_status signature_take(const struct image *m, bool flat, float *out, struct err *e);
/* Correlation of two signatures. */
float signature_likeness(const float *a, const float *b, int length);
