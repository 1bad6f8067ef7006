/* SPDX-License-Identifier: Apache-2.0 */
/* Adjacent chosen tiles share a window, which computes their overlap once and leaves no border
 * between them. A cluster is a box of tiles, some of which may not be chosen. */
#pragma once

#include <stdbool.h>

#include "policy/tiling.h"

struct cluster {
    int from[3], count[3]; /* tiles of the grid */
};

struct clusters {
    int count;
    struct cluster *list; /* sorted by window size */
    /* [count + 1]: list[i] has the chosen tiles tile[begin[i]] .. tile[begin[i + 1] - 1] */
    int *begin;
    int *tile;
};

/* Cluster n different tiles. max: length of a cluster per axis in tiles. multiple: of a window's
 * size, see cluster_window. Joins neighbours while that saves voxels; depends on the set of tiles
 * alone. Or ATT_MEMORY. */
att_status clusters_make(const struct tiling *t, const int *item, int n, const int max[3],
    const int multiple[3], struct clusters *c, struct err *e);
void clusters_free(struct clusters *c);
/* True if windows can be shared. */
static inline bool clusters_shared(const int max[3])
{
    return max[0] > 1 || max[1] > 1 || max[2] > 1;
}
/* Voxels of all windows. */
double clusters_voxels(const struct tiling *t, const struct clusters *c, const int multiple[3]);

/* Fewest voxels per chosen tile: its share of the largest box's window. */
double clusters_min(const struct tiling *t, const int max[3]);

struct cluster cluster_single(const struct tiling *t, int tile);
/* Window of the fine network: the tiles with a halo on both sides. Single tiles have one window
 * size; others are rounded up to the multiple, up to the image's need. A window past the border
 * moves inside; a smaller image is centred in it. */
void cluster_window(const struct tiling *t, const struct cluster *c, const int multiple[3],
    int origin[3], int extent[3]);
