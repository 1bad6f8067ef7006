/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of the coarse pass per tile: the policy's inputs and those of other choosers. For
 * look.c. */
#pragma once

#include "base/pool.h"
#include "predict/look.h"

/* One window of the coarse network; blocks from..to - 1 of the coarse image are taken from it. */
struct look_gather {
    struct look *look;
    double *sums; /* [tiles][features] */
    struct tensor logits, features;
    int origin[3], from[3], to[3];
};

/* Call before the first window. */
void look_begin(struct look *look);
/* Standard deviations within blocks. x: planar [detail][size]; `coarse`: the blocks' means. */
void look_detail(struct look *look, const float *x, const float *coarse, struct pool *pool);
/* Adds a window tile by tile: the order of sums does not depend on threads. */
void look_gather(const struct look_gather *g, struct pool *pool);
/* Call after the last window. */
void look_finish(struct look *look, const double *sums, struct pool *pool);
