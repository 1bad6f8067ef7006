/* SPDX-License-Identifier: Apache-2.0 */
/* Converts time to voxels per patch. */
#include "plan/planner_budget.h"

/* A step with 2 patches of 40x56x40 and a 3D network of widths 16 to 128 took 0.13 s on two cores
 * with AVX-512: about 0.75 us a voxel, and as much a pixel for 2D networks of widths 16 to 256. A
 * constant gives the same plan on every machine. */
static const double voxels_per_second = 1.35e6;
/* With fewer than min_steps, a run learns too little, so patches shrink. With fewer than
 * many_steps, the grid becomes coarser first, if every class stays thick enough. */
static const double min_steps = 1200, many_steps = 8000;
static const double max_3d = 128. * 128 * 128;

double planner_min_voxels(int dims) { return dims == 2 ? 256. * 256 : 48. * 48 * 48; }

double planner_fine_voxels(int dims, int batch, double seconds)
{
    double x = voxels_per_second * seconds / many_steps / batch, min = planner_min_voxels(dims);
    return x > min ? x : min;
}

double planner_max_voxels(int dims, int batch, double seconds)
{
    double x = voxels_per_second * seconds / min_steps / batch, min = planner_min_voxels(dims);
    if (dims == 2) return planner_fine_voxels(dims, batch, seconds);
    return x < min ? min : x > max_3d ? max_3d : x;
}
