/* SPDX-License-Identifier: Apache-2.0 */
/* The network that a predictor has standing, one window through it at a time. */
#ifndef PREDICT_NETWORK_H
#define PREDICT_NETWORK_H

#include "graph/run.h"
#include "image/image.h"
#include "model/model.h"

/* Its plan and memory serve every model of one spec: their weights take turns. */
struct network {
    const struct model *model; /* whose weights it has; NULL: none stands */
    int part;                  /* of the model: MODEL_WHOLE, or an enum arch_part */
    int window[3];
    struct graph graph;
    struct run run;
    int input, logits;   /* of the policy: its outputs */
    int features;        /* of the coarse part, else -1 */
    struct buffer *room; /* for its maps, set once; several networks take turns with it: what one
                            holds there is gone when another is built. NULL: memory of its own */
};

/* The network of `m` for windows of this size: the one that stands where it fits. */
att_status network_build(struct network *n, const struct model *m, const int window[3],
    const struct kernels *k, struct pool *pool, const char *conv, struct err *e);
/* The same of one part. */
att_status network_build_part(struct network *n, const struct model *m, int part,
    const int window[3], const struct kernels *k, struct pool *pool, const char *conv,
    struct err *e);
void network_drop(struct network *n); /* its room stays */
/* The part of the image at `origin`, 0 where it reaches beyond, into the network's input, mirrored
 * along the axes that say so. */
void network_load(
    const struct network *n, const struct image *x, const int origin[3], const bool mirror[3]);

#endif
