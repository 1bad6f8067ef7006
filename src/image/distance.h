/* SPDX-License-Identifier: Apache-2.0 */
/* Distances to a mask. */
#ifndef IMAGE_DISTANCE_H
#define IMAGE_DISTANCE_H

#include <stdint.h>

#include "base/pool.h"
#include "base/status.h"

/* The squared Euclidean distance from the centre of each voxel to that of the nearest one whose `inside` is not 0, in the unit of spacing
 * (d, h, w; each > 0) squared: 0 there, INFINITY when there is none. inside, out: [d][h][w]. Exact but for the rounding to float: voxels of
 * 1 x 1 x 1 give whole numbers. */
att_status distance_squared(const uint8_t *inside, const int size[3], const double spacing[3], float *out, struct pool *pool,
                            struct err *e);

#endif
