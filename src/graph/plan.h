/* SPDX-License-Identifier: Apache-2.0 */
/* From a graph to steps with offsets: which value and which gradient lives where in the work
 * region, and until when.
 *
 * Planning may fail; running may not: after run_create() a training step or a prediction allocates
 * nothing.
 *
 * With a limit, a plan may list a forward step again inside the backward pass, before the step that
 * reads its result: the map then needs no memory in between.  A repeated step gives the same bits;
 * it takes statistics from the first pass, and tracks none. */
#ifndef GRAPH_PLAN_H
#define GRAPH_PLAN_H

#include "base/pool.h"
#include "graph/graph.h"

/* A step is forward or backward of one node; add bits say which input gradients exist already
 * (known statically). */
struct plan_step {
    int node;
    bool backward;
    bool again;    /* forward, once more */
    unsigned add;  /* bit i: din[i] is added to */
    unsigned want; /* bit i: din[i] is wanted */
    ptrdiff_t workspace_at;
    ptrdiff_t again_at[NODE_MAX_OUT]; /* of a repeated step: where its maps are from there on */
};

enum { PLAN_NOWHERE = -1 };
/* Pieces of memory begin at whole cache lines; so do parts of an op's workspace that stand one
 * behind the other. */
static inline size_t plan_round(size_t bytes) { return (bytes + 63) / 64 * 64; }

/* What a repeated step makes again; all else that it wrote is still there. */
static inline bool plan_remade(const struct value *v)
{
    return v->kind == VALUE_MAP && !v->unstored;
}

struct plan {
    const struct graph *graph;
    const struct kernels *kernels;
    const char *conv; /* implementation of convolutions wanted by name, or NULL */
    int threads;
    struct plan_step *steps;
    int nsteps, nforward;
    ptrdiff_t *value_at, *grad_at; /* byte offsets into work (of values: until they are made again),
                                      or PLAN_NOWHERE */
    bool *trained;                 /* per parameter: some step writes its gradient, or it stays 0 */
    size_t work_bytes;             /* the whole work region */
    size_t free_bytes;             /* the same without a limit */
    double extra; /* what repeated steps take, as a share of what the others take: multiply-adds,
                     and what is written */
};

att_status plan_make(const struct graph *g, const struct kernels *k, const char *conv, int threads,
    struct plan *p, struct err *e);
/* In `limit` bytes (0: as many as it takes), with as few operations more as are found; ATT_MEMORY
 * if that cannot be: *least would do, unless it is 0, and memory for the plan itself was short. */
att_status plan_make_within(const struct graph *g, const struct kernels *k, const char *conv,
    int threads, size_t limit, size_t *min, struct plan *p, struct err *e);
void plan_free(struct plan *p);

#endif
