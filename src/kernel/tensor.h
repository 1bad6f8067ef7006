/* SPDX-License-Identifier: Apache-2.0 */
/* What kernels read and write.
 *
 * A tensor has the shape n, c, d, h, w; 2D is 3D with d = 1.  Its memory is [n][block][d][h][w][lanes]: `lanes` is LANES (blocked: maps
 * inside a network) or 1 (planar: images, logits, one-channel maps).  A blocked tensor whose c is no multiple of LANES has pad lanes in its
 * last block: every kernel leaves zeros there and may rely on zeros there. */
#ifndef KERNEL_TENSOR_H
#define KERNEL_TENSOR_H

#include <stddef.h>

#include "base/real.h"

enum { LANES = 16 };

enum act { ACT_NONE, ACT_RELU, ACT_LEAKY }; /* ACT_LEAKY: slope 0.01 below zero, nnU-Net's and PyTorch's default */

struct shape {
    int n, c, d, h, w;
};

struct tensor {
    real *p;
    struct shape s;
    int lanes; /* LANES or 1 */
};

static inline size_t shape_pixels(struct shape s) { return (size_t)s.d * (size_t)s.h * (size_t)s.w; }
/* Channel blocks of one image. */
static inline int tensor_blocks(const struct tensor *t) { return (t->s.c + t->lanes - 1) / t->lanes; }
/* Elements of one block of one image, of one image, of all. */
static inline size_t tensor_block_size(const struct tensor *t) { return shape_pixels(t->s) * (size_t)t->lanes; }
static inline size_t tensor_image_size(const struct tensor *t) { return tensor_block_size(t) * (size_t)tensor_blocks(t); }
static inline size_t tensor_size(const struct tensor *t) { return tensor_image_size(t) * (size_t)t->s.n; }
/* Where channel c of image n begins; its pixels are `lanes` apart. */
static inline real *tensor_channel(const struct tensor *t, int n, int c)
{
    return t->p + (size_t)n * tensor_image_size(t) + (size_t)(c / t->lanes) * tensor_block_size(t) + (size_t)(c % t->lanes);
}
/* Channels rounded up to whole blocks: the length of a per-channel array that goes with a tensor. */
static inline int tensor_padded(const struct tensor *t) { return tensor_blocks(t) * t->lanes; }

#endif
