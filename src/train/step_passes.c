/* SPDX-License-Identifier: Apache-2.0 */
#include "train/step_passes.h"

#include <string.h>

#include "base/ints.h"
#include "base/mem.h"

static bool step_passes_shared(const struct step_passes *s) { return team_size(s->team) > 1; }

static size_t step_passes_slice(const struct team *team, const struct params *p)
{
    return p->size / (size_t)team_size(team) + 1;
}

double step_passes_bytes(int count, const struct team *team, const struct params *p)
{
    if (count == 1 || p->numbers.memory->measure) return 0;
    const int ranks = team_size(team); /* a slice of each rank */
    const double rows = (double)(count + count / ranks) * (double)(p->state_size + 1);
    return sizeof(real) * ((double)step_passes_slice(team, p) * ranks + rows);
}

att_status step_passes_init(
    struct step_passes *s, int count, struct team *team, const struct params *p, struct err *e)
{
    *s = (struct step_passes){.count = count, .team = team, .row = p->state_size + 1};
    TRY(MEM_ARRAY(s->rows, (size_t)count * s->row, "the losses of passes", e));
    TRY(MEM_ARRAY(s->own, (size_t)step_passes_own(s) * s->row, "the losses of passes", e));
    if (count == 1 || p->numbers.memory->measure) return ATT_OK;
    const size_t slice = step_passes_slice(team, p);
    TRY(MEM_ARRAY(s->sum, slice, "the gradients of passes", e));
    if (!step_passes_shared(s)) return ATT_OK;
    return MEM_ARRAY(
        s->received, slice * (size_t)(team->size - 1), "the gradients of other ranks", e);
}

void step_passes_free(struct step_passes *s)
{
    mem_free(s->sum);
    mem_free(s->received);
    mem_free(s->rows);
    mem_free(s->own);
    memset(s, 0, sizeof *s);
}

/* ---- sums */

struct adding {
    real *to;
    const real *from;
    size_t count;
    bool first;
};
enum { TASK = 1 << 16 }; /* numbers */

static void step_passes_add_part(void *arg, int task, int worker)
{
    const struct adding *a = arg;
    const size_t at = (size_t)task * TASK, n = a->count - at < TASK ? a->count - at : TASK;
    (void)worker;
    if (a->first)
        memcpy(a->to + at, a->from + at, n * sizeof *a->to);
    else
        for (size_t i = at; i < at + n; i++) a->to[i] += a->from[i];
}

static void step_passes_add(real *to, const real *from, size_t count, bool first, struct pool *pool)
{
    struct adding a = {to, from, count, first};
    pool_run(pool, (int)((count + TASK - 1) / TASK), step_passes_add_part, &a);
}

/* The gradients of one pass of each rank. */
static att_status step_passes_gather(struct step_passes *s, int index, struct run *r, struct err *e)
{
    const size_t n = r->plan.graph->params->size;
    const real *grads = buffer_map(&r->gradients);
    if (!step_passes_shared(s)) {
        step_passes_add(s->sum, grads, n, index == 0, r->pool);
        return ATT_OK;
    }
    struct team *t = s->team;
    const size_t first = team_slice(t, n, t->rank), slice = team_slice(t, n, t->rank + 1) - first;
    const real *other = s->received;
    TRY(team_scatter(t, grads, n, s->received, e));
    for (int i = 0; i < t->size; i++) {
        const bool own = i == t->rank;
        step_passes_add(s->sum, own ? grads + first : other, slice, index == 0 && i == 0, r->pool);
        if (!own) other += slice;
    }
    return ATT_OK;
}

/* All slices of the sum become the gradients. */
static att_status step_passes_spread(struct step_passes *s, struct run *r, struct err *e)
{
    const size_t n = r->plan.graph->params->size;
    real *grads = buffer_map(&r->gradients);
    if (!step_passes_shared(s)) {
        step_passes_add(grads, s->sum, n, true, r->pool);
        return ATT_OK;
    }
    struct team *t = s->team;
    const size_t first = team_slice(t, n, t->rank);
    step_passes_add(grads + first, s->sum, team_slice(t, n, t->rank + 1) - first, true, r->pool);
    return team_collect(t, grads, n, e);
}

/* ---- passes */

att_status step_passes_run(struct step_passes *s, int index, struct run *r, int loss, struct err *e)
{
    const struct params *p = r->plan.graph->params;
    const size_t numbers = s->row - 1;
    real *row = s->own + (size_t)index * s->row;
    r->measures = step_passes_shared(s); /* other ranks' passes come between */
    run_forward(r);
    r->measures = false;
    row[numbers] = run_tensor(r, loss).p[0];
    if (step_passes_shared(s)) p->numbers.memory->download(p->state, row, numbers * sizeof *row);
    run_backward_part(r, loss, 1. / s->count, !s->sum && index > 0);
    return s->sum ? step_passes_gather(s, index, r, e) : ATT_OK;
}

att_status step_passes_end(
    struct step_passes *s, struct run *r, const real *old, double *loss, struct err *e)
{
    const struct params *p = r->plan.graph->params;
    const int ranks = team_size(s->team), own = step_passes_own(s);
    const size_t numbers = s->row - 1, bytes = (size_t)own * s->row * sizeof *s->rows;
    if (s->sum) TRY(step_passes_spread(s, r, e));
    TRY(team_gather(s->team, s->own, s->rows, bytes, e));
    if (step_passes_shared(s)) p->numbers.memory->upload(p->state, old, numbers * sizeof *old);
    *loss = 0;
    for (int i = 0; i < s->count; i++) {
        const real *row = s->rows + (size_t)(i % ranks * own + i / ranks) * s->row;
        *loss += (double)row[numbers] / s->count;
        if (step_passes_shared(s)) run_track(r, row);
    }
    return ATT_OK;
}
