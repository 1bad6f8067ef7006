/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/planner_budget.h"

#include "image/image.h"

/* With fewer than min_steps, a run learns too little, so patches shrink. With fewer than
 * many_steps, the grid becomes coarser first, if every class stays thick enough. */
static const double min_steps = 1200, many_steps = 8000;
static const double max_3d = 128. * 128 * 128, min_slice = 128. * 128;

static double planner_voxels(struct planner_time time) { return 1e6 * time.speed * time.seconds; }

double planner_min_voxels(int dims) { return dims == 2 ? 256. * 256 : 48. * 48 * 48; }

double planner_fine_voxels(int dims, int batch, struct planner_time time)
{
    double x = planner_voxels(time) / many_steps / batch, min = planner_min_voxels(dims);
    return x > min ? x : min;
}

double planner_max_voxels(int dims, bool slices, int batch, struct planner_time time)
{
    double x = planner_voxels(time) / min_steps / batch, min = planner_min_voxels(dims);
    if (dims == 3) return x < min ? min : x > max_3d ? max_3d : x;
    const double fine = planner_fine_voxels(dims, batch, time),
                 slice = planner_voxels(time) / PLANNER_SLICE_STEPS / batch;
    return !slices || slice > fine ? fine : slice < min_slice ? min_slice : slice;
}

double planner_steps(const int patch[3], int batch, struct planner_time time)
{
    return planner_voxels(time) / (double)image_voxels(patch) / batch;
}
