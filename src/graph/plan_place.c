/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets in the work region. */
#include <stdlib.h>

#include "graph/plan_parts.h"

static int plan_place_by_size(const void *a, const void *b)
{
    const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->first != y->first ? (x->first < y->first ? -1 : 1)
                                : (x->last > y->last) - (x->last < y->last);
}

/* Largest first, each into the smallest gap that is free during its lifetime.  `placed`: by
 * offset. */
static size_t place_all(struct piece **list, int count, struct piece **placed)
{
    size_t total = 0;
    qsort(list, (size_t)count, sizeof *list, plan_place_by_size);
    for (int i = 0; i < count; i++) {
        struct piece *x = list[i];
        ptrdiff_t end = 0, best = PLAN_NOWHERE, best_gap = 0;
        for (int j = 0; j < i; j++) {
            const struct piece *y = placed[j];
            if (y->first > x->last || x->first > y->last) continue;
            ptrdiff_t gap = y->at - end;
            if (gap >= (ptrdiff_t)x->bytes && (best == PLAN_NOWHERE || gap < best_gap)) {
                best = end;
                best_gap = gap;
            }
            ptrdiff_t after = y->at + (ptrdiff_t)y->bytes;
            if (after > end) end = after;
        }
        x->at = best == PLAN_NOWHERE ? end : best;
        int place = i;
        for (; place > 0 && placed[place - 1]->at > x->at; place--)
            placed[place] = placed[place - 1];
        placed[place] = x;
        size_t top = (size_t)x->at + x->bytes;
        if (top > total) total = top;
    }
    return total;
}

static void plan_place_steps(struct planner *q)
{
    int piece = q->g->nvalues;
    for (int s = 0; s < q->p->nsteps; s++) {
        struct plan_step *step = &q->p->steps[s];
        const struct node *node = &q->g->nodes[step->node];
        step->workspace_at = q->scratch[s].bytes ? q->scratch[s].at : PLAN_NOWHERE;
        for (int i = 0; i < node->nout && step->again; i++)
            if (plan_remade(&q->g->values[node->out[i]]))
                step->again_at[i] = q->value[q->alias[piece++]].at;
    }
}

void planner_place(struct planner *q)
{
    const struct graph *g = q->g;
    struct plan *p = q->p;
    int count = 0;
    for (int i = 0; i < q->npieces; i++)
        if ((i >= g->nvalues || planner_in_work(&g->values[i])) && q->alias[i] == i &&
            q->value[i].first != NEVER)
            q->list[count++] = &q->value[i];
    for (int v = 0; v < g->nvalues; v++)
        if (q->grad_alias[v] == v && q->grad[v].first != NEVER) q->list[count++] = &q->grad[v];
    for (int s = 0; s < p->nsteps; s++)
        if (q->scratch[s].bytes) q->list[count++] = &q->scratch[s];
    p->work_bytes = place_all(q->list, count, q->busy);
    for (int v = 0; v < g->nvalues; v++) {
        p->value_at[v] = planner_in_work(&g->values[v]) && q->value[v].first != NEVER
            ? q->value[q->alias[v]].at
            : PLAN_NOWHERE;
        p->grad_at[v] = q->grad[v].first != NEVER ? q->grad[q->grad_alias[v]].at : PLAN_NOWHERE;
    }
    plan_place_steps(q);
}
