/* SPDX-License-Identifier: Apache-2.0 */
/* Counts per tile for both networks, and the policy's inputs, for views of the training cases. With
 * them, rewards of any choice need no network. */
#pragma once

#include "hard/hard_views.h"
#include "policy/tile_sums.h"
#include "predict/look.h"
#include "train/train_context.h"

struct cached {
    int grid[3];
    float *inputs; /* [inputs][grid] */
    float *seen;   /* the same once the tile was computed, for arch=glimpse; else NULL */
    struct tile_sums sums;
};

/* A view with its grid of tiles mirrored: other neighbours, same counts. */
struct flipped {
    float *inputs, *seen; /* as above; position channels are not mirrored */
    int *from;            /* [tiles] the view's tile at this position */
};

struct hard_cache {
    struct cached *view;
    int count;
    const struct hard *hard;
    struct flipped flipped;
    /* mean seconds of a case's first view, and of each other view; 0: none */
    double first_seconds, further_seconds;
};

/* How many of the first `views` views fit into `bytes`; at least 1. */
int hard_cache_fits(
    const struct view_rules *r, const struct hard *h, int classes, int views, double bytes);
/* Computes the first `count` views. The fine network runs on the first view of each case; other
 * views show the same voxels and reuse its labels. A sequential policy sees logits, so for
 * arch=glimpse it runs on every view. */
att_status hard_cache_fill(const struct train_context *c, struct hard_runner *l,
    const struct model *m, const struct hard *h, const struct view_rules *r, int count,
    struct hard_cache *cache, struct err *e);
/* Fills cache->flipped. */
void hard_cache_flip(struct hard_cache *cache, const struct cached *v, const bool mirror[3]);
void hard_cache_free(struct hard_cache *cache);
