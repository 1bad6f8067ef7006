/* SPDX-License-Identifier: Apache-2.0 */
/* Batches over the threads of a pool, between which progress is shown and a stop is heard; for all that goes through cases. */
#include "base/several.h"

#include "base/json_memory.h"
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
    if (worker) json_memory_watch(); /* each thread knows of its own losses only, and lives longer than a call */
    b->s->one(b->s->arg, b->first + task, e);
    if (worker && json_memory_lost() && e->status == ATT_OK) err_set(e, ATT_MEMORY, "out of memory while %s", b->s->doing);
}

static att_status run_all(struct batch *b, struct pool *pool, struct log *log, struct err *e)
{
    const struct several *s = b->s;
    for (b->first = 0; b->first < s->count; b->first += s->together) {
        const int n = s->count - b->first < s->together ? s->count - b->first : s->together;
        log_progress(log, s->doing, b->first, s->count, NULL);
        if (log_stopped(log)) return err_set(e, ATT_INTERRUPTED, "stopped while %s", s->doing);
        if (s->together == 1)
            run_one(b, 0, 0);
        else
            pool_run(pool, n, run_one, b);
        for (int i = 0; i < n; i++) {
            if (b->errs[i].status != ATT_OK) return err_set(e, b->errs[i].status, "%s", b->errs[i].text);
            if (s->then) TRY(s->then(s->arg, b->first + i, e));
        }
    }
    log_progress(log, s->doing, s->count, s->count, NULL);
    return ATT_OK;
}

att_status several_run(const struct several *s, struct pool *pool, struct log *log, struct err *e)
{
    struct batch b = {.s = s, .errs = mem_array((size_t)s->together, sizeof *b.errs)};
    att_status status =
        b.errs ? run_all(&b, pool, log, e) : err_memory(e, (size_t)s->together * sizeof *b.errs, "what goes wrong with one of several");
    mem_free(b.errs);
    return status;
}
