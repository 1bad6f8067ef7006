/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy can be rewarded from without a network: for some views of the training cases, the
 * counts of every tile by the coarse and the fine network, and the policy's inputs. */
#pragma once

#include "hard/hard_views.h"
#include "policy/tile_sums.h"
#include "predict/look.h"
#include "train/train_context.h"

struct cached {
    int grid[3];
    float *inputs; /* [inputs][grid] */
    float *seen;   /* the same after a look at the tile, for arch=glimpse; else NULL */
    struct tile_sums sums;
};

/* A view as it is looked at: mirrored as a grid of tiles, which makes no new counts but other
 * neighbours. */
struct flipped {
    float *inputs, *seen; /* as above, but that places stay where they are */
    int *from;            /* [tiles] which tile of the view this one is */
};

struct hard_cache {
    struct cached *view;
    int count;
    const struct hard *hard;
    struct flipped flipped; /* room for one */
    double first, further; /* seconds that the first view of a case took, and each of the others, in
                              the mean; 0: there was none */
};

/* How many of `views` views, in their order, fit into `bytes`; at least 1. */
int hard_cache_fits(
    const struct view_rules *r, const struct hard *h, int classes, int views, double bytes);
/* All of the first `count` views.  The fine network looks at the first view of a case alone: its
 * labels are taken for those of the others, which show the same voxels.  A sequential policy sees
 * logits, so for arch=glimpse it looks at every view. */
att_status hard_cache_fill(const struct train_context *c, struct looker *l, const struct model *m,
    const struct hard *h, const struct view_rules *r, int count, struct hard_cache *cache,
    struct err *e);
/* Fills cache->flipped. */
void hard_cache_flip(struct hard_cache *cache, const struct cached *v, const bool mirror[3]);
void hard_cache_free(struct hard_cache *cache);
