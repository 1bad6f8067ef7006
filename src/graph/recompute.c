/* SPDX-License-Identifier: Apache-2.0 */
/* Trades time for memory (Chen et al. 2016, arXiv 1604.06174; the selection is our own). A map need
 * not stay in memory until a backward step if its forward step is repeated before that step. Each
 * such wait can be dropped. A greedy search drops the wait that lowers the memory above a target
 * most per operation, until the placement fits; then it undoes drops that were unnecessary. Targets
 * that sink step by step do not depend on the limit: a limit is kept whenever a smaller one can be.
 * Then targets at or just below the limit are tried, which mostly need fewer operations. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "graph/plan_parts.h"

/* A repeated map stays for its own reader if that is within so many backward steps. */
enum { PATIENCE = 8 };
static const double SMALL = 1. / 256;
static const double sinks[] = {31. / 32, 3. / 4, 0}, aims[] = {1, 31. / 32, 15. / 16, 7. / 8};

/* A map that waits for a backward step that reads it. */
struct wait {
    int value, back;
    bool dropped;
    int later; /* the map's next wait, or -1 */
};

struct recompute {
    struct planner *q;
    struct wait *waits;
    int nwaits;
    int *first; /* per value: its first wait, or -1 */
    /* per value: the last backward step until which it exists in the list so far */
    int *exists_until;
    int *next; /* per value: its next wait in the list so far */
    /* per value: an output of the graph, readable at the end */
    bool *stays;
    int *dropped; /* dropped waits, in order */
    int ndropped;
    bool *best; /* per wait: dropped in the cheapest choice so far */
    double best_macs;
    double macs;  /* of the repeated steps, with their writes */
    double *live; /* per step: bytes */
    size_t min;
};

/* ---- the list of steps */

static bool repeat_forward(struct recompute *c, int v, int back)
{
    struct planner *q = c->q;
    const struct value *x = &q->g->values[v];
    if (!plan_remade(x) || c->exists_until[v] >= back) return true;
    const struct node *n = &q->g->nodes[x->producer];
    for (int i = 0; i < n->nin; i++)
        if (!repeat_forward(c, n->in[i], back)) return false;
    if (q->p->nsteps >= q->max_steps) return false;
    q->p->steps[q->p->nsteps++] =
        (struct plan_step){.node = x->producer, .again = true, .workspace_at = PLAN_NOWHERE};
    c->macs += plan_price(q->g, n);
    for (int i = 0; i < n->nout; i++) {
        int next = c->next[n->out[i]];
        int until =
            next >= 0 && c->waits[next].back <= back + PATIENCE ? c->waits[next].back : back;
        if (until > c->exists_until[n->out[i]]) c->exists_until[n->out[i]] = until;
    }
    return true;
}

/* After a backward step read a map. */
static void wait_on(struct recompute *c, int v, int back)
{
    int next = c->next[v];
    if (next >= 0 && c->waits[next].back == back) next = c->next[v] = c->waits[next].later;
    int until = next >= 0 && !c->waits[next].dropped ? c->waits[next].back : back;
    if (until > c->exists_until[v]) c->exists_until[v] = until;
}

static bool reads_value(const struct node *n, int i)
{
    return i < n->nin ? (n->op->reads & READS_IN(i)) != 0
                      : (n->op->reads & READS_OUT(i - n->nin)) != 0;
}

static int recompute_read_value(const struct node *n, int i)
{
    return i < n->nin ? n->in[i] : n->out[i - n->nin];
}

/* Forward, then each backward step after the steps it needs repeated. False: too many steps. */
static bool list_steps(struct recompute *c)
{
    struct planner *q = c->q;
    const struct graph *g = q->g;
    q->p->nsteps = q->p->nforward;
    c->macs = 0;
    for (int v = 0; v < g->nvalues; v++) {
        c->next[v] = c->first[v];
        c->exists_until[v] =
            c->first[v] >= 0 && !c->waits[c->first[v]].dropped ? c->waits[c->first[v]].back : -1;
        if (c->stays[v]) c->exists_until[v] = q->nback;
    }
    for (int b = 0; b < q->nback; b++) {
        const struct node *n = &g->nodes[q->back[b].node];
        for (int i = 0; i < n->nin + n->nout; i++)
            if (reads_value(n, i) && !repeat_forward(c, recompute_read_value(n, i), b))
                return false;
        if (q->p->nsteps >= q->max_steps) return false;
        q->p->steps[q->p->nsteps++] = q->back[b];
        for (int i = 0; i < n->nin + n->nout; i++)
            if (reads_value(n, i) && plan_remade(&g->values[recompute_read_value(n, i)]))
                wait_on(c, recompute_read_value(n, i), b);
    }
    return true;
}

/* ---- memory above a target */

static void add_life(double *live, const struct piece *x, int nsteps)
{
    if (x->first == NEVER) return;
    live[x->first] += (double)x->bytes;
    if (x->last < nsteps) live[x->last + 1] -= (double)x->bytes;
}

static void sum_lives(struct recompute *c)
{
    const struct planner *q = c->q;
    int n = q->p->nsteps;
    memset(c->live, 0, ((size_t)n + 1) * sizeof *c->live);
    for (int i = 0; i < q->npieces; i++)
        if ((i >= q->g->nvalues || planner_in_work(&q->g->values[i])) && q->alias[i] == i)
            add_life(c->live, &q->value[i], n);
    for (int v = 0; v < q->g->nvalues; v++)
        if (q->grad_alias[v] == v) add_life(c->live, &q->grad[v], n);
    for (int s = 0; s < n; s++) c->live[s + 1] += c->live[s];
    for (int s = 0; s < n; s++) c->live[s] += (double)q->scratch[s].bytes;
}

/* Sums over forward steps, and over backward steps with the steps repeated for them. */
static double beyond(const struct recompute *c, double target)
{
    double sum = 0, max = 0;
    for (int s = 0; s < c->q->p->nsteps; s++) {
        if (c->live[s] - target > max) max = c->live[s] - target;
        if (c->q->p->steps[s].again) continue;
        sum += max;
        max = 0;
    }
    return sum;
}

static double max_live(const struct recompute *c)
{
    double max = 0;
    for (int s = 0; s < c->q->p->nsteps; s++) max = fmax(max, c->live[s]);
    return max;
}

static bool relist(struct recompute *c)
{
    if (!list_steps(c)) return false;
    planner_lives(c->q);
    sum_lives(c);
    return true;
}

/* Drops the wait that lowers the memory above the target most for its cost. False: none does. */
static bool drop_one(struct recompute *c, double target)
{
    double before = beyond(c, target), macs = c->macs, best = 0, small = SMALL * max_live(c);
    int which = -1;
    for (int i = 0; i < c->nwaits; i++) {
        struct wait *w = &c->waits[i];
        if (w->dropped || (double)c->q->g->values[w->value].bytes < small) continue;
        w->dropped = true;
        if (relist(c)) {
            double gain = (before - beyond(c, target)) / fmax(c->macs - macs, 1);
            if (gain > best) {
                best = gain;
                which = i;
            }
        }
        w->dropped = false;
    }
    if (which >= 0) {
        c->waits[which].dropped = true;
        c->dropped[c->ndropped++] = which;
    }
    relist(c);
    return which >= 0;
}

static void start_over(struct recompute *c)
{
    for (int i = 0; i < c->nwaits; i++) c->waits[i].dropped = false;
    c->ndropped = 0;
    relist(c);
}

static bool recompute_fits(struct recompute *c, size_t limit)
{
    planner_place(c->q);
    if (c->q->p->work_bytes < c->min) c->min = c->q->p->work_bytes;
    return c->q->p->work_bytes <= limit;
}

/* Until the plan fits. If the target is reached and the placement still does not fit, the target
 * becomes a share of the peak. */
static bool lower(struct recompute *c, size_t limit, double target, double sink)
{
    start_over(c);
    while (!recompute_fits(c, limit)) {
        if (beyond(c, target) <= 0) target = fmin(target, max_live(c)) * sink;
        if (!drop_one(c, target)) return false;
    }
    return true;
}

static void undo_drops(struct recompute *c, size_t limit)
{
    for (int i = 0; i < c->ndropped; i++) {
        struct wait *w = &c->waits[c->dropped[i]];
        double macs = c->macs;
        w->dropped = false;
        bool better = relist(c) && c->macs < macs;
        planner_place(c->q);
        if (!better || c->q->p->work_bytes > limit) w->dropped = true;
        relist(c);
    }
    planner_place(c->q);
}

/* Lists the waits of each map in order. */
static void list_waits(struct recompute *c)
{
    const struct planner *q = c->q;
    int *last = c->next;
    for (int v = 0; v < q->g->nvalues; v++) c->first[v] = last[v] = -1;
    for (int i = 0; i < q->g->noutputs; i++) c->stays[q->g->outputs[i].value] = true;
    for (int b = 0; b < q->nback; b++) {
        const struct node *n = &q->g->nodes[q->back[b].node];
        for (int i = 0; i < n->nin + n->nout; i++) {
            int v = recompute_read_value(n, i);
            if (!reads_value(n, i) || !plan_remade(&q->g->values[v]) || c->stays[v]) continue;
            if (last[v] >= 0 && c->waits[last[v]].back == b) continue;
            c->waits[c->nwaits] = (struct wait){v, b, false, -1};
            *(last[v] < 0 ? &c->first[v] : &c->waits[last[v]].later) = c->nwaits;
            last[v] = c->nwaits++;
        }
    }
}

/* Keeps the cheaper of the current and the best choice in c->best. */
static void keep_best(struct recompute *c, size_t limit)
{
    undo_drops(c, limit);
    if (c->macs >= c->best_macs) return;
    c->best_macs = c->macs;
    for (int i = 0; i < c->nwaits; i++) c->best[i] = c->waits[i].dropped;
}

static att_status graph_recompute_choose(
    struct recompute *c, size_t limit, size_t *min, struct err *e)
{
    bool kept = false;
    list_waits(c);
    for (int i = 0; i < (int)(sizeof sinks / sizeof *sinks) && !kept; i++) {
        kept = lower(c, limit, INFINITY, sinks[i]);
        if (kept) keep_best(c, limit);
    }
    if (!kept) {
        *min = c->min;
        return err_set(e, ATT_MEMORY,
            "the network's maps need %zu bytes even with all recomputation, but only %zu are "
            "left; use a smaller patch, batch or network",
            c->min, limit);
    }
    for (int i = 0; i < (int)(sizeof aims / sizeof *aims); i++)
        if (lower(c, limit, (double)limit * aims[i], sinks[0])) keep_best(c, limit);
    for (int i = 0; i < c->nwaits; i++) c->waits[i].dropped = c->best[i];
    relist(c);
    planner_place(c->q);
    return ATT_OK;
}

att_status recompute_choose(struct planner *q, size_t limit, size_t *min, struct err *e)
{
    size_t nv = (size_t)q->g->nvalues + 1, reads = 0;
    for (int b = 0; b < q->nback; b++)
        reads += (size_t)(q->g->nodes[q->back[b].node].nin + q->g->nodes[q->back[b].node].nout);
    struct recompute c = {.q = q, .min = SIZE_MAX, .best_macs = INFINITY};
    c.waits = mem_array(reads + 1, sizeof *c.waits);
    c.dropped = mem_array(reads + 1, sizeof *c.dropped);
    c.best = mem_array(reads + 1, sizeof *c.best);
    c.first = mem_array(nv, sizeof *c.first);
    c.exists_until = mem_array(nv, sizeof *c.exists_until);
    c.next = mem_array(nv, sizeof *c.next);
    c.stays = mem_array(nv, sizeof *c.stays);
    c.live = mem_array((size_t)q->max_steps + 1, sizeof *c.live);
    att_status status =
        c.waits && c.dropped && c.best && c.first && c.exists_until && c.next && c.stays && c.live
        ? graph_recompute_choose(&c, limit, min, e)
        : err_memory(e, reads * sizeof *c.waits, "the memory plan");
    mem_free(c.waits);
    mem_free(c.dropped);
    mem_free(c.best);
    mem_free(c.first);
    mem_free(c.exists_until);
    mem_free(c.next);
    mem_free(c.stays);
    mem_free(c.live);
    return status;
}
