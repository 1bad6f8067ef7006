/* SPDX-License-Identifier: Apache-2.0 */
/* Chosen tiles that lie side by side share a window: what they read of each other is computed once,
 * and where they meet nothing is missing. A cluster is a box of tiles, not all of which need to be
 * chosen. */
#ifndef POLICY_CLUSTER_H
#define POLICY_CLUSTER_H

#include <stdbool.h>

#include "policy/tiling.h"

struct cluster {
    int from[3], count[3]; /* tiles of the grid */
};

struct clusters {
    int count;
    struct cluster *list; /* those of one window's size side by side */
    int *begin; /* [count + 1]: the chosen tiles of list[i] are tile[begin[i]] .. tile[begin[i + 1]
                   - 1] */
    int *tile;
};

/* item: n different tiles.  most: of a cluster along each axis.  multiple: of a window's size, see
 * cluster_window.  Neighbours that cost less together than apart are joined until there are none; a
 * function of the set of tiles alone.  ATT_MEMORY. */
att_status clusters_make(const struct tiling *t, const int *item, int n, const int max[3],
    const int multiple[3], struct clusters *c, struct err *e);
void clusters_free(struct clusters *c);
/* Whether windows are shared at all. */
static inline bool clusters_shared(const int max[3])
{
    return max[0] > 1 || max[1] > 1 || max[2] > 1;
}
/* Voxels of all windows. */
double clusters_voxels(const struct tiling *t, const struct clusters *c, const int multiple[3]);

/* The fewest voxels that a chosen tile may add to that: its share of the largest box's window. */
double clusters_min(const struct tiling *t, const int max[3]);

struct cluster cluster_single(const struct tiling *t, int tile);
/* What the fine network reads: the tiles and a halo on both sides.  A single tile's is of one size;
 * others are rounded up to the multiple, and no longer than an image needs.  A window that would
 * reach beyond the image is moved into it; an image that is smaller than the window lies in its
 * middle. */
void cluster_window(const struct tiling *t, const struct cluster *c, const int multiple[3],
    int origin[3], int extent[3]);

#endif
