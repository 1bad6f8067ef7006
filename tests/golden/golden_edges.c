/* SPDX-License-Identifier: Apache-2.0 */
/* The decisions of a run, and taking those of another run.
 *
 * A decision is what backward branches on: for each number that a norm or an addition with an
 * activation makes and each that a PReLU reads, whether it lies above zero; for each window of a
 * max-pool, which element is the first maximum.  One byte each, nodes in forward order, numbers in
 * planar order. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "golden.h"
#include "ops/ops.h"

/* A value is on the edge below this part of its tensor's rms: far above float's rounding errors,
 * far below what an error would move. */
static const double EDGE = 1e-4;
/* The part of all decisions that may be on the edge and taken otherwise. */
static const double FEW = 1e-4;

enum decider { DECIDES_NOT, DECIDES_NORM, DECIDES_ADD, DECIDES_PRELU, DECIDES_POOL };

static enum decider decider(const struct golden *g, int node)
{
    const struct node *n = &g->graph.nodes[node];
    const struct plan *p = &g->run.plan;
    bool reached = false;
    for (int s = p->nforward; s < p->nsteps; s++) reached |= p->steps[s].node == node;
    if (!reached) return DECIDES_NOT; /* and what it would read need not be alive */
    if (n->op == &op_norm)
        return ((const struct norm_attr *)(const void *)n->attr)->act == ACT_NONE ? DECIDES_NOT
                                                                                  : DECIDES_NORM;
    if (n->op == &op_maxpool) return DECIDES_POOL;
    if (n->op == &op_prelu) return DECIDES_PRELU;
    if (n->op->forward == op_add.forward)
        return ((const struct add_attr *)(const void *)n->attr)->act == ACT_NONE ? DECIDES_NOT
                                                                                 : DECIDES_ADD;
    return DECIDES_NOT;
}

static size_t numbers(struct shape s) { return (size_t)s.n * (size_t)s.c * shape_pixels(s); }
static struct shape decided(const struct golden *g, int node)
{
    return g->graph.values[g->graph.nodes[node].out[0]].s;
}

size_t edges_count(const struct golden *g)
{
    size_t count = 0;
    for (int i = 0; i < g->graph.nnodes; i++)
        if (decider(g, i)) count += numbers(decided(g, i));
    return count;
}

/* An addition may write its result over its input: not where edges_take must see how far the sum
 * lies below zero. */
void edges_keep(struct golden *g)
{
    g->op_add_kept = op_add;
    g->op_add_kept.reads |= READS_IN(0) | READS_IN(1);
    g->op_add_kept.in_place = false;
    for (int i = 0; i < g->graph.nnodes; i++)
        if (g->graph.nodes[i].op == &op_add) g->graph.nodes[i].op = &g->op_add_kept;
}

/* ---- what is decided on */

/* One number of a tensor, by its place in planar order. */
static real *number(const struct tensor *t, size_t i)
{
    size_t pixels = shape_pixels(t->s), plane = i / pixels, channels = (size_t)t->s.c;
    return tensor_channel(t, (int)(plane / channels), (int)(plane % channels)) +
        i % pixels * (size_t)t->lanes;
}

struct norm_view {
    struct tensor x;
    const real *scale, *shift;
    bool per_image;
};

static struct norm_view norm_view(const struct golden *g, int node)
{
    const struct node *n = &g->graph.nodes[node];
    const struct norm_attr *a = (const void *)n->attr;
    struct norm_view v = {.x = run_tensor(&g->run, n->in[0]), .per_image = a->per_image};
    norm_numbers_of(run_tensor(&g->run, n->out[1]).p, &v.x, v.per_image, &v.scale, &v.shift);
    return v;
}

/* A norm's numbers before its activation, by the kernel that forward and backward agree with; p is
 * NULL without memory. */
static struct tensor normed(const struct golden *g, int node)
{
    struct norm_view v = norm_view(g, node);
    struct tensor z = {mem_array(tensor_size(&v.x), sizeof(real)), v.x.s, v.x.lanes, false};
    if (z.p) golden_host(g)->affine(&v.x, &z, v.scale, v.shift, v.per_image, ACT_NONE, g->pool);
    return z;
}

static struct tensor added(const struct golden *g, int node)
{
    const struct node *n = &g->graph.nodes[node];
    struct tensor a = run_tensor(&g->run, n->in[0]), b = run_tensor(&g->run, n->in[1]);
    struct tensor z = {mem_array(tensor_size(&a), sizeof(real)), a.s, a.lanes, false};
    if (z.p) golden_host(g)->add_act(&a, &b, &z, ACT_NONE, g->pool);
    return z;
}

struct pool_view {
    struct tensor x;
    struct shape y;
    const int *factor;
    int elements; /* of a window */
};

static struct pool_view pool_view(const struct golden *g, int node)
{
    const struct node *n = &g->graph.nodes[node];
    const int *f = ((const struct grid_attr *)(const void *)n->attr)->factor;
    return (struct pool_view){
        run_tensor(&g->run, n->in[0]), decided(g, node), f, f[0] * f[1] * f[2]};
}

/* Element k, in d, h, w order, of the window behind output number i. */
static real *element(const struct pool_view *v, size_t i, int k)
{
    size_t w = (size_t)v->y.w, h = (size_t)v->y.h, pixels = shape_pixels(v->y), plane = i / pixels,
           p = i % pixels;
    size_t xd = p / (w * h) * (size_t)v->factor[0] + (size_t)(k / (v->factor[1] * v->factor[2]));
    size_t xh = p / w % h * (size_t)v->factor[1] + (size_t)(k / v->factor[2] % v->factor[1]);
    size_t xw = p % w * (size_t)v->factor[2] + (size_t)(k % v->factor[2]);
    return number(
        &v->x, plane * shape_pixels(v->x.s) + (xd * (size_t)v->x.s.h + xh) * (size_t)v->x.s.w + xw);
}

static uint8_t first_maximum(const struct pool_view *v, size_t i)
{
    int best = 0;
    for (int k = 1; k < v->elements; k++)
        if (*element(v, i, k) > *element(v, i, best)) best = k;
    return (uint8_t)best;
}

/* ---- recording */

static void record_signs(const struct tensor *t, uint8_t *decisions)
{
    size_t count = t->p ? numbers(t->s) : 0;
    for (size_t i = 0; i < count; i++) decisions[i] = *number(t, i) > 0;
}

static void record(const struct golden *g, int node, uint8_t *decisions)
{
    switch (decider(g, node)) {
    case DECIDES_NORM: {
        struct tensor z = normed(g, node);
        record_signs(&z, decisions);
        mem_free(z.p);
        break;
    }
    case DECIDES_ADD: {
        struct tensor y = run_tensor(&g->run, g->graph.nodes[node].out[0]);
        record_signs(&y, decisions);
        break;
    }
    case DECIDES_PRELU: {
        struct tensor x = run_tensor(&g->run, g->graph.nodes[node].in[0]);
        record_signs(&x, decisions);
        break;
    }
    case DECIDES_POOL: {
        struct pool_view v = pool_view(g, node);
        for (size_t i = 0; i < numbers(v.y); i++) decisions[i] = first_maximum(&v, i);
        break;
    }
    case DECIDES_NOT:
        break;
    }
}

void edges_record(const struct golden *g, uint8_t *decisions)
{
    for (int i = 0; i < g->graph.nnodes; i++) {
        if (!decider(g, i)) continue;
        record(g, i, decisions);
        decisions += numbers(decided(g, i));
    }
}

/* ---- taking the decisions of another run */

/* On which side of what is still zero: far below every edge, and what a next addition or product
 * does not notice. */
static const double HAIR = 1e-30;

/* The number before the norm that lies just above or below the zero of x*scale + shift. */
static real companions_zero(double x, double scale, double shift, bool above)
{
    double hair = 8 * (sizeof(real) == 4 ? (double)FLT_EPSILON : DBL_EPSILON) *
        (fabs(shift) + fabs(x * scale) + HAIR) / fabs(scale);
    return (real)(-shift / scale + (above == (scale > 0) ? hair : -hair));
}

static void take_norm(const struct norm_view *v, size_t i, bool above)
{
    size_t plane = i / shape_pixels(v->x.s), channels = (size_t)v->x.s.c;
    size_t k =
        plane % channels + (v->per_image ? plane / channels * (size_t)tensor_padded(&v->x) : 0);
    real *x = number(&v->x, i);
    *x = companions_zero((double)*x, (double)v->scale[k], (double)v->shift[k], above);
}

/* Lowers what is larger, and makes what comes earlier smaller still: raising the element could lift
 * it above an activation's zero. */
static void take_pool(const struct pool_view *v, size_t i, int wanted)
{
    real max = *element(v, i, wanted);
    for (int k = 0; k < v->elements; k++) {
        real *x = element(v, i, k);
        if (k < wanted && *x >= max) *x = (real)nextafter((double)max, -INFINITY);
        if (k > wanted && *x > max) *x = max;
    }
}

static double rms(const struct tensor *t)
{
    double sum = 0;
    for (size_t i = 0; i < numbers(t->s); i++) sum += (double)*number(t, i) * (double)*number(t, i);
    return sqrt(sum / (double)numbers(t->s));
}

/* Decision i of a node, which the other run took otherwise: how far the value lies on this run's
 * side. */
static double distance(enum decider kind, const struct tensor *t, const struct pool_view *v,
    size_t i, uint8_t had, uint8_t wanted)
{
    if (kind != DECIDES_POOL) return fabs((double)*number(t, i));
    if (wanted >= v->elements) return INFINITY;
    return (double)*element(v, i, had) - (double)*element(v, i, wanted);
}

static bool take(
    struct golden *g, int node, const uint8_t *had, const uint8_t *wanted, struct edges *e)
{
    enum decider kind = decider(g, node);
    size_t count = numbers(decided(g, node));
    if (!memcmp(had, wanted, count)) return true;
    struct norm_view n = {0};
    struct pool_view v = {0};
    if (kind == DECIDES_NORM) n = norm_view(g, node);
    if (kind == DECIDES_POOL) v = pool_view(g, node);
    const struct node *at = &g->graph.nodes[node];
    struct tensor y = run_tensor(&g->run, kind == DECIDES_PRELU ? at->in[0] : at->out[0]);
    struct tensor z = kind == DECIDES_POOL ? v.x
        : kind == DECIDES_PRELU            ? y
        : kind == DECIDES_NORM             ? normed(g, node)
                                           : added(g, node);
    double scale = z.p ? rms(&z) : 0;
    bool fine = true;
    for (size_t i = 0; i < count && fine; i++) {
        if (had[i] == wanted[i]) continue;
        double far = distance(kind, &z, &v, i, had[i], wanted[i]);
        e->flips++;
        e->largest = fmax(e->largest, far);
        fine = far < EDGE * scale;
        if (!fine)
            snprintf(e->refusal, sizeof e->refusal,
                "node %d (%s) decided otherwise, and that is not on the edge: |value| %.1e, rms "
                "%.1e",
                node, at->op->name, far, scale);
        else if (kind == DECIDES_NORM)
            take_norm(&n, i, wanted[i]);
        else if (kind == DECIDES_POOL)
            take_pool(&v, i, wanted[i]);
        else
            *number(&y, i) = (real)(wanted[i] ? HAIR : -HAIR);
    }
    if (kind == DECIDES_NORM || kind == DECIDES_ADD) mem_free(z.p);
    return fine;
}

static bool take_all(
    struct golden *g, uint8_t *had, const uint8_t *wanted, size_t count, struct edges *e)
{
    edges_record(g, had);
    size_t at = 0, few = (size_t)fmax(1, FEW * (double)count), differing = 0;
    for (size_t i = 0; i < count; i++) differing += had[i] != wanted[i];
    if (differing > few) {
        snprintf(e->refusal, sizeof e->refusal,
            "%zu of %zu decisions differ, more than the edge can explain", differing, count);
        return false;
    }
    for (int i = 0; i < g->graph.nnodes; i++) {
        if (!decider(g, i)) continue;
        /* What an earlier node took may have settled this one too. */
        record(g, i, had + at);
        if (!take(g, i, had + at, wanted + at, e)) return false;
        at += numbers(decided(g, i));
    }
    edges_record(g, had);
    if (!memcmp(had, wanted, count)) return true;
    snprintf(e->refusal, sizeof e->refusal, "the decisions that differ cannot be taken");
    return false;
}

bool edges_take(struct golden *g, const uint8_t *wanted, struct edges *e)
{
    size_t count = edges_count(g);
    uint8_t *had = mem_array(count + 1, 1);
    *e = (struct edges){0};
    bool fine = had && take_all(g, had, wanted, count, e);
    if (!had) snprintf(e->refusal, sizeof e->refusal, "no memory for %zu decisions", count);
    mem_free(had);
    return fine;
}

/* ---- for the test of all this */

struct nearest {
    int node;
    size_t i, at; /* in the node's numbers, among all decisions */
    double part;  /* of the tensor's rms */
};

static void find_nearest(const struct golden *g, int node, size_t at, struct nearest *found)
{
    struct tensor z = normed(g, node);
    double scale = z.p ? rms(&z) : 0;
    size_t count = z.p ? numbers(z.s) : 0;
    for (size_t i = 0; i < count; i++) {
        double part = fabs((double)*number(&z, i)) / scale;
        if (part < found->part) *found = (struct nearest){node, i, at + i, part};
    }
    mem_free(z.p);
}

void edges_flip_nearest(struct golden *g, uint8_t *decisions)
{
    struct nearest found = {.node = -1, .part = INFINITY};
    size_t at = 0;
    for (int i = 0; i < g->graph.nnodes; i++) {
        if (!decider(g, i)) continue;
        if (decider(g, i) == DECIDES_NORM) find_nearest(g, i, at, &found);
        at += numbers(decided(g, i));
    }
    if (found.node < 0) return;
    struct norm_view v = norm_view(g, found.node);
    take_norm(&v, found.i, !decisions[found.at]);
    edges_record(g, decisions);
}
