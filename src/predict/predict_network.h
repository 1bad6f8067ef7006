/* SPDX-License-Identifier: Apache-2.0 */
/* A network for one window at a time. */
#pragma once

#include "graph/run.h"
#include "image/image.h"
#include "model/model.h"

/* Plan and memory serve every model of one spec; only weights change. */
struct network {
    const struct model *model; /* whose weights are set; NULL: none */
    int part;                  /* MODEL_WHOLE or an enum arch_part */
    int window[3];
    struct graph graph;
    struct run run;
    int input, logits;   /* logits: or the policy's outputs */
    int features;        /* of the coarse part, else -1 */
    struct buffer *room; /* shared work memory, or NULL for its own; building another network
                          * overwrites it */
};

/* Builds the network for this window, or reuses it if it fits. */
att_status network_build(struct network *n, const struct model *m, const int window[3],
    const struct kernels *k, struct pool *pool, const char *conv, struct err *e);
/* The same for one part. */
att_status network_build_part(struct network *n, const struct model *m, int part,
    const int window[3], const struct kernels *k, struct pool *pool, const char *conv,
    struct err *e);
/* Multiply-adds of the network over a window. */
att_status network_macs(const struct model *m, const int window[3], double *macs, struct err *e);
void network_drop(struct network *n); /* keeps `room` */
/* Copies the part of x at `origin` into the input, mirrored as asked; 0 outside the image. */
void network_load(
    const struct network *n, const struct image *x, const int origin[3], const bool mirror[3]);
