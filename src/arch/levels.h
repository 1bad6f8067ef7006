/* SPDX-License-Identifier: Apache-2.0 */
/* Levels of a U-Net, 0 = finest, from the keys widths=16,32,64; strides=1x2x2,2x2x2 (one per step,
 * optionally after a 1 for the first level); kernels=1x3x3,3x3x3,3x3x3 (one per level). */
#pragma once

#include "arch/spec.h"

struct levels {
    int count;                  /* steps down: the number of the coarsest level */
    int width[SPEC_LEVELS];     /* channels */
    int stride[SPEC_LEVELS][3]; /* from level i to i + 1, d, h, w; 1 along d in 2D */
    int kernel[SPEC_LEVELS][3]; /* odd */
};

/* `widths` is the default; strides up to `max`, 2 by default; kernels 3 by default. */
att_status levels_read(
    const struct spec *s, int dims, const char *widths, int max, struct levels *l, struct err *e);
/* Multiples of image sizes that make level `coarse` divide evenly. */
void levels_multiple(const struct levels *l, int coarse, int multiple[3]);
