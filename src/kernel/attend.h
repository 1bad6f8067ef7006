/* SPDX-License-Identifier: Apache-2.0 */
/* A fused attention gate on one grid for inference (arXiv 1804.03999, section 2.2, with the map on
 * the skip connection's grid): f = ReLU(W_x x + W_g g + b), map = sigmoid(psi . f + c), y = map *
 * x. attend_fold first folds the gate's norms into its weights. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "kernel/tensor.h"

enum {
    ATTEND_MAX_BLOCKS = 512, /* x and g together */
    ATTEND_PIXELS = 84       /* most at a time */
};

static inline bool attend_fits(int x_channels, int g_channels)
{
    return (x_channels + LANES - 1) / LANES + (g_channels + LANES - 1) / LANES <= ATTEND_MAX_BLOCKS;
}

struct attend {
    struct tensor x, g, y; /* y may overwrite x */
    struct tensor map;     /* planar, one channel */
    int inter;             /* channels of f */
    real *w;               /* [block of f][block of x, then of g][LANES c][LANES f], zero-padded */
    real *b, *psi;         /* zero-padded like f */
    real *c;               /* one number */
    real *scratch;         /* attend_scratch() numbers for each worker, if x and g are half */
};

/* A 1x1 convolution with bias and, unless gamma is NULL, a batch norm with running statistics; w
 * packed (kernel/conv.h). */
struct attend_layer {
    const real *w, *b, *gamma, *beta, *mean, *var;
};

size_t attend_floats(const struct attend *a);  /* w, b, psi and c */
size_t attend_scratch(const struct attend *a); /* for one worker */
/* Places w, b, psi and c in `memory` and computes them. */
void attend_fold(struct attend *a, const struct attend_layer *wx, const struct attend_layer *wg,
    const struct attend_layer *psi, double eps, real *memory, struct pool *pool);
