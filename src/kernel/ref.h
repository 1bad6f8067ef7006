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

/* Pixel i of channel c of image n. */
static inline real ref_get(const struct tensor *t, int n, int c, size_t i)
{
    return tensor_read(t, tensor_first(t, n, c) + i * (size_t)t->lanes);
}
static inline void ref_set(const struct tensor *t, int n, int c, size_t i, real value, bool add)
{
    ref_put(t, tensor_first(t, n, c) + i * (size_t)t->lanes, value, add);
}

/* All pixels of a tensor, in this order. */
#define REF_EACH(t, image, channel, pixel)                                                         \
    for (int image = 0; image < (t)->s.n; image++)                                                 \
        for (int channel = 0; channel < (t)->s.c; channel++)                                       \
            for (size_t pixel = 0; pixel < shape_pixels((t)->s); pixel++)

/* Zeros the pad lanes of every image. */
static inline void ref_clear_pads(const struct tensor *t)
{
    for (int n = 0; n < t->s.n; n++)
        for (int c = t->s.c; c < tensor_padded(t); c++)
            for (size_t i = 0; i < shape_pixels(t->s); i++) ref_set(t, n, c, i, 0, false);
}
