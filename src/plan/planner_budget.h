/* SPDX-License-Identifier: Apache-2.0 */
/* How much a CPU does in the time of a run; for planner*.c. */
#pragma once

/* Voxels of a patch that are worth having however short the run is. */
double planner_min_voxels(int dims);
/* Of a patch that holds a whole image, when there are to be many steps of `batch` patches in the
 * time. */
double planner_fine_voxels(int dims, int batch, double seconds);
/* Of any patch, when there are to be steps enough.  In 2D, where cases are many and differ, no more
 * than of a whole image. */
double planner_max_voxels(int dims, int batch, double seconds);
