/* SPDX-License-Identifier: Apache-2.0 */
/* From a graph to steps with offsets: which value and which gradient lives where in the work region, and until when.
 *
 * Planning may fail; running may not: after run_create() a training step or a prediction allocates nothing. */
#ifndef GRAPH_PLAN_H
#define GRAPH_PLAN_H

#include "base/pool.h"
#include "graph/graph.h"

/* A step is forward or backward of one node; add bits say which input gradients exist already (known statically). */
struct plan_step {
    int node;
    bool backward;
    unsigned add;  /* bit i: din[i] is added to */
    unsigned want; /* bit i: din[i] is wanted */
    ptrdiff_t workspace_at;
};

enum { PLAN_NOWHERE = -1 };
/* Pieces of memory begin at whole cache lines; so do parts of an op's workspace that stand one behind the other. */
static inline size_t plan_round(size_t bytes) { return (bytes + 63) / 64 * 64; }

struct plan {
    const struct graph *graph;
    const struct kernels *kernels;
    const char *conv; /* implementation of convolutions wanted by name, or NULL */
    int threads;
    struct plan_step *steps;
    int nsteps, nforward;
    ptrdiff_t *value_at, *grad_at; /* byte offsets into work, or PLAN_NOWHERE */
    bool *trained;                 /* per parameter: some step writes its gradient */
    size_t work_bytes;             /* the whole work region */
};

att_status plan_make(const struct graph *g, const struct kernels *k, const char *conv, int threads, struct plan *p, struct err *e);
void plan_free(struct plan *p);

#endif
