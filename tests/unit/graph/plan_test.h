/* SPDX-License-Identifier: Apache-2.0 */
/* Following who owns each cache line of the work region, step by step, through a plan. */
#ifndef PLAN_TEST_H
#define PLAN_TEST_H

#include "unit/arch/net_test.h"

#include <stdlib.h>

enum { LINE = 64, NOBODY = -1, SCRATCH = -2 };

struct shadow {
    const struct plan *plan;
    int *owner;    /* per line: value id, or nvalues + value id for its gradient */
    ptrdiff_t *at; /* where each value is now */
    int step;
};

struct region {
    ptrdiff_t at;
    size_t bytes;
    int id;
    bool read, written;
};

static inline void read_region(const struct shadow *s, const struct region *r)
{
    for (size_t i = 0; i < (r->bytes + LINE - 1) / LINE; i++) {
        int owner = s->owner[(size_t)r->at / LINE + i];
        if (owner != r->id)
            fail_msg("step %d reads %d, whose memory belongs to %d", s->step, r->id, owner);
    }
}

static inline void write_region(const struct shadow *s, const struct region *r)
{
    if (r->at % LINE || (size_t)r->at + r->bytes > s->plan->work_bytes)
        fail_msg("step %d: %d lies at %td, not in its region", s->step, r->id, r->at);
    for (size_t i = 0; i < (r->bytes + LINE - 1) / LINE; i++)
        s->owner[(size_t)r->at / LINE + i] = r->id;
}

static inline bool overlap(const struct region *a, const struct region *b)
{
    return a->at < b->at + (ptrdiff_t)b->bytes && b->at < a->at + (ptrdiff_t)a->bytes;
}

static inline void add_value(const struct plan *p, const ptrdiff_t *at, struct region *list,
    int *count, int v, bool read, bool written)
{
    if (at[v] != PLAN_NOWHERE)
        list[(*count)++] = (struct region){at[v], p->graph->values[v].bytes, v, read, written};
}

static inline void add_gradient(
    const struct plan *p, struct region *list, int *count, int v, bool read, bool written)
{
    int id = p->graph->nvalues + v;
    if (p->grad_at[v] != PLAN_NOWHERE)
        list[(*count)++] =
            (struct region){p->grad_at[v], p->graph->values[v].bytes, id, read, written};
}

/* Everything a step touches.  A repeated one reads what it wrote before that is no map. */
static inline int regions_of(
    const struct plan *p, const ptrdiff_t *at, const struct plan_step *step, struct region *list)
{
    const struct node *n = &p->graph->nodes[step->node];
    int count = 0;
    for (int i = 0; i < n->nout; i++) {
        bool kept = step->backward || (step->again && !plan_remade(&p->graph->values[n->out[i]]));
        if (!step->backward || (n->op->reads & READS_OUT(i)))
            add_value(p, at, list, &count, n->out[i], kept, !kept);
        if (step->backward) add_gradient(p, list, &count, n->out[i], true, false);
    }
    for (int i = 0; i < n->nin; i++) {
        if (!step->backward || (n->op->reads & READS_IN(i)))
            add_value(p, at, list, &count, n->in[i], true, false);
        if (step->backward && (step->want >> i & 1))
            add_gradient(p, list, &count, n->in[i], step->add >> i & 1, true);
    }
    if (step->workspace_at != PLAN_NOWHERE) {
        size_t bytes = n->op->workspace(p->graph, n, p, step->want, step->backward);
        list[count++] = (struct region){step->workspace_at, bytes, SCRATCH, false, true};
    }
    return count;
}

static inline void follow_step(struct shadow *s)
{
    const struct plan_step *step = &s->plan->steps[s->step];
    const struct node *n = &s->plan->graph->nodes[step->node];
    struct region list[2 * (NODE_MAX_IN + NODE_MAX_OUT) + 1];
    for (int i = 0; i < n->nout && step->again; i++)
        if (plan_remade(&s->plan->graph->values[n->out[i]])) s->at[n->out[i]] = step->again_at[i];
    int count = regions_of(s->plan, s->at, step, list);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++) {
            bool in_place = n->op->in_place && !step->backward && list[j].id == n->out[0] &&
                list[i].id == n->in[0];
            const int grads = s->plan->graph->nvalues;
            if (n->op->back_in_place && step->backward && list[j].id == grads + n->out[0] &&
                list[i].id == grads + n->in[0])
                in_place = true;
            if (list[i].id != list[j].id && overlap(&list[i], &list[j]) && !in_place)
                fail_msg("step %d (%s): %d and %d overlap", s->step, n->op->name, list[i].id,
                    list[j].id);
        }
    for (int i = 0; i < count; i++)
        if (list[i].read) read_region(s, &list[i]);
    for (int i = 0; i < count; i++)
        if (list[i].written) write_region(s, &list[i]);
}

static inline void follow(const struct plan *p)
{
    const struct graph *g = p->graph;
    struct shadow s = {.plan = p};
    struct region r = {0};
    int one;
    s.owner = malloc((p->work_bytes / LINE + 1) * sizeof *s.owner);
    s.at = malloc((size_t)g->nvalues * sizeof *s.at);
    assert_true(s.owner && s.at);
    memcpy(s.at, p->value_at, (size_t)g->nvalues * sizeof *s.at);
    for (size_t i = 0; i < p->work_bytes / LINE + 1; i++) s.owner[i] = NOBODY;
    for (int v = 0; v < g->nvalues; v++) /* the caller fills these before the first step */
        if (g->values[v].producer < 0 && p->value_at[v] != PLAN_NOWHERE) {
            add_value(p, s.at, &r, (one = 0, &one), v, false, true);
            write_region(&s, &r);
        }
    for (; s.step < p->nforward; s.step++) follow_step(&s);
    for (int i = 0; i < g->noutputs; i++) { /* and seeds these behind the last step of forward */
        add_gradient(p, &r, (one = 0, &one), g->outputs[i].value, false, true);
        if (one) write_region(&s, &r);
    }
    for (; s.step < p->nsteps; s.step++) follow_step(&s);
    for (int i = 0; i < g->noutputs; i++) { /* and looks at the results when all is done */
        add_value(p, s.at, &r, (one = 0, &one), g->outputs[i].value, true, false);
        assert_int_equal(one, 1);
        assert_int_equal(r.at, p->value_at[r.id]);
        read_region(&s, &r);
    }
    free(s.owner);
    free(s.at);
}

#endif
