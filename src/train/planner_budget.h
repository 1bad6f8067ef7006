/* SPDX-License-Identifier: Apache-2.0 */
/* How much a CPU does in the time of a run; for planner*.c. */
#ifndef TRAIN_PLANNER_BUDGET_H
#define TRAIN_PLANNER_BUDGET_H

#include "base/mem.h"
#include "dataset/fingerprint.h"

/* A step of 2 patches of 40x56x40 through the 3D network of widths 16 to 128 took 0.13 s on two cores with AVX-512: about 0.75 us a voxel.
 * 2D networks of widths 16 to 256 take as long by the pixel.  A constant, not a measurement: the same data and the same time give the same
 * plan on every machine. */
static const double planner_voxels_per_second = 1.35e6;
/* A run of fewer steps learns too little whatever it sees: patches become smaller.  Below the second number the grid becomes coarser first,
 * where nothing is lost by it. */
enum { PLANNER_FEWEST_STEPS = 1200, PLANNER_MANY_STEPS = 8000 };

/* Voxels of a patch that are worth having however short the run is. */
static inline double planner_least_voxels(int dims) { return dims == 2 ? 256. * 256 : 48. * 48 * 48; }

/* Of a patch that holds a whole image, when there are to be many steps. */
static inline double planner_fine_voxels(int dims, int batch, double seconds)
{
    double x = planner_voxels_per_second * seconds / PLANNER_MANY_STEPS / batch;
    return x > planner_least_voxels(dims) ? x : planner_least_voxels(dims);
}

/* Of any patch.  In 2D, where cases are many and context is cheap, no more than of a whole image. */
static inline double planner_most_voxels(int dims, int batch, double seconds)
{
    double x = planner_voxels_per_second * seconds / PLANNER_FEWEST_STEPS / batch, limit = 128. * 128 * 128;
    if (dims == 2) return planner_fine_voxels(dims, batch, seconds);
    return x < planner_least_voxels(3) ? planner_least_voxels(3) : x > limit ? limit : x;
}

/* Room for a number per case. */
static inline double *planner_room(const struct fingerprint *f) { return mem_array((size_t)f->count, sizeof(double)); }
static inline void planner_drop(double *x) { mem_free(x); }

#endif
