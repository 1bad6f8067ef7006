/* SPDX-License-Identifier: Apache-2.0 */
/* One axis at a time; for resample*.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/status.h"

/* x is [outer][in][inner], y is [outer][out][inner]. */
struct resample_axis {
    const float *x;
    float *y;
    size_t outer, inner;
    int in, out;
};

/* By a cubic B-spline through the samples. */
att_status resample_cubic(const struct resample_axis *a, struct pool *pool, struct err *e);
double resample_cubic_bytes(int in, int out, int threads);

/* Position of new voxel i's centre on the old grid. */
static inline double resample_place(int in, int out, int i)
{
    return (i + 0.5) * ((double)in / out) - 0.5;
}
/* The old voxel that contains the new centre; in a tie that of scipy's map_coordinates, with
 * nnU-Net's rounding. */
static inline int resample_near(int in, int out, int i)
{
    return (int)(resample_place(in, out, i) + 0.5);
}
