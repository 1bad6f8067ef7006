/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a plan.  A run belongs to one thread; several runs may share a parameter set that nobody
 * changes.
 *
 * A run owns the buffers that its kernels work in.  Nothing but kernels touches them while it runs:
 * ops hand addresses on, and tests/unit/graph/test_mapped_buffers.c makes any other access fault.
 */
#ifndef GRAPH_RUN_H
#define GRAPH_RUN_H

#include "graph/plan.h"

struct run {
    struct plan plan;
    struct pool *pool;
    struct buffer work; /* its own, or borrowed */
    bool borrowed;
    ptrdiff_t *at; /* where each value is now: a repeated step moves its maps */
    bool adds;     /* gradients of parameters are added to those there */
    struct buffer gradients;
    real *grads;     /* in it, laid out like params.data; training only */
    double *seconds; /* the caller's, one per step of the plan, or NULL: the least time that each
                        has taken; infinity before the first run */
};

att_status run_create(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, struct run *r, struct err *e);
/* The same in `limit` bytes of work (plan.h). */
att_status run_create_within(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, size_t limit, size_t *min, struct run *r, struct err *e);
/* Without memory for maps, for prediction: it borrows some whenever its tensors are used or it
 * runs, and several take turns with that. */
att_status run_create_bare(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, struct run *r, struct err *e);
/* `work` is of the kernels' memory, and has plan.work_bytes at least. Until another run borrows it,
 * or it is freed, tensors keep what they hold. */
void run_borrow(struct run *r, const struct buffer *work);
void run_free(struct run *r);

/* Until the next forward the maps may take no memory; all tensors lose what they hold. */
void run_rest(struct run *r);

/* Where the host reads and writes an input, label, output or parameter value, or its gradient:
 * mapped until the run runs again, or claims. Inputs and labels are filled through it before
 * run_forward. */
struct tensor run_tensor(const struct run *r, int value);
struct tensor run_gradient(const struct run *r, int value); /* p is NULL when there is none */
uint8_t *run_label(const struct run *r, int value);
/* From here on only kernels touch the run's memory and its parameters: ends the host's mappings. A
 * run does so as it begins; for kernels that others call on the same memory. */
void run_claim(const struct run *r);

void run_forward(struct run *r);
/* Seeds the gradient of `value` (an output) with 1 and runs all backward steps; gradients of
 * parameters are in r->grads. */
void run_backward(struct run *r, int value);
/* The same with another seed; `add`: to gradients of parameters that are there from an earlier
 * pass. */
void run_backward_part(struct run *r, int value, double seed, bool add);
void run_backward_seeded(
    struct run *r); /* the same, where the caller has filled the gradients of all outputs */

/* Planar images in and out: copies [n][c][d][h][w] floats to or from a tensor of any lanes
 * (run_store: for tests). */
void run_load(const struct tensor *t, const float *planar);
void run_store(const struct tensor *t, real *planar);

#endif
