/* SPDX-License-Identifier: Apache-2.0 */
/* Check that files of a case share one grid. */
#pragma once

#include "image/image.h"

/* Maximum distance of a voxel between two grids. */
struct grid_distance {
    double voxels, mm;
};
/* ATT_DATA unless the size is that of the case's first image. */
att_status grid_check_size(
    const char *path, const int size[3], const char *image, const int wanted[3], struct err *e);
/* ATT_DATA if two grids have other voxel lengths. */
att_status grid_check_spacing(const char *path, const struct geometry *g, const char *other,
    const struct geometry *its, const int size[3], struct err *e);
/* ATT_DATA if a file differs in size from the case's first image m of file `image`, or is more than
 * 0.1 voxels away. *distance (or NULL) is 0 for different sizes. */
att_status grid_check(const char *path, const int size[3], const struct geometry *g,
    const char *image, const struct image *m, struct grid_distance *distance, struct err *e);
