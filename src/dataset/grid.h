/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two files of a case lie on one grid; called when cases are loaded and when they are
 * checked. */
#ifndef DATASET_GRID_H
#define DATASET_GRID_H

#include "image/image.h"

/* How far two grids put the same voxel apart at most. */
struct grid_distance {
    double voxels, mm;
};
/* ATT_DATA where a file has another size than the first image of its case. */
att_status grid_check_size(
    const char *path, const int size[3], const char *image, const int wanted[3], struct err *e);
/* ATT_DATA where voxels have other lengths; of grids that are not one. */
att_status grid_check_spacing(const char *path, const struct geometry *g, const char *other,
    const struct geometry *its, const int size[3], struct err *e);
/* A file beside the first image of its case, m of the file `image`: another size, or more than 0.1
 * voxels away, is ATT_DATA.  *apart (may be NULL) becomes the distance, 0 where sizes differ. */
att_status grid_check(const char *path, const int size[3], const struct geometry *g,
    const char *image, const struct image *m, struct grid_distance *apart, struct err *e);

#endif
