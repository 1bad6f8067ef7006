/* SPDX-License-Identifier: Apache-2.0 */
/* The levels of a U-Net, 0 = finest: their widths, kernels, and the strides of the steps between
 * them, axis by axis. Keys: widths=16,32,64; strides=1x2x2,2x2x2 (one per step; one for the first
 * level may stand before them, which is 1); kernels=1x3x3,3x3x3,3x3x3 (one per level). */
#ifndef ARCH_LEVELS_H
#define ARCH_LEVELS_H

#include "arch/spec.h"

struct levels {
    int count;                  /* of steps down: the coarsest level has this number */
    int width[SPEC_LEVELS];     /* channels */
    int stride[SPEC_LEVELS][3]; /* of the step from level i to i + 1, d, h, w; 1 along d in 2D */
    int kernel[SPEC_LEVELS][3]; /* odd */
};

/* `widths` is the default; strides are at most `most`, 2 by default; kernels 3 by default. */
att_status levels_read(
    const struct spec *s, int dims, const char *widths, int max, struct levels *l, struct err *e);
/* What sizes of images must be multiples of for level 0 to be as many times larger than level
 * `coarse`. */
void levels_multiple(const struct levels *l, int coarse, int multiple[3]);

#endif
