/* SPDX-License-Identifier: Apache-2.0 */
/* The sum of the gradients of a step's passes. Gradients of whole passes are added in the order of
 * passes, each rounded before, so a step has the same bits however its passes are shared out among
 * ranks. The sum goes by buckets of parameters, from the last to the first: each rank adds its
 * slice of a bucket, then all ranks get all slices. A thread exchanges the buckets that the
 * backward pass has completed while it computes the others. */
#pragma once

#include <pthread.h>

#include "base/team.h"
#include "graph/run.h"

enum { GRAD_SUM_BUCKET = 1 << 20 }; /* numbers */

struct grad_sum {
    struct team *team;
    bool half; /* the gradients of each pass, and their sum, are rounded to bfloat16 */
    size_t size;
    real *sum;         /* of this rank's slices so far */
    void *received;    /* a slice of the other ranks' */
    uint16_t *rounded; /* a bucket, if `half` */
    /* With several ranks: after each step of a plan, gradients from here on are complete. */
    size_t *complete;
    pthread_mutex_t lock;
    pthread_cond_t more;
    /* of the present pass */
    real *grads;
    struct pool *pool;
    size_t from; /* gradients that are complete, under `lock` */
    bool first, last;
    att_status status;
    struct err *e;
};

double grad_sum_bytes(const struct team *team, size_t size, bool half); /* of memory */
/* `size`: numbers of a pass. */
att_status grad_sum_init(
    struct grad_sum *g, struct team *team, size_t size, bool half, struct err *e);
/* The plan of all later passes; may be left out. Then buckets are exchanged after a pass. */
att_status grad_sum_overlap(struct grad_sum *g, const struct plan *plan, struct err *e);
void grad_sum_free(struct grad_sum *g);
/* A backward pass of this rank, its first or last of a step. After the last, the gradients of the
 * run are the sum of all passes of all ranks. */
att_status grad_sum_backward(
    struct grad_sum *g, struct run *r, int loss, double seed, bool first, bool last, struct err *e);
