/* SPDX-License-Identifier: Apache-2.0 */
/* Exact Euclidean distances on a grid. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/status.h"

/* Squared Euclidean distance from each voxel centre to that of the nearest `inside` voxel, in
 * spacing units (d, h, w; > 0); INFINITY if there is none. inside, out: [d][h][w]. Exact up to
 * rounding to float; unit spacing gives whole numbers. */
att_status distance_squared(const uint8_t *inside, const int size[3], const double spacing[3],
    float *out, struct pool *pool, struct err *e);
/* Without allocations: scratch holds distance_scratch() bytes for the pool's threads. */
size_t distance_scratch(const int size[3], int threads);
void distance_squared_in(const uint8_t *inside, const int size[3], const double spacing[3],
    float *out, void *scratch, struct pool *pool);
