/* SPDX-License-Identifier: Apache-2.0 */
/* Disjoint tiles of an image in scan order of d, h, w, clipped at the image's end; a hard model
 * refines some. cluster.h defines what the fine network reads. */
#pragma once

#include "base/status.h"

struct tiling {
    int size[3], tile[3], halo[3]; /* d, h, w */
    int grid[3];                   /* tiles along each axis */
    int count;                     /* of all */
};

/* ATT_USAGE for a size or tile below 1, a negative halo, or too many tiles for an int. */
att_status tiling_make(
    const int size[3], const int tile[3], const int halo[3], struct tiling *t, struct err *e);
/* the tile's own voxels */
void tiling_part(const struct tiling *t, int index, int first[3], int extent[3]);
void tiling_place(const struct tiling *t, int index, int at[3]); /* in the grid */
int tiling_index(const struct tiling *t, const int at[3]);
double tiling_voxels(const struct tiling *t, int index); /* its own */
