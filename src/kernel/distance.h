/* SPDX-License-Identifier: Apache-2.0 */
/* Distances to a mask. */
#ifndef KERNEL_DISTANCE_H
#define KERNEL_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/status.h"

/* The squared Euclidean distance from the centre of each voxel to that of the nearest one whose
 * `inside` is not 0, in the unit of spacing (d, h, w; each > 0) squared: 0 there, INFINITY when
 * there is none. inside, out: [d][h][w]. Exact but for the rounding to float: voxels of 1 x 1 x 1
 * give whole numbers. */
att_status distance_squared(const uint8_t *inside, const int size[3], const double spacing[3],
    float *out, struct pool *pool, struct err *e);
/* The same without allocating, for steps of training: scratch holds distance_scratch() bytes for a
 * pool of so many threads. */
size_t distance_scratch(const int size[3], int threads);
void distance_squared_in(const uint8_t *inside, const int size[3], const double spacing[3],
    float *out, void *scratch, struct pool *pool);

#endif
