/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of pieces from many threads, added in the order of the pieces: the same bits for any number
 * of threads. */
#pragma once

#include "base/pool.h"

enum { ROUND = 256 };

/* Starts as {0}. A task computes piece `first` + its number and stores the result at [its number];
 * `more`: for a second number. */
struct rounds {
    int first;
    double sum[ROUND], more[ROUND];
    double total, total_more;
};

/* `arg` is the task's and leads to *r. */
void rounds_run(struct rounds *r, int pieces, pool_fn *task, void *arg, struct pool *pool);
