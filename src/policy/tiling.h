/* SPDX-License-Identifier: Apache-2.0 */
/* An image cut into disjoint tiles, of which a hard model computes some: numbered in scan order of
 * d, h, w, the last of a row cut at the image's end.  What the fine network reads of them is
 * cluster.h's. */
#ifndef POLICY_TILING_H
#define POLICY_TILING_H

#include "base/status.h"

struct tiling {
    int size[3], tile[3], halo[3]; /* d, h, w */
    int grid[3];                   /* tiles along each axis */
    int count;                     /* of all */
};

/* A size or tile below 1, a negative halo, or more tiles than an int counts is ATT_USAGE. */
att_status tiling_make(
    const int size[3], const int tile[3], const int halo[3], struct tiling *t, struct err *e);
void tiling_part(const struct tiling *t, int index, int first[3],
    int extent[3]); /* the voxels that are the tile's own */
void tiling_place(const struct tiling *t, int index, int at[3]); /* in the grid */
int tiling_index(const struct tiling *t, const int at[3]);
double tiling_voxels(const struct tiling *t, int index); /* of its own */

#endif
