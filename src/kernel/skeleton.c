/* SPDX-License-Identifier: Apache-2.0 */
/* Soft skeletons from the kernels erode, dilate and window_dx.  Backward makes the eroded maps and the products anew instead of keeping
 * them from forward, and goes down the chain with two gradients. */
#include "kernel/skeleton.h"

enum { PIECE = 16384 };

/* Pixel by pixel between the windows; which of them each function reads is said there. */
struct join {
    const real *e, *open, *before, *dy;
    real *product, *rest, *g;
    size_t size;
    bool first;
};

static size_t piece_end(const struct join *j, int task)
{
    size_t from = (size_t)task * PIECE;
    return j->size - from < PIECE ? j->size : from + PIECE;
}

static void run(struct join *j, pool_fn *fn, struct pool *pool) { pool_run(pool, (int)((j->size + PIECE - 1) / PIECE), fn, j); }

/* What opening takes away. */
static inline real taken(real e, real open) { return e > open ? e - open : 0; }

/* product = 1 - S so far: product = (first ? 1 : before) * (1 - taken). */
static void join_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct join *j = arg;
    for (size_t i = (size_t)task * PIECE; i < piece_end(j, task); i++) {
        real left = 1 - taken(j->e[i], j->open[i]);
        j->product[i] = j->first ? left : j->before[i] * left;
    }
}

/* S from the product. */
static void finish_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct join *j = arg;
    for (size_t i = (size_t)task * PIECE; i < piece_end(j, task); i++) j->product[i] = 1 - j->product[i];
}

/* g = - d L / d taken where something is taken: dy times all other factors, those before it (NULL: none) and the rest behind it. */
static void slope_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct join *j = arg;
    for (size_t i = (size_t)task * PIECE; i < piece_end(j, task); i++) {
        real t = taken(j->e[i], j->open[i]), rest = j->first ? 1 : j->rest[i];
        j->g[i] = t > 0 ? -(j->dy[i] * (j->before ? j->before[i] : 1) * rest) : 0;
        j->rest[i] = rest * (1 - t);
    }
}

/* product -= g */
static void less_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct join *j = arg;
    for (size_t i = (size_t)task * PIECE; i < piece_end(j, task); i++) j->product[i] -= j->g[i];
}

size_t skeleton_scratch(size_t size, int iterations, bool backward) { return size * (backward ? 2 * (size_t)iterations + 6 : 3); }

void skeleton(const struct kernels *k, const struct tensor *x, int iterations, const struct tensor *y, real *scratch, struct pool *pool)
{
    size_t size = tensor_size(x);
    struct tensor e = *x, next = {scratch, x->s, 1}, open = {scratch + 2 * size, x->s, 1};
    for (int i = 0; i <= iterations; i++) {
        k->erode(&e, &next, NULL, pool);
        k->dilate(&next, &open, NULL, pool);
        run(&(struct join){.e = e.p, .open = open.p, .before = y->p, .product = y->p, .size = size, .first = i == 0}, join_task, pool);
        e.p = next.p;
        next.p = scratch + (i % 2 ? 0 : size);
    }
    run(&(struct join){.product = y->p, .size = size}, finish_task, pool);
}

/* The gradient by E_i is g of step i (-g where g enters through opening) and what E_i+1 has, through erosion. */
void skeleton_dx(const struct kernels *k, const struct tensor *x, int iterations, const struct tensor *dy, const struct tensor *dx,
                 real *scratch, struct pool *pool)
{
    size_t size = tensor_size(x);
    real *eroded = scratch, *product = eroded + size * (size_t)(iterations + 1), *rest = product + size * (size_t)iterations;
    struct tensor open = {rest + size, x->s, 1}, g = {rest + 2 * size, x->s, 1}, de = {rest + 3 * size, x->s, 1}, below = *dx;
    real *code = rest + 4 * size;
    for (int i = 0; i <= iterations; i++) {
        struct tensor e = {i ? eroded + size * (size_t)(i - 1) : x->p, x->s, 1}, next = {eroded + size * (size_t)i, x->s, 1};
        k->erode(&e, &next, NULL, pool);
        if (i == iterations) break; /* the last factor stands behind no other */
        k->dilate(&next, &open, NULL, pool);
        struct join j = {.e = e.p, .open = open.p, .product = product + size * (size_t)i, .size = size, .first = i == 0};
        j.before = j.first ? NULL : j.product - size;
        run(&j, join_task, pool);
    }
    /* below: the gradient by E_i+1, beginning with that by opening; de: by E_i. They take turns so that the last is dx. */
    if (iterations % 2 == 0) {
        below = de;
        de = *dx;
    }
    for (int i = iterations; i >= 0; i--) {
        struct tensor e = {i ? eroded + size * (size_t)(i - 1) : x->p, x->s, 1}, next = {eroded + size * (size_t)i, x->s, 1}, swap = below;
        k->dilate(&next, &open, code, pool);
        struct join j = {.e = e.p, .open = open.p, .dy = dy->p, .rest = rest, .g = g.p, .size = size, .first = i == iterations};
        j.before = i ? product + size * (size_t)(i - 1) : NULL;
        run(&j, slope_task, pool);
        k->window_dx(code, &g, &below, true, i < iterations, pool);
        k->erode(&e, &open, code, pool);
        k->window_dx(code, &below, &de, false, false, pool);
        run(&(struct join){.product = de.p, .g = g.p, .size = size}, less_task, pool);
        below = de;
        de = swap;
    }
}
