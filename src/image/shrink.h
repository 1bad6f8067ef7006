/* SPDX-License-Identifier: Apache-2.0 */
/* Images averaged over blocks of voxels, and values of blocks brought back to voxels. Block i of an
 * axis has voxels i * by .. i * by + by - 1, the last one the remainder, so a part of an image
 * determines its blocks. */
/* blocks along an axis */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "image/box.h"

int shrink_length(int size, int by);
/* Mean of each block. x: planar [channels][size], y: [channels][blocks]. */
void shrink_image(
    const float *x, int channels, const int size[3], const int by[3], float *y, struct pool *pool);
/* Majority class of each block: 0 if it covers more than half of the voxels with known classes;
 * else the most frequent other class, the smallest of equals. `unknown` if more than half of all
 * are. */
void shrink_classes(const uint8_t *x, const int size[3], const int by[3], uint8_t unknown,
    uint8_t *y, struct pool *pool);

/* From blocks x, planar [channels][blocks of an image of `size`], to box `part` of the image, y:
 * [channels][part->size]. Linear between block centres, constant past the outer ones; the last
 * block counts as whole. */
void shrink_back(const float *x, int channels, const int size[3], const int by[3],
    const struct box *part, float *y, struct pool *pool);
/* The same from a box of blocks: x is [channels][have->size]. */
void shrink_back_part(const float *x, const struct box *have, int channels, const int size[3],
    const int by[3], const struct box *part, float *y, struct pool *pool);
/* Blocks first..end - 1 of an axis for voxels from..from + count - 1, at most one too many on
 * either side. */
void shrink_needs(int size, int by, int from, int count, int *first, int *end);
