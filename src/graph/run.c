/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/run.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/poison.h"

att_status run_create(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, struct run *r, struct err *e)
{
    size_t min;
    return run_create_within(g, k, pool, conv, 0, &min, r, e);
}

static void run_begin(struct run *r)
{
    memcpy(r->at, r->plan.value_at, (size_t)r->plan.graph->nvalues * sizeof *r->at);
}

static att_status run_make(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, size_t limit, size_t *min, struct run *r, struct err *e)
{
    TRY(params_move(g->params, k->memory, e));
    TRY(params_allocate(g->params, e));
    TRY(plan_make_within(g, k, conv, pool_threads(pool), limit, min, &r->plan, e));
    r->pool = pool;
    r->at = mem_array((size_t)g->nvalues + 1, sizeof *r->at);
    bool made = r->at;
    if (made && !r->borrowed) made = buffer_create(&r->work, k->memory, r->plan.work_bytes, 1);
    if (made && g->training)
        made = buffer_create(&r->gradients, k->memory, g->params->size, sizeof *r->grads);
    r->grads = r->gradients.p;
    if (!made) {
        size_t bytes = (r->borrowed ? 0 : r->plan.work_bytes) +
            (g->training ? g->params->size * sizeof(real) : 0);
        run_free(r);
        if (k->memory->check) TRY(k->memory->check(e));
        return err_set(e, ATT_MEMORY,
            "out of memory: cannot allocate %zu bytes for the network's feature maps and "
            "gradients; use a smaller patch, batch or network",
            bytes);
    }
    run_begin(r);
    return ATT_OK;
}

att_status run_create_within(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, size_t limit, size_t *min, struct run *r, struct err *e)
{
    *r = (struct run){.borrowed = false};
    return run_make(g, k, pool, conv, limit, min, r, e);
}

att_status run_create_bare(const struct graph *g, const struct kernels *k, struct pool *pool,
    const char *conv, struct run *r, struct err *e)
{
    size_t min;
    *r = (struct run){.borrowed = true};
    return run_make(g, k, pool, conv, 0, &min, r, e);
}

void run_borrow(struct run *r, const struct buffer *work) { r->work = *work; }

void run_free(struct run *r)
{
    if (!r->borrowed) {
        if (r->work.p) ASAN_UNPOISON_MEMORY_REGION(r->work.p, r->work.bytes);
        buffer_destroy(&r->work);
    }
    buffer_destroy(&r->gradients);
    mem_free(r->at);
    plan_free(&r->plan);
    memset(r, 0, sizeof *r);
}

static struct tensor run_place(const struct run *r, int v, ptrdiff_t at)
{
    unsigned char *work = r->work.p;
    return value_tensor(
        &r->plan.graph->values[v], at == PLAN_NOWHERE ? NULL : (real *)(void *)(work + at));
}

/* Addresses for kernels. */
static struct tensor run_value(const struct run *r, int v)
{
    const struct value *x = &r->plan.graph->values[v];
    if (x->kind == VALUE_PARAM)
        return value_tensor(x, params_address(r->plan.graph->params, x->param));
    return run_place(r, v, r->at[v]);
}

static struct tensor run_gradient_of(const struct run *r, int v)
{
    const struct value *x = &r->plan.graph->values[v];
    if (x->kind == VALUE_PARAM)
        return value_tensor(x,
            r->grads && x->grad ? r->grads + r->plan.graph->params->list[x->param].offset : NULL);
    return run_place(r, v, r->plan.grad_at[v]);
}

static struct tensor run_map(const struct run *r, int v, struct tensor t)
{
    if (t.p) t.p = r->plan.kernels->memory->map(t.p, r->plan.graph->values[v].bytes);
    return t;
}

struct tensor run_tensor(const struct run *r, int value)
{
    return run_map(r, value, run_value(r, value));
}

struct tensor run_gradient(const struct run *r, int value)
{
    return run_map(r, value, run_gradient_of(r, value));
}

uint8_t *run_label(const struct run *r, int value)
{
    return (uint8_t *)(void *)run_tensor(r, value).p;
}

void run_unmap(const struct run *r)
{
    buffer_unmap(&r->work);
    buffer_unmap(&r->gradients);
    buffer_unmap(&r->plan.graph->params->numbers);
}

static void run_move(struct run *r, const struct plan_step *p)
{
    const struct graph *g = r->plan.graph;
    const struct node *n = &g->nodes[p->node];
    for (int i = 0; i < n->nout; i++)
        if (plan_remade(&g->values[n->out[i]])) r->at[n->out[i]] = p->again_at[i];
}

static void resolve(struct run *r, const struct plan_step *p, struct step *s)
{
    const struct graph *g = r->plan.graph;
    const struct node *n = &g->nodes[p->node];
    memset(s, 0, sizeof *s);
    s->node = n;
    s->kernels = r->plan.kernels;
    s->conv = r->plan.conv;
    s->pool = r->pool;
    s->training = g->training;
    s->again = p->again;
    s->measures = r->measures;
    s->workspace =
        p->workspace_at == PLAN_NOWHERE ? NULL : (unsigned char *)r->work.p + p->workspace_at;
    for (int i = 0; i < n->nin; i++) {
        s->in[i] = run_value(r, n->in[i]);
        if (p->want >> i & 1) s->din[i] = run_gradient_of(r, n->in[i]);
        s->add[i] = (p->add >> i & 1) || (r->adds && g->values[n->in[i]].kind == VALUE_PARAM);
    }
    if (p->again) run_move(r, p);
    for (int i = 0; i < n->nout; i++) {
        s->out[i] = run_value(r, n->out[i]);
        if (p->backward) s->dout[i] = run_gradient_of(r, n->out[i]);
    }
}

#ifdef RUN_ASAN
/* A step sees only its own values, in their new place if it is repeated: AddressSanitizer reports
 * reads of undeclared values and past the end. */
static void expose(const struct run *r, int v, bool gradient)
{
    ptrdiff_t at = gradient ? r->plan.grad_at[v] : r->at[v];
    if (at != PLAN_NOWHERE)
        ASAN_UNPOISON_MEMORY_REGION(
            (unsigned char *)r->work.p + at, r->plan.graph->values[v].bytes);
}

static void fence(const struct run *r, const struct plan_step *p)
{
    const struct node *n = &r->plan.graph->nodes[p->node];
    ASAN_POISON_MEMORY_REGION(r->work.p, r->work.bytes);
    for (int i = 0; i < n->nin; i++) {
        if (!p->backward || (n->op->reads & READS_IN(i))) expose(r, n->in[i], false);
        if (p->want >> i & 1) expose(r, n->in[i], true);
    }
    for (int i = 0; i < n->nout; i++) {
        if (!p->backward || (n->op->reads & READS_OUT(i))) expose(r, n->out[i], false);
        if (p->backward) expose(r, n->out[i], true);
    }
    if (p->workspace_at != PLAN_NOWHERE)
        ASAN_UNPOISON_MEMORY_REGION((unsigned char *)r->work.p + p->workspace_at,
            n->op->workspace(r->plan.graph, n, &r->plan, p->want, p->backward));
}
#endif

att_status run_check(const struct run *r, struct err *e)
{
    const struct memory *m = r->plan.kernels->memory;
    return m->check ? m->check(e) : ATT_OK;
}

static void run_steps(struct run *r, int from, int to)
{
    run_unmap(r);
    for (int i = from; i < to; i++) {
        const struct plan_step *p = &r->plan.steps[i];
        struct step s;
        resolve(r, p, &s);
#ifdef RUN_ASAN
        fence(r, p);
#endif
        double start = r->seconds ? clock_now() : 0;
        if (p->backward)
            s.node->op->backward(&s);
        else
            s.node->op->forward(&s);
        if (r->seconds) run_check(r, &(struct err){.status = ATT_OK}); /* waits */
        if (r->seconds) r->seconds[i] = fmin(r->seconds[i], clock_now() - start);
        if (r->after) r->after(r->user, i);
    }
#ifdef RUN_ASAN
    ASAN_UNPOISON_MEMORY_REGION(r->work.p, r->work.bytes);
#endif
}

void run_forward(struct run *r)
{
    run_begin(r);
    run_steps(r, 0, r->plan.nforward);
}

void run_track(const struct run *r, const real *batch)
{
    run_unmap(r);
    for (int i = 0; i < r->plan.nforward; i++) {
        const struct plan_step *p = &r->plan.steps[i];
        const struct graph *g = r->plan.graph;
        const struct node *n = &g->nodes[p->node];
        struct step s = {.node = n, .kernels = r->plan.kernels, .training = g->training};
        if (!n->op->track || p->again) continue;
        for (int j = 0; j < n->nin; j++) s.in[j] = run_value(r, n->in[j]);
        n->op->track(&s, batch, g->params->state);
    }
}

void run_backward_seeded(struct run *r) { run_steps(r, r->plan.nforward, r->plan.nsteps); }

void run_discard(struct run *r)
{
    const struct buffer *w = &r->work;
    if (w->p && w->memory->discard) w->memory->discard(w->p, w->bytes);
}

void run_backward(struct run *r, int value) { run_backward_part(r, value, 1, false); }

void run_backward_part(struct run *r, int value, double seed, bool add)
{
    const struct graph *g = r->plan.graph;
    for (int i = 0; i < g->noutputs; i++) {
        struct tensor d = run_gradient_of(r, g->outputs[i].value);
        if (d.p) r->work.memory->fill(d.p, 0, tensor_bytes(&d));
    }
    struct tensor d = run_gradient_of(r, value);
    const real number = (real)seed;
    if (d.p) r->work.memory->upload(d.p, &number, sizeof number);
    r->adds = add;
    run_backward_seeded(r);
    r->adds = false;
}

void run_load(const struct tensor *t, const float *planar)
{
    size_t pixels = shape_pixels(t->s), lanes = (size_t)t->lanes;
    memset(t->p, 0, tensor_bytes(t));
    for (int n = 0; n < t->s.n; n++)
        for (int c = 0; c < t->s.c; c++) {
            size_t to = tensor_first(t, n, c);
            for (size_t i = 0; i < pixels; i++) tensor_write(t, to + i * lanes, (real)*planar++);
        }
}

void run_store(const struct tensor *t, real *planar)
{
    size_t pixels = shape_pixels(t->s), lanes = (size_t)t->lanes;
    for (int n = 0; n < t->s.n; n++)
        for (int c = 0; c < t->s.c; c++) {
            size_t from = tensor_first(t, n, c);
            for (size_t i = 0; i < pixels; i++) *planar++ = tensor_read(t, from + i * lanes);
        }
}
