/* SPDX-License-Identifier: Apache-2.0 */
#include "train/step_passes.h"

#include <string.h>

#include "base/mem.h"

static bool step_passes_shared(const struct step_passes *s) { return team_size(s->team) > 1; }

double step_passes_bytes(int count, bool half, const struct team *team, const struct params *p)
{
    if (count == 1 || p->numbers.memory->measure) return 0;
    const double rows = (double)(count + count / team_size(team)) * (double)(p->state_size + 1);
    return sizeof(real) * rows + grad_sum_bytes(team, p->size, half);
}

att_status step_passes_init(struct step_passes *s, int count, bool half, struct team *team,
    const struct params *p, struct err *e)
{
    *s = (struct step_passes){.count = count, .team = team, .row = p->state_size + 1};
    TRY(MEM_ARRAY(s->rows, (size_t)count * s->row, "the losses of passes", e));
    TRY(MEM_ARRAY(s->own, (size_t)step_passes_own(s) * s->row, "the losses of passes", e));
    if (count == 1 || p->numbers.memory->measure) return ATT_OK;
    s->sums = true;
    return grad_sum_init(&s->sum, team, p->size, half, e);
}

void step_passes_free(struct step_passes *s)
{
    grad_sum_free(&s->sum);
    mem_free(s->rows);
    mem_free(s->own);
    memset(s, 0, sizeof *s);
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
    const bool first = index == 0, last = index == step_passes_own(s) - 1;
    if (s->sums) return grad_sum_backward(&s->sum, r, loss, 1. / s->count, first, last, e);
    run_backward_part(r, loss, 1. / s->count, !first);
    return ATT_OK;
}

att_status step_passes_end(
    struct step_passes *s, struct run *r, const real *old, double *loss, struct err *e)
{
    const struct params *p = r->plan.graph->params;
    const int ranks = team_size(s->team), own = step_passes_own(s);
    const size_t numbers = s->row - 1, bytes = (size_t)own * s->row * sizeof *s->rows;
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
