/* SPDX-License-Identifier: Apache-2.0 */
/* Hard attention on one image (arch/hard.h): the coarse pass, the policy and the fine network on
 * single tiles. A runner serves one thread at a time and reads the model's current weights. */
#pragma once

#include "arch/hard.h"
#include "image/image.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "policy/cluster.h"

/* Results for one image. Zero it before first use; an image of the same size reuses its memory. */
struct look {
    struct tiling tiling;
    int dims, classes, scale[3];
    int coarse_size[3];          /* in blocks (image/shrink.h) */
    int cluster[3], multiple[3]; /* max tiles of a cluster; divisors of fine windows */
    float *logits;               /* coarse, planar [classes][coarse_size] */
    bool regions;                /* sigmoid per region, not softmax */

    /* Policy inputs per tile, planar [in.count][grid]: mean and max of each coarse feature; mean
     * probability of each class; max foreground probability; mean and max entropy (nats); with
     * detail=yes mean and max over blocks of each channel's standard deviation in a block; position
     * -1..1 per axis; for arch=glimpse 1 if the tile was computed, else 0. */
    float *inputs;
    struct policy_inputs in;
    int features, detail; /* coarse feature channels; image channels with deviations, or 0 */

    /* For other choosers (policy/chooser.h), [tiles]: sums over voxels of entropy, foreground
     * probability and coarse foreground labels. */
    double *entropy, *foreground, *labelled;

    double macs; /* multiply-adds of the coarse pass */
};
void look_free(struct look *look);

struct hard_runner;
/* Copies `conv` (NULL: any) and keeps a pointer to the model. ATT_MODEL unless arch=hard or
 * arch=glimpse. */
att_status hard_runner_create(const struct model *m, const struct kernels *k, struct pool *pool,
    const char *conv, struct hard_runner **l, struct err *e);
void hard_runner_free(struct hard_runner *l); /* may be NULL */

/* x: prepared (model/prepare.h). A large image runs in windows with wide margins, so that memory
 * stays bounded. */
att_status look_coarse(
    struct hard_runner *l, const struct image *x, struct look *look, struct err *e);
/* The policy's outputs for look->inputs: scores [tiles], the stop token's score, the expected
 * reward. ATT_MODEL if one is not finite. */
att_status look_scores(struct hard_runner *l, const struct look *look, double *score, double *stop,
    double *value, struct err *e);

/* Fine logits of a tile's voxels, planar [classes][extent] (tiling_part), from a window of its
 * own. */
att_status look_tile(struct hard_runner *l, const struct image *x, const struct look *look,
    int tile, float *logits, struct err *e);
/* Runs the fine network on a cluster's shared window; look_cluster_tile then copies each tile's
 * logits, until another function runs a network of the runner: they share memory. Networks of
 * recent window sizes are kept; a new size is planned (ATT_MEMORY). */
att_status look_cluster(struct hard_runner *l, const struct image *x, const struct look *look,
    const struct cluster *c, struct err *e);
void look_cluster_tile(
    const struct hard_runner *l, const struct look *look, int tile, float *logits);
/* Groups chosen tiles into windows. */
att_status look_clusters(
    const struct look *look, const int *chosen, int n, struct clusters *c, struct err *e);
/* Multiply-adds of the fine network on all their windows; `tile`: those of one tile (struct
 * look_cost). */
double look_clusters_macs(const struct look *look, const struct clusters *c, double tile);
/* The lowest possible cost per chosen tile, in multiply-adds. */
double look_min_macs(const struct look *look, double tile);
/* Coarse logits at full resolution. Any thread. */
void look_coarse_tile(const struct look *look, int tile, float *logits);
/* Whether all coarse blocks that a tile interpolates are background by more than rounding. May miss
 * such tiles. Any thread. */
bool look_is_background(const struct look *look, int tile);
/* For arch=glimpse: replaces probabilities and entropy of a tile by those of its fine logits. */
void look_seen(struct look *look, int tile, const float *fine);

/* In multiply-adds. */
struct look_cost {
    double tile;   /* the fine network on one window */
    double policy; /* one run of the policy */
    double dense;  /* the fine network in one pass over the whole image: the cheapest dense
                    * prediction */
};
att_status look_cost(
    struct hard_runner *l, const struct look *look, struct look_cost *cost, struct err *e);
