/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the plain kernels, which are simple enough to be obviously right: one loop per channel,
 * sums in double. Only convolutions and upsampling use threads, a task per part of their output. */
#pragma once

#include "kernel/kernel.h"

void small_fill(struct kernels *k);
void ref_norm_fill(struct kernels *k);
void ref_pointwise_fill(struct kernels *k);
void ref_up_fill(struct kernels *k);
void ref_attend_fill(struct kernels *k);
void ref_grid_fill(struct kernels *k);
void ref_resize_fill(struct kernels *k);
void ref_cross_entropy_fill(struct kernels *k);
void ref_overlap_fill(struct kernels *k);
void ref_focal_fill(struct kernels *k);
void ref_field_fill(struct kernels *k);
void ref_boundary_fill(struct kernels *k);
void ref_cldice_fill(struct kernels *k);
void ref_window_fill(struct kernels *k);
void ref_probability_fill(struct kernels *k);
void ref_optim_fill(struct kernels *k);

static inline real act_apply(real z, enum act act)
{
    if (act == ACT_NONE || !(z < 0)) return z; /* NaN stays */
    return act == ACT_RELU ? 0 : (real)0.01 * z;
}

/* The derivative, from the value before or after the activation: both have the same sign. */
static inline real act_slope(real z, enum act act)
{
    if (act == ACT_NONE || z > 0) return 1;
    return act == ACT_RELU ? 0 : (real)0.01;
}

static inline void ref_store(real *y, real value, bool add) { *y = add ? *y + value : value; }
static inline void ref_put(const struct tensor *y, size_t at, real value, bool add)
{
    tensor_write(y, at, add ? tensor_read(y, at) + value : value);
}

/* Zeros the pad lanes of every image. */
static inline void ref_clear_pads(const struct tensor *t)
{
    size_t pixels = shape_pixels(t->s), lanes = (size_t)t->lanes;
    for (int n = 0; n < t->s.n; n++)
        for (int c = t->s.c; c < tensor_padded(t); c++) {
            size_t first = tensor_first(t, n, c);
            for (size_t i = 0; i < pixels; i++) tensor_write(t, first + i * lanes, 0);
        }
}
