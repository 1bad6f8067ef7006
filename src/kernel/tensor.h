/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors have shape n, c, d, h, w; 2D is d = 1. Memory is [n][block][d][h][w][lanes]: `lanes` is
 * LANES (blocked: maps inside a network) or 1 (planar: images, logits, one-channel maps). Pad lanes
 * in the last block are zero: every kernel keeps them so and may rely on it.
 *
 * A blocked tensor may be stored as bfloat16, the upper half of a float: kernels compute in float,
 * round to nearest even when writing, and write each number once. All blocked tensors of a call are
 * stored alike. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/real.h"

enum { LANES = 16 };

enum act { ACT_NONE, ACT_RELU, ACT_LEAKY }; /* slope 0.01 below zero, as in nnU-Net and PyTorch */

struct shape {
    int n, c, d, h, w;
};

struct tensor {
    real *p; /* half: the address of its two-byte numbers */
    struct shape s;
    int lanes; /* LANES or 1 */
    bool half; /* bfloat16, for kernels that accept it */
};

static inline size_t shape_pixels(struct shape s)
{
    return (size_t)s.d * (size_t)s.h * (size_t)s.w;
}
/* Channel blocks of one image. */
static inline int tensor_blocks(const struct tensor *t)
{
    return (t->s.c + t->lanes - 1) / t->lanes;
}
/* Elements of one block of one image, of one image, of all. */
static inline size_t tensor_block_size(const struct tensor *t)
{
    return shape_pixels(t->s) * (size_t)t->lanes;
}
static inline size_t tensor_image_size(const struct tensor *t)
{
    return tensor_block_size(t) * (size_t)tensor_blocks(t);
}
static inline size_t tensor_size(const struct tensor *t)
{
    return tensor_image_size(t) * (size_t)t->s.n;
}
static inline size_t tensor_element(const struct tensor *t)
{
    return t->half ? sizeof(uint16_t) : sizeof(real);
}
static inline size_t tensor_bytes(const struct tensor *t)
{
    return tensor_size(t) * tensor_element(t);
}
/* The first element of channel c of image n; its pixels are `lanes` apart. */
static inline size_t tensor_first(const struct tensor *t, int n, int c)
{
    return (size_t)n * tensor_image_size(t) + (size_t)(c / t->lanes) * tensor_block_size(t) +
        (size_t)(c % t->lanes);
}
/* Its address, if the tensor is not half. */
static inline real *tensor_channel(const struct tensor *t, int n, int c)
{
    return t->p + tensor_first(t, n, c);
}
/* The address of element `at`. */
static inline void *tensor_at(const struct tensor *t, size_t at)
{
    return (unsigned char *)t->p + at * tensor_element(t);
}
/* Channels rounded up to whole blocks: the length of per-channel arrays. */
static inline int tensor_padded(const struct tensor *t) { return tensor_blocks(t) * t->lanes; }

/* ---- bfloat16 */

static inline float half_read(uint16_t h)
{
    union {
        uint32_t u;
        float f;
    } x = {.u = (uint32_t)h << 16};
    return x.f;
}

/* NaN stays NaN: a bit is set in its upper half. */
static inline uint16_t half_round(float f)
{
    union {
        float f;
        uint32_t u;
    } x = {.f = f};
    if (f != f) return (uint16_t)(x.u >> 16 | 0x40);
    return (uint16_t)((x.u + 0x7fff + (x.u >> 16 & 1)) >> 16);
}

static inline real tensor_read(const struct tensor *t, size_t at)
{
    return t->half ? (real)half_read(((const uint16_t *)(const void *)t->p)[at]) : t->p[at];
}

static inline void tensor_write(const struct tensor *t, size_t at, real v)
{
    if (t->half)
        ((uint16_t *)(void *)t->p)[at] = half_round((float)v);
    else
        t->p[at] = v;
}
