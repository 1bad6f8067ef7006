/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/rounds.h"

void rounds_run(struct rounds *r, int pieces, pool_fn *task, void *arg, struct pool *pool)
{
    for (; r->first < pieces; r->first += ROUND) {
        const int round = pieces - r->first < ROUND ? pieces - r->first : ROUND;
        pool_run(pool, round, task, arg);
        for (int i = 0; i < round; i++) {
            r->total += r->sum[i];
            r->total_more += r->more[i];
        }
    }
}
