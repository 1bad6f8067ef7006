/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parallel.h"

#include <math.h>

#include "base/json_memory.h"
#include "base/limit.h"
#include "base/mem.h"

struct batch {
    const struct several *s;
    int first;
    struct err *errs; /* one per task */
};

static void run_one(void *arg, int task, int worker)
{
    const struct batch *b = arg;
    struct err *e = &b->errs[task];
    if (worker) json_memory_watch(); /* losses are per thread, and threads outlive calls */
    b->s->one(b->s->arg, b->first + task, e);
    if (worker && json_memory_lost() && e->status == ATT_OK)
        err_set(e, ATT_MEMORY, "out of memory while %s", b->s->doing);
}

/* Items from `first` on that run together. */
static int next_count(const struct several *s, int first, double room)
{
    const int max = s->count - first < s->together ? s->count - first : s->together;
    double all = 0;
    int n = 0;
    while (n < max &&
        (!s->bytes || max == 1 || (all += s->bytes(s->arg, first + n)) <= room || n == 0))
        n++;
    return n;
}

static att_status run_all(struct batch *b, struct pool *pool, struct host *host, struct err *e)
{
    const struct several *s = b->s;
    const bool limited = host && host->limit > 0;
    const double memory = limit_machine(), room = limited ? 0 : memory > 0 ? memory / 4 : INFINITY;
    for (int n; b->first < s->count; b->first += n) {
        n = next_count(s, b->first, room);
        host_progress(host, s->doing, b->first, s->count, NULL);
        if (host_stopped(host)) return err_set(e, ATT_INTERRUPTED, "stopped while %s", s->doing);
        if (s->together == 1)
            run_one(b, 0, 0);
        else
            pool_run(pool, n, run_one, b);
        for (int i = 0; i < n; i++) {
            TRY(err_pass(e, b->errs[i].status, &b->errs[i]));
            if (s->then) TRY(s->then(s->arg, b->first + i, e));
        }
    }
    host_progress(host, s->doing, s->count, s->count, NULL);
    return ATT_OK;
}

att_status parallel_run(
    const struct several *s, struct pool *pool, struct host *host, struct err *e)
{
    struct batch b = {.s = s, .errs = mem_array((size_t)s->together, sizeof *b.errs)};
    att_status status = b.errs ? run_all(&b, pool, host, e)
                               : err_memory(e, (size_t)s->together * sizeof *b.errs,
                                     "what goes wrong with one of several");
    mem_free(b.errs);
    return status;
}
