/* SPDX-License-Identifier: Apache-2.0 */
/* How many voxels a CPU can train on in the time of a run; for planner*.c. */
#pragma once

#include "plan/planner.h"

/* Min voxels of a patch, for any time. */
double planner_min_voxels(int dims);
/* Max voxels of a patch with a whole image, for many steps of `batch` patches. */
double planner_fine_voxels(int dims, int batch, struct planner_time time);
/* Max voxels of any patch, for enough steps. In 2D, where cases are many and differ, the same as
 * for whole images; of slices of a volume, which are alike, fewer. */
double planner_max_voxels(int dims, bool slices, int batch, struct planner_time time);
/* Steps that a run makes. */
double planner_steps(const int patch[3], int batch, struct planner_time time);
/* Enough steps for patches of slices to grow, and for 3D in place of slices. */
#define PLANNER_SLICE_STEPS 3000
