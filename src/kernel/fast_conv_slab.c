/* SPDX-License-Identifier: Apache-2.0 */
/* Direct convolution of bfloat16 tensors in slabs: some planes (or rows, if there is one plane) of
 * the output at a time; backward by weight: of dy. The workspace holds a slab's input expanded to
 * float, and its output before rounding, so that partial sums are rounded once. A slab is a
 * convolution with its own size and padding along the cut axis. */
#include <string.h>

#include "kernel/fast_conv.h"
#include "kernel/fast_map.h"

enum { SLAB_FLOATS = 1024 * 1024 /* input and output: 4 MiB */, COPY_PIECE = 16384 };

struct slabs {
    const struct conv *c;
    bool backward; /* by input: x is cut; dy is read beyond the slab */
    int axis;      /* 0: planes, 1: rows */
    int size;      /* of the cut tensor, along the axis */
    int each;      /* maximum planes or rows of a slab */
};

static int conv_slab_along(const struct tensor *t, int axis) { return axis == 0 ? t->s.d : t->s.h; }
/* Numbers in a plane or row of one block. */
static size_t conv_slab_unit_of(const struct tensor *t, int axis)
{
    return (size_t)t->s.w * (size_t)t->lanes * (axis == 0 ? (size_t)t->s.h : 1);
}

struct stretch {
    int first, count;
};

/* Which part of x stretch s of y reads, or of y for s of x, clipped to `size`; at least one, so
 * that no tensor is empty. */
static struct stretch reads_of(const struct slabs *g, struct stretch s, int size)
{
    const int kernel = g->c->kernel[g->axis], stride = g->c->stride[g->axis],
              pad = g->c->pad[g->axis];
    int first = s.first * stride - pad, last = (s.first + s.count - 1) * stride - pad + kernel - 1;
    if (g->backward) {
        first = max_int(0, s.first + pad - kernel + stride) / stride; /* rounded up */
        last = (s.first + s.count - 1 + pad) / stride;
    }
    first = min_int(max_int(first, 0), size - 1);
    return (struct stretch){first, max_int(min_int(last, size - 1), first) - first + 1};
}

static struct tensor cut_to(const struct tensor *t, int axis, int count)
{
    struct tensor s = {.s = t->s, .lanes = t->lanes};
    s.s.n = 1;
    *(axis == 0 ? &s.s.d : &s.s.h) = count;
    return s;
}

/* One slab's problem without memory, and its stretches of x and y. */
static struct conv slab_problem(
    const struct slabs *g, struct stretch s, struct stretch *x, struct stretch *y)
{
    struct conv c = *g->c;
    const int stride = c.stride[g->axis];
    *(g->backward ? x : y) = s;
    *(g->backward ? y : x) = reads_of(g, s, conv_slab_along(g->backward ? &c.y : &c.x[0], g->axis));
    c.pad[g->axis] += x->first - stride * y->first;
    for (int i = 0; i < c.nx; i++) c.x[i] = cut_to(&g->c->x[i], g->axis, x->count);
    c.y = cut_to(&g->c->y, g->axis, y->count);
    return c;
}

static size_t floats_of(const struct conv *c)
{
    size_t floats = tensor_size(&c->y);
    for (int i = 0; i < c->nx; i++)
        if (!c->skip[i]) floats += tensor_size(&c->x[i]);
    return floats;
}

static struct slabs plan_slabs(const struct conv *c, enum conv_slot slot)
{
    struct slabs g = {.c = c, .backward = slot == CONV_BACKWARD_X};
    const struct tensor *cut = g.backward ? &c->x[0] : &c->y;
    struct stretch x, y;
    g.axis = c->x[0].s.d == 1 && c->y.s.d == 1 ? 1 : 0;
    g.size = conv_slab_along(cut, g.axis);
    for (g.each = g.size; g.each > 1;
         g.each = divide_up(g.each, 2)) { /* from the middle, which reads most */
        struct stretch s = {(g.size - g.each) / 2, g.each};
        struct conv part = slab_problem(&g, s, &x, &y);
        if (floats_of(&part) <= SLAB_FLOATS) break;
    }
    g.each = divide_up(g.size, divide_up(g.size, g.each));
    return g;
}

struct copy {
    const struct tensor *t; /* the whole */
    float *slab;
    size_t first, block; /* its first number; the stretch's numbers in one block */
    int pieces;
    bool back; /* from the slab */
};

static void copy_task(void *arg, int task, int worker)
{
    const struct copy *c = arg;
    (void)worker;
    const size_t block = (size_t)(task / c->pieces), from = (size_t)(task % c->pieces) * COPY_PIECE;
    const size_t count = c->block - from < COPY_PIECE ? c->block - from : COPY_PIECE;
    void *map = tensor_at(c->t, c->first + block * tensor_block_size(c->t) + from);
    float *slab = c->slab + block * c->block + from;
    if (c->back && c->t->half)
        half_narrow(slab, count, map);
    else if (c->back)
        memcpy(map, slab, count * sizeof *slab);
    else if (c->t->half)
        half_expand(map, count, slab);
    else
        memcpy(slab, map, count * sizeof *slab);
}

static void conv_slab_copy(const struct slabs *g, const struct tensor *t, int n, struct stretch s,
    float *slab, bool back, struct pool *pool)
{
    const size_t unit = conv_slab_unit_of(t, g->axis);
    struct copy c = {.t = t, .slab = slab, .block = (size_t)s.count * unit, .back = back};
    c.first = tensor_first(t, n, 0) + (size_t)s.first * unit;
    c.pieces = (int)((c.block + COPY_PIECE - 1) / COPY_PIECE);
    pool_run(pool, tensor_blocks(t) * c.pieces, copy_task, &c);
}

bool slab_reads(const struct conv *c)
{
    bool half = false;
    for (int i = 0; i < c->nx; i++) half = half || c->x[i].half;
    return half;
}

bool slab_needed(const struct conv *c) { return c->y.half || slab_reads(c); }

static struct stretch conv_slab_stretch_of(const struct slabs *g, int first)
{
    return (struct stretch){first, min_int(g->each, g->size - first)};
}

/* The largest slab (the ends differ), then the needs of `impl`. */
static size_t largest(
    const struct slabs *g, const struct conv_impl *impl, int threads, size_t *work)
{
    size_t floats = 0;
    *work = 0;
    for (int first = 0; first < g->size; first += g->each) {
        struct stretch x, y;
        const struct conv part = slab_problem(g, conv_slab_stretch_of(g, first), &x, &y);
        const size_t own = floats_of(&part), needs = impl->workspace(&part, threads);
        if (own > floats) floats = own;
        if (needs > *work) *work = needs;
    }
    return (floats + LANES - 1) / LANES * LANES;
}

size_t slab_workspace(
    const struct conv *c, enum conv_slot slot, const struct conv_impl *impl, int threads)
{
    const struct slabs g = plan_slabs(c, slot);
    size_t work;
    const size_t floats = largest(&g, impl, threads, &work);
    return floats * sizeof(float) + work;
}

static void run_slab(const struct slabs *g, enum conv_slot slot, const struct conv_impl *impl,
    int n, int first, float *memory, float *work, struct pool *pool)
{
    struct stretch x, y;
    const struct conv *c = g->c;
    struct conv part = slab_problem(g, conv_slab_stretch_of(g, first), &x, &y);
    part.y.p = memory;
    memory += tensor_size(&part.y);
    if (slot != CONV_FORWARD || c->add[0]) conv_slab_copy(g, &c->y, n, y, part.y.p, false, pool);
    for (int i = 0; i < c->nx; i++) {
        if (c->skip[i]) continue;
        part.x[i].p = memory;
        memory += tensor_size(&part.x[i]);
        if (slot != CONV_BACKWARD_X || c->add[i])
            conv_slab_copy(g, &c->x[i], n, x, part.x[i].p, false, pool);
    }
    if (slot == CONV_BACKWARD_W && (n > 0 || first > 0)) part.add[0] = true;
    impl->run(&part, work, pool);
    if (slot == CONV_FORWARD) conv_slab_copy(g, &c->y, n, y, part.y.p, true, pool);
    for (int i = 0; i < c->nx && slot == CONV_BACKWARD_X; i++)
        if (!c->skip[i]) conv_slab_copy(g, &c->x[i], n, x, part.x[i].p, true, pool);
}

void slab_run(const struct conv *c, enum conv_slot slot, const struct conv_impl *impl,
    void *workspace, struct pool *pool)
{
    const struct slabs g = plan_slabs(c, slot);
    size_t work;
    const size_t floats = largest(&g, impl, pool_threads(pool), &work);
    for (int n = 0; n < c->y.s.n; n++)
        for (int first = 0; first < g.size; first += g.each)
            run_slab(&g, slot, impl, n, first, workspace, (float *)workspace + floats, pool);
}
