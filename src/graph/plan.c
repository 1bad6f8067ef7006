/* SPDX-License-Identifier: Apache-2.0 */
/* Planning: the list of steps, how long every value lives, and where it lies in the work region. */
#include "graph/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A piece of the work region and the steps (first..last) during which it is needed. */
struct piece {
    size_t bytes;
    int first, last;
    ptrdiff_t at;
};

struct planner {
    const struct graph *g;
    struct plan *p;
    struct piece *value, *grad, *scratch; /* per value, per value, per step */
    int *alias, *grad_alias;              /* value whose piece this one shares, or itself */
};

enum { NEVER = -1 };

static bool grad_lives(const struct value *v) { return v->grad && (v->kind == VALUE_MAP || v->kind == VALUE_INPUT); }
static bool in_work(const struct value *v) { return v->kind != VALUE_PARAM && !v->unstored; }

static void extend(struct piece *x, int step)
{
    if (x->first == NEVER || step < x->first) x->first = step;
    if (step > x->last) x->last = step;
}

/* ---- steps */

/* Backward steps from the end of the list. `written` says whose gradient exists when the step runs. */
static void backward_steps(struct plan *p, bool *written)
{
    const struct graph *g = p->graph;
    for (int i = 0; i < g->noutputs; i++)
        if (grad_lives(&g->values[g->outputs[i].value])) written[g->outputs[i].value] = true;
    for (int n = g->nnodes - 1; n >= 0; n--) {
        const struct node *node = &g->nodes[n];
        if (!node->op->backward || !written[node->out[0]]) continue;
        struct plan_step *s = &p->steps[p->nsteps];
        *s = (struct plan_step){.node = n, .backward = true, .workspace_at = PLAN_NOWHERE};
        for (int i = 0; i < node->nin; i++) {
            int v = node->in[i];
            if (!g->values[v].grad || (node->passive >> i & 1)) continue;
            s->want |= 1u << i;
            if (g->values[v].kind == VALUE_PARAM) {
                /* The same parameter may enter the graph as several values. */
                if (p->trained[g->values[v].param]) s->add |= 1u << i;
                p->trained[g->values[v].param] = true;
            } else {
                if (written[v]) s->add |= 1u << i;
                written[v] = true;
            }
        }
        if (s->want) p->nsteps++;
    }
}

/* ---- lifetimes */

static void lifetimes_forward(struct planner *q)
{
    const struct graph *g = q->g;
    for (int n = 0; n < g->nnodes; n++) {
        const struct node *node = &g->nodes[n];
        for (int i = 0; i < node->nin; i++) extend(&q->value[node->in[i]], n);
        for (int i = 0; i < node->nout; i++) extend(&q->value[node->out[i]], n);
    }
    for (int v = 0; v < g->nvalues; v++) /* filled by the caller before the first step */
        if (g->values[v].producer < 0) extend(&q->value[v], 0);
    for (int i = 0; i < g->noutputs; i++) extend(&q->value[g->outputs[i].value], q->p->nsteps);
}

static void lifetimes_backward(struct planner *q)
{
    const struct graph *g = q->g;
    for (int s = q->p->nforward; s < q->p->nsteps; s++) {
        const struct plan_step *step = &q->p->steps[s];
        const struct node *node = &g->nodes[step->node];
        for (int i = 0; i < node->nin; i++) {
            if (node->op->reads & READS_IN(i)) extend(&q->value[node->in[i]], s);
            if ((step->want >> i & 1) && grad_lives(&g->values[node->in[i]])) extend(&q->grad[node->in[i]], s);
        }
        for (int i = 0; i < node->nout; i++) {
            if (node->op->reads & READS_OUT(i)) extend(&q->value[node->out[i]], s);
            if (grad_lives(&g->values[node->out[i]])) extend(&q->grad[node->out[i]], s);
        }
    }
    /* Gradients that the caller seeds before backward or reads after it. */
    for (int i = 0; i < g->noutputs; i++)
        if (q->grad[g->outputs[i].value].first != NEVER) extend(&q->grad[g->outputs[i].value], q->p->nforward - 1);
    for (int v = 0; v < g->nvalues; v++)
        if (g->values[v].kind == VALUE_INPUT && q->grad[v].first != NEVER) extend(&q->grad[v], q->p->nsteps);
}

/* Output 0 over input 0 where the op allows it and nobody needs the input after this node. */
static void share_in_place(struct planner *q)
{
    const struct graph *g = q->g;
    for (int n = 0; n < g->nnodes; n++) {
        const struct node *node = &g->nodes[n];
        if (!node->op->in_place) continue;
        int from = q->alias[node->in[0]], to = node->out[0];
        const struct value *a = &g->values[node->in[0]], *b = &g->values[to];
        if (a->kind != VALUE_MAP || a->unstored || b->unstored || a->bytes != b->bytes || a->lanes != b->lanes || q->value[from].last != n)
            continue;
        q->alias[to] = from;
        extend(&q->value[from], q->value[to].last);
    }
}

/* The gradient of input 0 over that of output 0, where the op allows it: nobody reads that after the step that makes the input's. */
static void share_gradients(struct planner *q)
{
    const struct graph *g = q->g;
    for (int s = q->p->nforward; s < q->p->nsteps; s++) {
        const struct plan_step *step = &q->p->steps[s];
        const struct node *node = &g->nodes[step->node];
        int from = q->grad_alias[node->out[0]], to = node->in[0];
        const struct value *a = &g->values[node->out[0]], *b = &g->values[to];
        if (!node->op->back_in_place || !(step->want & 1) || (step->add & 1) || b->kind != VALUE_MAP) continue;
        if (a->bytes != b->bytes || a->lanes != b->lanes || q->grad[from].last != s || q->grad[to].first != s) continue;
        q->grad_alias[to] = from;
        extend(&q->grad[from], q->grad[to].last);
    }
}

/* ---- placement */

static int by_size(const void *a, const void *b)
{
    const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->first != y->first ? (x->first < y->first ? -1 : 1) : (x->last > y->last) - (x->last < y->last);
}

static int by_offset(const void *a, const void *b)
{
    const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Largest first, each into the smallest gap that is free during its life. */
static void place_all(struct piece **list, int count, struct piece **busy, size_t *total)
{
    qsort(list, (size_t)count, sizeof *list, by_size);
    for (int i = 0; i < count; i++) {
        struct piece *x = list[i];
        int nbusy = 0;
        for (int j = 0; j < i; j++)
            if (list[j]->first <= x->last && x->first <= list[j]->last) busy[nbusy++] = list[j];
        qsort(busy, (size_t)nbusy, sizeof *busy, by_offset);
        ptrdiff_t end = 0, best = PLAN_NOWHERE, best_gap = 0;
        for (int j = 0; j < nbusy; j++) {
            ptrdiff_t gap = busy[j]->at - end;
            if (gap >= (ptrdiff_t)x->bytes && (best == PLAN_NOWHERE || gap < best_gap)) {
                best = end;
                best_gap = gap;
            }
            ptrdiff_t after = busy[j]->at + (ptrdiff_t)busy[j]->bytes;
            if (after > end) end = after;
        }
        x->at = best == PLAN_NOWHERE ? end : best;
        size_t top = (size_t)x->at + x->bytes;
        if (top > *total) *total = top;
    }
}

static att_status place(struct planner *q, struct err *e)
{
    const struct graph *g = q->g;
    struct plan *p = q->p;
    int most = 2 * g->nvalues + p->nsteps, count = 0;
    struct piece **list = mem_array((size_t)most, sizeof *list), **busy = mem_array((size_t)most, sizeof *busy);
    if (!list || !busy) {
        mem_free(list);
        mem_free(busy);
        return err_memory(e, (size_t)most * sizeof *list, "the memory plan");
    }
    for (int v = 0; v < g->nvalues; v++) {
        q->value[v].bytes = q->grad[v].bytes = plan_round(g->values[v].bytes);
        if (in_work(&g->values[v]) && q->alias[v] == v && q->value[v].first != NEVER) list[count++] = &q->value[v];
        if (q->grad_alias[v] == v && q->grad[v].first != NEVER) list[count++] = &q->grad[v];
    }
    for (int s = 0; s < p->nsteps; s++)
        if (q->scratch[s].bytes) list[count++] = &q->scratch[s];
    place_all(list, count, busy, &p->work_bytes);
    for (int v = 0; v < g->nvalues; v++) {
        p->value_at[v] = in_work(&g->values[v]) && q->value[v].first != NEVER ? q->value[q->alias[v]].at : PLAN_NOWHERE;
        p->grad_at[v] = q->grad[v].first != NEVER ? q->grad[q->grad_alias[v]].at : PLAN_NOWHERE;
    }
    for (int s = 0; s < p->nsteps; s++) p->steps[s].workspace_at = q->scratch[s].bytes ? q->scratch[s].at : PLAN_NOWHERE;
    mem_free(list);
    mem_free(busy);
    return ATT_OK;
}

static void scratch_sizes(struct planner *q)
{
    struct plan *p = q->p;
    for (int s = 0; s < p->nsteps; s++) {
        const struct plan_step *step = &p->steps[s];
        const struct node *node = &q->g->nodes[step->node];
        if (node->op->workspace) q->scratch[s].bytes = plan_round(node->op->workspace(q->g, node, p, step->want, step->backward));
        q->scratch[s].first = q->scratch[s].last = s;
    }
}

static att_status plan_memory(struct plan *p, struct err *e)
{
    const struct graph *g = p->graph;
    size_t nv = (size_t)g->nvalues + 1;
    struct planner q = {.g = g, .p = p};
    q.value = mem_array(nv, sizeof *q.value);
    q.grad = mem_array(nv, sizeof *q.grad);
    q.scratch = mem_array((size_t)p->nsteps + 1, sizeof *q.scratch);
    q.alias = mem_array(nv, sizeof *q.alias);
    q.grad_alias = mem_array(nv, sizeof *q.grad_alias);
    att_status status = ATT_OK;
    if (!q.value || !q.grad || !q.scratch || !q.alias || !q.grad_alias) {
        status = err_memory(e, nv * sizeof *q.value, "the memory plan");
    } else {
        for (int v = 0; v < g->nvalues; v++) {
            q.value[v].first = q.value[v].last = q.grad[v].first = q.grad[v].last = NEVER;
            q.alias[v] = q.grad_alias[v] = v;
        }
        lifetimes_forward(&q);
        lifetimes_backward(&q);
        share_in_place(&q);
        share_gradients(&q);
        scratch_sizes(&q);
        status = place(&q, e);
    }
    mem_free(q.value);
    mem_free(q.grad);
    mem_free(q.scratch);
    mem_free(q.alias);
    mem_free(q.grad_alias);
    return status;
}

att_status plan_make(const struct graph *g, const struct kernels *k, const char *conv, int threads, struct plan *p, struct err *e)
{
    memset(p, 0, sizeof *p);
    p->graph = g;
    p->kernels = k;
    p->conv = conv;
    p->threads = threads;
    size_t nv = (size_t)g->nvalues + 1;
    bool *written = mem_array(nv, sizeof *written);
    p->steps = mem_array(2 * (size_t)g->nnodes + 1, sizeof *p->steps);
    p->value_at = mem_array(nv, sizeof *p->value_at);
    p->grad_at = mem_array(nv, sizeof *p->grad_at);
    p->trained = mem_array((size_t)g->params->count + 1, sizeof *p->trained);
    att_status status = ATT_OK;
    if (!written || !p->steps || !p->value_at || !p->grad_at || !p->trained) {
        status = err_memory(e, nv * sizeof *p->value_at, "the plan of the network");
    } else {
        for (int n = 0; n < g->nnodes; n++) p->steps[n] = (struct plan_step){.node = n, .workspace_at = PLAN_NOWHERE};
        p->nsteps = p->nforward = g->nnodes;
        if (g->training) backward_steps(p, written);
        status = plan_memory(p, e);
    }
    mem_free(written);
    if (status != ATT_OK) plan_free(p);
    return status;
}

void plan_free(struct plan *p)
{
    mem_free(p->steps);
    mem_free(p->value_at);
    mem_free(p->grad_at);
    mem_free(p->trained);
    memset(p, 0, sizeof *p);
}
