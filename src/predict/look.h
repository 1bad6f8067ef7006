/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at an image as a model of hard attention does (arch/hard.h): the coarse pass over all of
 * it, what the policy makes of that, and the fine network on single tiles.  For prediction,
 * evaluation and training.
 *
 * A looker serves one thread at a time.  It reads the model's current weights at each call. */
#ifndef PREDICT_LOOK_H
#define PREDICT_LOOK_H

#include "arch/hard.h"
#include "image/image.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "policy/cluster.h"

/* Of one image. Zeroed before the first look; a later one, at an image of the same size, uses the
 * memory again. */
struct look {
    struct tiling tiling;
    int dims, classes, scale[3];
    int coarse_size[3];          /* blocks of the image (image/shrink.h) */
    int cluster[3], multiple[3]; /* tiles of a cluster at most; what the fine network's windows are
                                    multiples of */
    float *logits;               /* of the coarse network, planar [classes][coarse_size] */
    bool regions; /* they are decided one by one (sigmoid), not against each other (softmax) */

    /* What the policy sees of every tile, planar [in.count][grid]: mean and maximum of each coarse
     * feature, mean probability of each class, the largest probability of foreground, mean and
     * maximum of the entropy (nats), with detail=yes mean and maximum over blocks of the standard
     * deviation of each channel of the image within a block, the tile's place from -1 to 1 along
     * each axis of the network; for arch=glimpse also 1 where it was looked at, else 0. */
    float *inputs;
    struct policy_inputs in;
    int features, detail; /* channels of the coarse features, and of the image where its deviations
                             are there */

    /* What other choosers look at (policy/chooser.h): [tiles], sums over a tile's voxels of
     * entropy, foreground probability, and of those that the coarse network labels as foreground.
     */
    double *entropy, *foreground, *labelled;

    double macs; /* multiply-adds of the coarse pass */
};
void look_free(struct look *look);

struct looker;
/* `conv` (NULL: any) is copied; the model, of arch=hard or arch=glimpse (else ATT_MODEL), stays
 * where it is. */
att_status looker_create(const struct model *m, const struct kernels *k, struct pool *pool,
    const char *conv, struct looker **l, struct err *e);
void looker_free(struct looker *l); /* NULL is fine */

/* `x` is prepared (model/prepare.h). A large image is seen by windows with wide margins, so that
 * memory does not grow with it. */
att_status look_coarse(struct looker *l, const struct image *x, struct look *look, struct err *e);
/* The policy's outputs for look->inputs as they are: the tiles' scores [tiles], the stop token's,
 * the expected reward. Scores that are not finite, which have no order, are ATT_MODEL. */
att_status look_scores(struct looker *l, const struct look *look, double *score, double *stop,
    double *value, struct err *e);

/* The fine network's logits of a tile's own voxels, planar [classes][extent] (tiling_part), from a
 * window of its own. */
att_status look_tile(struct looker *l, const struct image *x, const struct look *look, int tile,
    float *logits, struct err *e);
/* The same of any of a cluster's tiles, after the window that they share went through the network.
 * Networks of small windows stay; one of another size is planned (ATT_MEMORY). All networks of a
 * looker take turns with one memory: what a window gave is there until the next call of another
 * function of it. */
att_status look_cluster(struct looker *l, const struct image *x, const struct look *look,
    const struct cluster *c, struct err *e);
void look_cluster_tile(const struct looker *l, const struct look *look, int tile, float *logits);
/* Which tiles share windows when these are chosen. */
att_status look_clusters(
    const struct look *look, const int *chosen, int n, struct clusters *c, struct err *e);
/* Multiply-adds of the fine network on all of their windows; `tile`: on a single tile's (struct
 * look_cost). */
double look_clusters_macs(const struct look *look, const struct clusters *c, double tile);
/* The least that a chosen tile may cost, whatever the others are. */
double look_min_macs(const struct look *look, double tile);
/* The coarse ones, brought to voxels. Any thread. */
void look_coarse_tile(const struct look *look, int tile, float *logits);
/* Whether they say background in every voxel, which the blocks tell, so that they need not be
 * brought there: all blocks that the tile's voxels are made of say so, by more than roundings. What
 * lies between them does, too. Not all such tiles are found. Any thread. */
bool look_is_background(const struct look *look, int tile);
/* For arch=glimpse: what the policy sees of a tile that was looked at. Probabilities and entropy
 * become those of its fine logits. */
void look_seen(struct look *look, int tile, const float *fine);

/* Multiply-adds. */
struct look_cost {
    double tile;   /* the fine network on one window */
    double policy; /* one look at the scores */
    double dense;  /* the fine network over the whole image in one pass, without halos: the cheapest
                      dense prediction */
};
att_status look_cost(
    struct looker *l, const struct look *look, struct look_cost *cost, struct err *e);

#endif
