/* SPDX-License-Identifier: Apache-2.0 */
/* The list of steps; see plan_parts.h. */
#include "graph/plan_parts.h"

#include <string.h>

#include "base/mem.h"

/* `written`: values whose gradient exists when the step runs. */
static void backward_steps(struct plan *p, bool *written)
{
    const struct graph *g = p->graph;
    for (int i = 0; i < g->noutputs; i++)
        if (planner_grad_lives(&g->values[g->outputs[i].value]))
            written[g->outputs[i].value] = true;
    for (int n = g->nnodes - 1; n >= 0; n--) {
        const struct node *node = &g->nodes[n];
        if (!node->op->backward || !written[node->out[0]]) continue;
        struct plan_step *s = &p->steps[p->nsteps];
        *s = (struct plan_step){.node = n, .backward = true, .workspace_at = PLAN_NOWHERE};
        for (int i = 0; i < node->nin; i++) {
            int v = node->in[i];
            if (!g->values[v].grad || ((node->passive | node->idle) >> i & 1)) continue;
            s->want |= 1u << i;
            if (g->values[v].kind == VALUE_PARAM) {
                /* A parameter may enter the graph as several values. */
                if (p->trained[g->values[v].param]) s->add |= 1u << i;
                p->trained[g->values[v].param] = true;
            } else {
                if (written[v]) s->add |= 1u << i;
                written[v] = true;
            }
        }
        if (s->want) p->nsteps++;
    }
    for (const struct node *node = g->nodes; node < g->nodes + g->nnodes; node++)
        for (int i = 0; i < node->nin; i++) {
            const struct value *v = &g->values[node->in[i]];
            /* its gradient stays 0 */
            if ((node->idle >> i & 1) && written[node->out[0]] && v->grad)
                p->trained[v->param] = true;
        }
}

static void scratch_sizes(struct planner *q)
{
    const struct graph *g = q->g;
    for (int n = 0; n < g->nnodes; n++)
        if (g->nodes[n].op->workspace)
            q->work_forward[n] =
                plan_round(g->nodes[n].op->workspace(g, &g->nodes[n], q->p, 0, false));
    for (int b = 0; b < q->nback; b++) {
        const struct node *n = &g->nodes[q->back[b].node];
        if (n->op->workspace)
            q->work_back[q->back[b].node] =
                plan_round(n->op->workspace(g, n, q->p, q->back[b].want, true));
    }
}

static void planner_free(struct planner *q)
{
    mem_free(q->back);
    mem_free(q->value);
    mem_free(q->grad);
    mem_free(q->scratch);
    mem_free(q->alias);
    mem_free(q->grad_alias);
    mem_free(q->now);
    mem_free(q->work_forward);
    mem_free(q->work_back);
    mem_free(q->list);
    mem_free(q->busy);
}

static bool planner_begin(struct planner *q)
{
    size_t nv = (size_t)q->g->nvalues + 1, nn = (size_t)q->g->nnodes + 1,
           ns = (size_t)q->max_steps + 1, all = nv + NODE_MAX_OUT * ns;
    q->back = mem_array((size_t)q->nback + 1, sizeof *q->back);
    q->value = mem_array(all, sizeof *q->value);
    q->grad = mem_array(nv, sizeof *q->grad);
    q->scratch = mem_array(ns, sizeof *q->scratch);
    q->alias = mem_array(all, sizeof *q->alias);
    q->grad_alias = mem_array(nv, sizeof *q->grad_alias);
    q->now = mem_array(nv, sizeof *q->now);
    q->work_forward = mem_array(nn, sizeof *q->work_forward);
    q->work_back = mem_array(nn, sizeof *q->work_back);
    q->list = mem_array(all + nv + ns, sizeof *q->list);
    q->busy = mem_array(all + nv + ns, sizeof *q->busy);
    if (!q->back || !q->value || !q->grad || !q->scratch || !q->alias || !q->grad_alias ||
        !q->now || !q->work_forward || !q->work_back)
        return false;
    if (!q->list || !q->busy) return false;
    memcpy(q->back, q->p->steps + q->p->nforward, (size_t)q->nback * sizeof *q->back);
    return true;
}

/* the time to write a byte, in multiply-adds of one core */
static const double BYTE_MACS = 16;

static double macs_of(const struct graph *g, const struct node *n)
{
    return n->op->macs ? n->op->macs(g, n) : 0;
}

double plan_price(const struct graph *g, const struct node *n)
{
    double macs = macs_of(g, n);
    for (int i = 0; i < n->nout; i++)
        if (!g->values[n->out[i]].unstored) macs += BYTE_MACS * (double)g->values[n->out[i]].bytes;
    return macs;
}

/* A backward step's multiply-adds relative to forward: once for the weights, and once for the share
 * of input channels that need a gradient. */
static double products(const struct graph *g, const struct plan_step *s)
{
    const struct node *n = &g->nodes[s->node];
    double channels = 0, wanted = 0;
    bool weights = false;
    for (int i = 0; i < n->nin; i++) {
        const struct value *v = &g->values[n->in[i]];
        const bool wants = s->want >> i & 1;
        if (v->kind == VALUE_PARAM) {
            weights = weights || wants;
        } else {
            channels += v->s.c;
            wanted += wants ? v->s.c : 0;
        }
    }
    return weights + (channels > 0 ? wanted / channels : 0);
}

/* For a backward step, which writes gradients of maps. */
static double price_back(const struct graph *g, const struct plan_step *s)
{
    const struct node *n = &g->nodes[s->node];
    double macs = macs_of(g, n) * products(g, s);
    for (int i = 0; i < n->nin; i++)
        if ((s->want >> i & 1) && g->values[n->in[i]].kind != VALUE_PARAM)
            macs += BYTE_MACS * (double)g->values[n->in[i]].bytes;
    return macs;
}

/* Repeated work relative to all other, by the costs that recompute.c uses. */
static double extra(const struct plan *p)
{
    double all = 0, again = 0;
    for (int s = 0; s < p->nsteps; s++) {
        const struct plan_step *step = &p->steps[s];
        double price = step->backward ? price_back(p->graph, step)
                                      : plan_price(p->graph, &p->graph->nodes[step->node]);
        *(step->again ? &again : &all) += price;
    }
    return all > 0 ? again / all : 0;
}

static att_status plan_memory(
    struct plan *p, int max_steps, size_t limit, size_t *min, struct err *e)
{
    struct planner q = {
        .g = p->graph, .p = p, .nback = p->nsteps - p->nforward, .max_steps = max_steps};
    att_status status = planner_begin(&q)
        ? ATT_OK
        : err_memory(e, (size_t)max_steps * sizeof *q.value, "the memory plan");
    if (status == ATT_OK) {
        scratch_sizes(&q);
        planner_lives(&q);
        planner_place(&q);
        p->free_bytes = p->work_bytes;
        if (limit && p->work_bytes > limit) status = recompute_choose(&q, limit, min, e);
        p->extra = extra(p);
    }
    planner_free(&q);
    return status;
}

att_status plan_make(const struct graph *g, const struct kernels *k, const char *conv, int threads,
    struct plan *p, struct err *e)
{
    size_t min;
    return plan_make_within(g, k, conv, threads, 0, &min, p, e);
}

att_status plan_make_within(const struct graph *g, const struct kernels *k, const char *conv,
    int threads, size_t limit, size_t *min, struct plan *p, struct err *e)
{
    memset(p, 0, sizeof *p);
    *min = 0;
    p->graph = g;
    p->kernels = k;
    p->conv = conv;
    p->threads = threads;
    size_t nv = (size_t)g->nvalues + 1;
    int max_steps = (limit ? 2 + PLAN_REPEATS : 2) * g->nnodes;
    bool *written = mem_array(nv, sizeof *written);
    p->steps = mem_array((size_t)max_steps + 1, sizeof *p->steps);
    p->value_at = mem_array(nv, sizeof *p->value_at);
    p->grad_at = mem_array(nv, sizeof *p->grad_at);
    p->trained = mem_array((size_t)g->params->count + 1, sizeof *p->trained);
    att_status status = ATT_OK;
    if (!written || !p->steps || !p->value_at || !p->grad_at || !p->trained) {
        status = err_memory(e, nv * sizeof *p->value_at, "the plan of the network");
    } else {
        for (int n = 0; n < g->nnodes; n++)
            p->steps[n] = (struct plan_step){.node = n, .workspace_at = PLAN_NOWHERE};
        p->nsteps = p->nforward = g->nnodes;
        if (g->training) backward_steps(p, written);
        status = plan_memory(p, max_steps, limit, min, e);
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
