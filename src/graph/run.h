/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a plan, on one thread. Several runs may share a constant parameter set. A run owns the
 * buffers of its kernels; only kernels access them while it runs. Ops pass addresses:
 * tests/unit/graph/test_mapped_buffers.c makes any other access fault. */
#pragma once

#include "graph/plan.h"

/* Creating a run moves the parameters to the memory of its kernels. */
struct run {
    struct plan plan;
    struct pool *pool;
    struct buffer work; /* owned or borrowed */
    bool borrowed;
    ptrdiff_t *at; /* current offset of each value: a repeated step moves its maps */
    bool adds;     /* adds to the gradients of parameters */
    bool measures; /* forward leaves the statistics of its batch alone in the state */
    struct buffer gradients;
    real *grads; /* in `gradients`, laid out like params.data; training only */
    /* the caller's, per step, or NULL: minimum time so far; infinity before the first run */
    double *seconds;
    void (*after)(void *user, int step); /* the caller's, after each step of the plan; or NULL */
    void *user;
};

att_status run_create(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, struct run *r, struct err *e);
/* Within `limit` bytes of work; *min: the smallest limit that works, after ATT_MEMORY (plan.h). */
att_status run_create_within(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, size_t limit, size_t *min, struct run *r, struct err *e);
/* Without memory for maps: it borrows some for each use, so several networks share it in
 * prediction. */
att_status run_create_bare(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, struct run *r, struct err *e);
/* `work`: kernel memory of at least plan.work_bytes. Tensors are valid until another run borrows
 * it. */
void run_borrow(struct run *r, const struct buffer *work);
void run_free(struct run *r);

/* Frees the maps' memory until the next forward; tensors lose their content. */
void run_discard(struct run *r);

/* Host access to an input, label, output or parameter, or its gradient, until the run runs or
 * unmaps. Fill inputs and labels here before run_forward. */
struct tensor run_tensor(const struct run *r, int value);
struct tensor run_gradient(const struct run *r, int value); /* p is NULL: none */
uint8_t *run_label(const struct run *r, int value);
/* Ends the host's mappings of the run's memory and parameters, before kernels use them. A run does
 * so itself. */
void run_unmap(const struct run *r);

/* Whether the kernels so far did their work, for which it waits: only a device may fail. */
att_status run_check(const struct run *r, struct err *e);

void run_forward(struct run *r);
/* Seeds the gradient of `value` (an output) with 1 and runs all backward steps; parameter gradients
 * are in r->grads. */
void run_backward(struct run *r, int value);
/* Another seed; `add`: to the parameter gradients of earlier passes. */
void run_backward_part(struct run *r, int value, double seed, bool add);
/* Updates the running statistics by those of a batch, laid out like params.state: what a forward
 * run without `measures` would have done. */
void run_track(const struct run *r, const real *batch);
/* The caller filled the gradients of all outputs. */
void run_backward_seeded(struct run *r);

/* Copies planar [n][c][d][h][w] floats to or from a tensor of any lanes (run_store: for tests). */
void run_load(const struct tensor *t, const float *planar);
void run_store(const struct tensor *t, real *planar);
