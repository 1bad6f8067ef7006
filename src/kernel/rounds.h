/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of any number of pieces that threads compute, added in the order of the pieces: the same
 * bits for any number of threads. */
#ifndef KERNEL_ROUNDS_H
#define KERNEL_ROUNDS_H

#include "base/pool.h"

enum { ROUND = 256 };

/* Begins as {0}. A task computes the piece `first` + its own number, and leaves at [its own number]
 * what that comes to; `more` is of those that come to two numbers. */
struct rounds {
    int first;
    double sum[ROUND], more[ROUND];
    double total, total_more;
};

/* `arg` is the task's, and leads it to *r. */
void rounds_run(struct rounds *r, int pieces, pool_fn *task, void *arg, struct pool *pool);

#endif
