/* SPDX-License-Identifier: Apache-2.0 */
#include "train/grad_sum.h"

#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/thread.h"

static size_t grad_sum_buckets(size_t size) { return divide_up_size(size, GRAD_SUM_BUCKET); }

/* Numbers of the next bucket of `size`. */
static size_t grad_sum_bucket(size_t size)
{
    return size < GRAD_SUM_BUCKET ? size : GRAD_SUM_BUCKET;
}

/* Max numbers of a rank's slice of a bucket. */
static size_t grad_sum_slice(const struct team *t, size_t size)
{
    return team_size(t) == 1 ? grad_sum_bucket(size)
                             : grad_sum_bucket(size) / (size_t)team_size(t) + 1;
}

static size_t grad_sum_width(bool half) { return half ? sizeof(uint16_t) : sizeof(real); }

double grad_sum_bytes(const struct team *t, size_t size, bool half)
{
    const double slice = (double)grad_sum_slice(t, size), others = team_size(t) - 1,
                 rounded = half ? (double)grad_sum_bucket(size) : 0;
    return slice * (double)grad_sum_buckets(size) * sizeof(real) +
        slice * others * (double)grad_sum_width(half) + rounded * sizeof(uint16_t);
}

att_status grad_sum_init(struct grad_sum *g, struct team *t, size_t size, bool half, struct err *e)
{
    const size_t slice = grad_sum_slice(t, size), others = (size_t)team_size(t) - 1;
    *g = (struct grad_sum){.team = t, .half = half, .size = size};
    TRY(MEM_ARRAY(g->sum, slice * grad_sum_buckets(size), "the gradients of passes", e));
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->more, NULL);
    if (half) TRY(MEM_ARRAY(g->rounded, grad_sum_bucket(size), "rounded gradients", e));
    if (!others) return ATT_OK;
    return MEM_BYTES(
        g->received, slice * others * grad_sum_width(half), "the gradients of other ranks", e);
}

att_status grad_sum_overlap(struct grad_sum *g, const struct plan *plan, struct err *e)
{
    const struct graph *graph = plan->graph;
    size_t from = 0;
    if (team_size(g->team) == 1) return ATT_OK;
    TRY(MEM_ARRAY(g->complete, plan->nsteps, "the steps of a pass", e));
    for (int i = plan->nsteps - 1; i >= 0; i--) {
        const struct plan_step *p = &plan->steps[i];
        const struct node *n = &graph->nodes[p->node];
        g->complete[i] = from;
        for (int j = 0; p->backward && j < n->nin; j++) {
            const struct value *v = &graph->values[n->in[j]];
            if (v->kind != VALUE_PARAM || !(p->want >> j & 1)) continue;
            const struct param *w = &graph->params->list[v->param];
            from = max_size(from, w->offset + w->size);
        }
    }
    return ATT_OK;
}

void grad_sum_free(struct grad_sum *g)
{
    if (g->sum) {
        pthread_mutex_destroy(&g->lock);
        pthread_cond_destroy(&g->more);
    }
    mem_free(g->sum);
    mem_free(g->received);
    mem_free(g->rounded);
    mem_free(g->complete);
    memset(g, 0, sizeof *g);
}

/* ---- numbers */

struct summing {
    real *to;               /* of floats; or */
    uint16_t *rounded;      /* `from`, rounded */
    const real *from;       /* or */
    const uint16_t *halves; /* in bfloat16 */
    size_t count;
    bool adds;
};
enum { TASK = 1 << 16 }; /* numbers */

static void grad_sum_part(void *arg, int task, int worker)
{
    const struct summing *a = arg;
    const size_t at = (size_t)task * TASK, end = at + TASK < a->count ? at + TASK : a->count;
    (void)worker;
    if (a->rounded)
        for (size_t i = at; i < end; i++) a->rounded[i] = half_round((float)a->from[i]);
    else if (!a->adds && a->from)
        memcpy(a->to + at, a->from + at, (end - at) * sizeof *a->to);
    else if (a->from)
        for (size_t i = at; i < end; i++) a->to[i] += a->from[i];
    else
        for (size_t i = at; i < end; i++)
            a->to[i] = (a->adds ? a->to[i] : 0) + (real)half_read(a->halves[i]);
}

static void grad_sum_each(struct grad_sum *g, struct summing a)
{
    pool_run(g->pool, (int)divide_up_size(a.count, TASK), grad_sum_part, &a);
}

/* Numbers of a bucket, as they are exchanged, become those of `to`, or are added. */
static void grad_sum_take(
    struct grad_sum *g, real *to, const void *numbers, size_t count, bool adds)
{
    grad_sum_each(g,
        (struct summing){.to = to,
            .from = g->half ? NULL : numbers,
            .halves = g->half ? numbers : NULL,
            .count = count,
            .adds = adds});
}

/* ---- a bucket */

struct bucket {
    size_t from, count;  /* in the gradients */
    size_t first, slice; /* this rank's, in the bucket */
    real *sum;
};

static struct bucket grad_sum_at(const struct grad_sum *g, size_t number)
{
    const size_t from = number * GRAD_SUM_BUCKET, count = grad_sum_bucket(g->size - from);
    struct bucket b = {from, count, 0, count, g->sum + number * grad_sum_slice(g->team, g->size)};
    if (team_size(g->team) == 1) return b;
    b.first = team_slice(g->team, count, g->team->rank);
    b.slice = team_slice(g->team, count, g->team->rank + 1) - b.first;
    return b;
}

/* One pass of each rank. */
static att_status grad_sum_add(struct grad_sum *g, const struct bucket *b, struct err *e)
{
    const size_t width = grad_sum_width(g->half);
    const unsigned char *own = (const void *)(g->grads + b->from), *other = g->received;
    if (g->half) {
        grad_sum_each(g,
            (struct summing){.rounded = g->rounded, .from = g->grads + b->from, .count = b->count});
        own = (const void *)g->rounded;
    }
    if (team_size(g->team) > 1) TRY(team_scatter(g->team, own, b->count, width, g->received, e));
    for (int i = 0; i < team_size(g->team); i++) {
        const bool mine = i == team_rank(g->team);
        const void *numbers = mine ? own + b->first * width : other;
        grad_sum_take(g, b->sum, numbers, b->slice, !g->first || i > 0);
        if (!mine) other += b->slice * width;
    }
    return ATT_OK;
}

/* All slices of the sum become the gradients. */
static att_status grad_sum_spread(struct grad_sum *g, const struct bucket *b, struct err *e)
{
    real *grads = g->grads + b->from;
    if (!g->half) {
        grad_sum_take(g, grads + b->first, b->sum, b->slice, false);
        return team_size(g->team) == 1 ? ATT_OK
                                       : team_collect(g->team, grads, b->count, sizeof *grads, e);
    }
    grad_sum_each(
        g, (struct summing){.rounded = g->rounded + b->first, .from = b->sum, .count = b->slice});
    if (team_size(g->team) > 1)
        TRY(team_collect(g->team, g->rounded, b->count, sizeof *g->rounded, e));
    grad_sum_take(g, grads, g->rounded, b->count, false);
    return ATT_OK;
}

/* ---- a pass */

static void grad_sum_wait(struct grad_sum *g, size_t from)
{
    pthread_mutex_lock(&g->lock);
    while (g->from > from) pthread_cond_wait(&g->more, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void *grad_sum_exchange(void *arg)
{
    struct grad_sum *g = arg;
    for (size_t i = grad_sum_buckets(g->size); i-- > 0 && g->status == ATT_OK;) {
        const struct bucket b = grad_sum_at(g, i);
        grad_sum_wait(g, b.from);
        g->status = grad_sum_add(g, &b, g->e);
        if (g->last && g->status == ATT_OK) g->status = grad_sum_spread(g, &b, g->e);
    }
    return NULL;
}

static void grad_sum_heed(void *user, size_t from)
{
    struct grad_sum *g = user;
    pthread_mutex_lock(&g->lock);
    if (from < g->from) g->from = from;
    pthread_cond_signal(&g->more);
    pthread_mutex_unlock(&g->lock);
}

static void grad_sum_after(void *user, int step)
{
    struct grad_sum *g = user;
    grad_sum_heed(g, g->complete[step]);
}

att_status grad_sum_backward(
    struct grad_sum *g, struct run *r, int loss, double seed, bool first, bool last, struct err *e)
{
    pthread_t thread;
    g->grads = buffer_map(&r->gradients);
    g->pool = NULL; /* the thread works alone */
    g->from = g->size;
    g->first = first;
    g->last = last;
    g->status = ATT_OK;
    g->e = e;
    const bool overlaps = g->complete && thread_start(&thread, grad_sum_exchange, g) == 0;
    if (overlaps) r->after = grad_sum_after;
    r->user = g;
    run_backward_part(r, loss, seed, false);
    r->after = NULL;
    grad_sum_heed(g, 0);
    if (overlaps) {
        pthread_join(thread, NULL);
    } else {
        g->pool = r->pool;
        grad_sum_exchange(g);
    }
    return g->status;
}
