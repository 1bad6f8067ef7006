/* SPDX-License-Identifier: Apache-2.0 */
/* From a graph to steps with offsets: where in the work region each value and gradient is, and how
 * long. Planning may fail; running may not: after run_create() a step allocates nothing. Under a
 * limit a plan may repeat a forward step in the backward pass, before the step that reads its map,
 * so that the map needs no memory in between. A repeated step gives the same bits: it reuses the
 * first pass's statistics and updates none. */
#pragma once

#include "base/pool.h"
#include "graph/graph.h"

/* Forward or backward of one node; `add` tells which input gradients exist. */
struct plan_step {
    int node;
    bool backward;
    bool again;    /* a repeated forward step */
    unsigned add;  /* bit i: add to din[i] */
    unsigned want; /* bit i: din[i] is wanted */
    ptrdiff_t workspace_at;
    ptrdiff_t again_at[NODE_MAX_OUT]; /* repeated step: the new place of its maps */
};

enum { PLAN_NOWHERE = -1 };
/* Alignment to cache lines, of memory and of parts of a workspace. */
static inline size_t plan_round(size_t bytes) { return (bytes + 63) / 64 * 64; }

/* A repeated step makes it again; everything else was kept. */
static inline bool plan_remade(const struct value *v)
{
    return v->kind == VALUE_MAP && !v->unstored;
}

struct plan {
    const struct graph *graph;
    const struct kernels *kernels;
    const char *conv; /* the name of an implementation of convolutions, or NULL */
    int threads;
    struct plan_step *steps;
    int nsteps, nforward;
    /* byte offsets into work (values: until they are made again), or PLAN_NOWHERE */
    ptrdiff_t *value_at, *grad_at;
    bool *trained;     /* per parameter: a step writes its gradient; else it stays 0 */
    size_t work_bytes; /* the work region */
    size_t free_bytes; /* the work region without a limit */
    double extra;      /* cost of repeated steps relative to the others: multiply-adds and writes */
};

att_status plan_make(const struct graph *g, const struct kernels *k, const char *conv, int threads,
    struct plan *p, struct err *e);
/* In `limit` bytes (0: unlimited) with as little repeated work as found. ATT_MEMORY: *min bytes
 * would suffice; 0: no memory for the plan itself. */
att_status plan_make_within(const struct graph *g, const struct kernels *k, const char *conv,
    int threads, size_t limit, size_t *min, struct plan *p, struct err *e);
void plan_free(struct plan *p);
