/* SPDX-License-Identifier: Apache-2.0 */
/* Images averaged over blocks of voxels, and what is known of the blocks brought back to the
 * voxels.  Block i of an axis holds the voxels i * by .. i * by + by - 1, the last block what is
 * left: so every part of an image knows its blocks without the rest. */
#ifndef IMAGE_SHRINK_H
#define IMAGE_SHRINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "image/box.h"

int shrink_length(int size, int by); /* blocks along an axis */
/* x: planar [channels][size], y: [channels][blocks]: the mean of each block. */
void shrink_image(
    const float *x, int channels, const int size[3], const int by[3], float *y, struct pool *pool);
/* Classes: the background, 0, where more than half of a block's known voxels are; else the other
 * class that has most of them, of equals the smallest. `unknown` where more than half of all are.
 */
void shrink_classes(const uint8_t *x, const int size[3], const int by[3], uint8_t unknown,
    uint8_t *y, struct pool *pool);

/* From blocks x, planar [channels][blocks of an image of `size`], to y, [channels][part->size], of
 * a part of the image: linear between the centres of blocks, constant beyond the outer ones; the
 * last block counts as whole, as it does for a network. */
void shrink_back(const float *x, int channels, const int size[3], const int by[3],
    const struct box *part, float *y, struct pool *pool);
/* The same of what is known of some of the blocks: x is [channels][have->size]. */
void shrink_back_part(const float *x, const struct box *have, int channels, const int size[3],
    const int by[3], const struct box *part, float *y, struct pool *pool);
/* Which blocks of an axis, first..end - 1, voxels from..from + count - 1 are made of, and at most
 * one more on either side. */
void shrink_needs(int size, int by, int from, int count, int *first, int *end);

#endif
