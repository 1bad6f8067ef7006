/* SPDX-License-Identifier: Apache-2.0 */
/* What the coarse pass says of every tile: the policy's inputs, and what other choosers look at.
 * For look.c. */
#ifndef PREDICT_LOOK_TILES_H
#define PREDICT_LOOK_TILES_H

#include "base/pool.h"
#include "predict/look.h"

/* The results of one window of the coarse network, and the blocks from..to - 1 of the coarse image
 * that are taken from it. */
struct look_gather {
    struct look *look;
    double *sums; /* [tiles][features] */
    struct tensor logits, features;
    int origin[3], from[3], to[3];
};

/* Before the first window. */
void look_begin(struct look *look);
/* How much the image, planar [detail][size], varies within blocks, whose means are `coarse`. */
void look_detail(struct look *look, const float *x, const float *coarse, struct pool *pool);
/* Logits and features of a window: tile by tile, so that every number is made in one order whatever
 * the threads. */
void look_gather(const struct look_gather *g, struct pool *pool);
/* After the last one. */
void look_finish(struct look *look, const double *sums, struct pool *pool);

#endif
