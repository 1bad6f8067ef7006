/* SPDX-License-Identifier: Apache-2.0 */
/* Lifetimes of values and gradients, and which share memory. */
#include "graph/plan_parts.h"

static void plan_lives_extend(struct piece *x, int step)
{
    if (x->first == NEVER || step < x->first) x->first = step;
    if (step > x->last) x->last = step;
}

static void plan_lives_begin(struct planner *q)
{
    for (int v = 0; v < q->g->nvalues; v++) q->now[v] = v;
    q->npieces = q->g->nvalues;
}

/* Maps of a repeated step get a new piece. */
static void move_on(struct planner *q, const struct plan_step *step)
{
    const struct node *node = &q->g->nodes[step->node];
    for (int i = 0; i < node->nout && step->again; i++)
        if (plan_remade(&q->g->values[node->out[i]])) q->now[node->out[i]] = q->npieces++;
}

static void plan_lives_forget(struct planner *q)
{
    for (int i = 0; i < q->g->nvalues + NODE_MAX_OUT * q->p->nsteps; i++) {
        q->value[i].first = q->value[i].last = NEVER;
        q->alias[i] = i;
    }
    for (int v = 0; v < q->g->nvalues; v++) {
        q->grad[v].first = q->grad[v].last = NEVER;
        q->grad_alias[v] = v;
    }
}

static void live_forward(struct planner *q, int s)
{
    const struct node *node = &q->g->nodes[q->p->steps[s].node];
    for (int i = 0; i < node->nin; i++) plan_lives_extend(&q->value[q->now[node->in[i]]], s);
    move_on(q, &q->p->steps[s]);
    for (int i = 0; i < node->nout; i++) {
        struct piece *x = &q->value[q->now[node->out[i]]];
        plan_lives_extend(x, s);
        x->bytes = plan_round(q->g->values[node->out[i]].bytes);
    }
}

static void live_backward(struct planner *q, int s)
{
    const struct plan_step *step = &q->p->steps[s];
    const struct node *node = &q->g->nodes[step->node];
    for (int i = 0; i < node->nin; i++) {
        if (node->op->reads & READS_IN(i)) plan_lives_extend(&q->value[q->now[node->in[i]]], s);
        if ((step->want >> i & 1) && planner_grad_lives(&q->g->values[node->in[i]]))
            plan_lives_extend(&q->grad[node->in[i]], s);
    }
    for (int i = 0; i < node->nout; i++) {
        if (node->op->reads & READS_OUT(i)) plan_lives_extend(&q->value[q->now[node->out[i]]], s);
        if (planner_grad_lives(&q->g->values[node->out[i]]))
            plan_lives_extend(&q->grad[node->out[i]], s);
    }
}

/* The caller fills inputs before the first step, seeds gradients before backward, reads after the
 * last step. */
static void live_outside(struct planner *q)
{
    const struct graph *g = q->g;
    for (int v = 0; v < g->nvalues; v++) {
        if (g->values[v].producer < 0) plan_lives_extend(&q->value[v], 0);
        q->value[v].bytes = q->grad[v].bytes = plan_round(g->values[v].bytes);
        if (g->values[v].kind == VALUE_INPUT && q->grad[v].first != NEVER)
            plan_lives_extend(&q->grad[v], q->p->nsteps);
    }
    for (int i = 0; i < g->noutputs; i++) {
        int v = g->outputs[i].value;
        plan_lives_extend(&q->value[v], q->p->nsteps);
        if (q->grad[v].first != NEVER) plan_lives_extend(&q->grad[v], q->p->nforward - 1);
    }
}

/* Output 0 replaces input 0 if the op allows it and the input is not needed later. */
static void share_in_place(struct planner *q)
{
    const struct graph *g = q->g;
    plan_lives_begin(q);
    for (int s = 0; s < q->p->nsteps; s++) {
        const struct plan_step *step = &q->p->steps[s];
        const struct node *node = &g->nodes[step->node];
        if (step->backward) continue;
        int from = node->op->in_place ? q->alias[q->now[node->in[0]]] : NEVER;
        move_on(q, step);
        if (from == NEVER) continue;
        int to = q->now[node->out[0]];
        const struct value *a = &g->values[node->in[0]], *b = &g->values[node->out[0]];
        if (a->kind != VALUE_MAP || a->unstored || b->unstored || a->bytes != b->bytes ||
            a->lanes != b->lanes || q->value[from].last != s)
            continue;
        q->alias[to] = from;
        plan_lives_extend(&q->value[from], q->value[to].last);
    }
}

/* Input 0's gradient replaces output 0's if the op allows it: that is not read later. */
static void share_gradients(struct planner *q)
{
    const struct graph *g = q->g;
    for (int s = q->p->nforward; s < q->p->nsteps; s++) {
        const struct plan_step *step = &q->p->steps[s];
        const struct node *node = &g->nodes[step->node];
        if (!step->backward) continue;
        int from = q->grad_alias[node->out[0]], to = node->in[0];
        const struct value *a = &g->values[node->out[0]], *b = &g->values[to];
        if (!node->op->back_in_place || !(step->want & 1) || (step->add & 1) ||
            b->kind != VALUE_MAP)
            continue;
        if (a->bytes != b->bytes || a->lanes != b->lanes || q->grad[from].last != s ||
            q->grad[to].first != s)
            continue;
        q->grad_alias[to] = from;
        plan_lives_extend(&q->grad[from], q->grad[to].last);
    }
}

void planner_lives(struct planner *q)
{
    plan_lives_forget(q);
    plan_lives_begin(q);
    for (int s = 0; s < q->p->nsteps; s++) {
        const struct plan_step *step = &q->p->steps[s];
        if (step->backward)
            live_backward(q, s);
        else
            live_forward(q, s);
        q->scratch[s] =
            (struct piece){step->backward ? q->work_back[step->node] : q->work_forward[step->node],
                s, s, PLAN_NOWHERE};
    }
    live_outside(q);
    share_in_place(q);
    share_gradients(q);
}
