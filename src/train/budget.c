/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping a limit on memory; called by the training loop and by `bench`. */
#include "train/budget.h"

#include <math.h>

#include "base/limit.h"
#include "base/resident.h"

static att_status budget_refuse(const struct budget *b, double needs, struct err *e)
{
    char limit[RESIDENT_TEXT], min[LIMIT_TEXT];
    return err_set(e, ATT_MEMORY, "`max-memory` %s is too small: %s would do, or %s",
        resident_text(b->limit, limit), limit_text(needs, min),
        b->instead ? b->instead : "a smaller patch, batch or network");
}

att_status budget_run(struct budget *b, const struct graph *g, const struct kernels *k,
    struct pool *pool, const char *conv, struct run *r, struct err *e)
{
    size_t min = 0;
    TRY(params_allocate(g->params, e));
    double peak = fmax((double)resident_peak(), b->past),
           held = (double)resident_now() + b->beside + LIMIT_UNCOUNTED;
    if (g->training) held += (double)g->params->size * sizeof(real); /* gradients */
    b->before = fmax(b->before > 0 ? b->before + held : 0, peak);
    b->total = b->before;
    if (!(b->limit > 0)) {
        TRY(run_create(g, k, pool, conv, r, e));
    } else {
        double room = b->limit - held;
        att_status status =
            run_create_within(g, k, pool, conv, room >= 1 ? (size_t)room : 1, &min, r, e);
        if (status == ATT_MEMORY && min) {
            err_clear(e);
            return budget_refuse(b, fmax(held + (double)min, b->before), e);
        }
        TRY(status);
        if (b->before > b->limit) {
            run_free(r);
            return budget_refuse(b, b->before, e);
        }
    }
    b->total = fmax(b->total, held + (double)r->plan.work_bytes);
    return ATT_OK;
}
