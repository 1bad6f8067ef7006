/* SPDX-License-Identifier: Apache-2.0 */
/* Soft skeletons from erode, dilate and window_dx. Backward recomputes the eroded maps, stores
 * where each extreme was, and follows the chain back. */
#include "kernel/skeleton.h"

enum { PIECE = 16384 };

static size_t piece_end(const struct skeleton_step *j, int task)
{
    size_t from = (size_t)task * PIECE;
    return j->size - from < PIECE ? j->size : from + PIECE;
}

static void skeleton_run(struct skeleton_step *j, pool_fn *fn, struct pool *pool)
{
    pool_run(pool, (int)((j->size + PIECE - 1) / PIECE), fn, j);
}

/* For vectorisation: no branches; only `product` and `before` may overlap. */
static void skeleton_take(const real *e, real *taken, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        real rest = e[i] - taken[i];
        taken[i] = rest > 0 ? rest : 0;
    }
}

static void times_complement(const real *before, const real *taken, real *product, size_t n)
{
    for (size_t i = 0; i < n; i++) product[i] = before[i] * (1 - taken[i]);
}

static void complement(const real *x, real *y, size_t n)
{
    for (size_t i = 0; i < n; i++) y[i] = 1 - x[i];
}

static void join_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct skeleton_step *j = arg;
    size_t from = (size_t)task * PIECE, n = piece_end(j, task) - from;
    skeleton_take(j->e + from, j->taken + from, n);
    if (j->before)
        times_complement(j->before + from, j->taken + from, j->product + from, n);
    else
        complement(j->taken + from, j->product + from, n);
}

static void complement_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct skeleton_step *j = arg;
    size_t from = (size_t)task * PIECE;
    complement(j->product + from, j->product + from, piece_end(j, task) - from);
}

static void slope_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct skeleton_step *j = arg;
    size_t from = (size_t)task * PIECE, n = piece_end(j, task) - from;
    const real *dy = j->dy + from, *taken = j->taken + from;
    real *rest = j->rest + from, *de = j->de + from, *g = j->g + from;
    for (size_t i = 0; i < n && j->last; i++) rest[i] = 1;
    for (size_t i = 0; i < n; i++) de[i] = dy[i] * rest[i];
    for (size_t i = 0; i < n && j->before; i++) de[i] *= j->before[from + i];
    for (size_t i = 0; i < n; i++) de[i] = taken[i] > 0 ? de[i] : 0;
    for (size_t i = 0; i < n; i++) g[i] = -de[i];
    times_complement(rest, taken, rest, n);
}

static void host_join(struct skeleton_step *s, struct pool *pool)
{
    skeleton_run(s, join_task, pool);
}

static void host_complement(struct skeleton_step *s, struct pool *pool)
{
    skeleton_run(s, complement_task, pool);
}

static void host_slope(struct skeleton_step *s, struct pool *pool)
{
    skeleton_run(s, slope_task, pool);
}

const struct skeleton_steps skeleton_host = {host_join, host_complement, host_slope};

size_t skeleton_scratch(size_t size, int iterations, bool backward)
{
    return size * (backward ? 4 * (size_t)iterations + 8 : 3);
}

void skeleton(const struct kernels *k, const struct skeleton_steps *steps, const struct tensor *x,
    int iterations, const struct tensor *y, real *scratch, struct pool *pool)
{
    size_t size = tensor_size(x);
    struct tensor e = *x, next = {scratch, x->s, 1, false},
                  open = {scratch + 2 * size, x->s, 1, false};
    for (int i = 0; i <= iterations; i++) {
        k->erode(&e, &next, NULL, pool);
        k->dilate(&next, &open, NULL, pool);
        steps->join(&(struct skeleton_step){.e = e.p,
                        .taken = open.p,
                        .before = i ? y->p : NULL,
                        .product = y->p,
                        .size = size},
            pool);
        e.p = next.p;
        next.p = scratch + (i % 2 ? 0 : size);
    }
    steps->complement(&(struct skeleton_step){.product = y->p, .size = size}, pool);
}

/* d L / d E_i is the i-th factor's part and that of E_i+1 through erosion; E_i+1 has the part of
 * E_i+2, and of the i-th factor through opening. */
void skeleton_dx(const struct kernels *k, const struct skeleton_steps *steps,
    const struct tensor *x, int iterations, const struct tensor *dy, const struct tensor *dx,
    real *scratch, struct pool *pool)
{
    size_t size = tensor_size(x), count = (size_t)iterations + 1;
    real *taken = scratch, *min = taken + count * size, *largest = min + count * size,
         *product = largest + count * size;
    real *rest = product + count * size;
    struct tensor e = *x, next = {rest + size, x->s, 1, false},
                  g = {rest + 2 * size, x->s, 1, false};
    for (size_t i = 0; i < count; i++) {
        struct tensor open = {taken + i * size, x->s, 1, false};
        k->erode(&e, &next, min + i * size, pool);
        k->dilate(&next, &open, largest + i * size, pool);
        struct skeleton_step j = {
            .e = e.p, .taken = open.p, .product = product + i * size, .size = size};
        j.before = i ? j.product - size : NULL;
        steps->join(&j, pool);
        e.p = next.p;
        next.p = rest + (i % 2 ? size : 3 * size);
    }
    /* The gradients by E_i+1 and E_i alternate between two places; the last is dx. */
    struct tensor below = {iterations % 2 ? dx->p : rest + size, x->s, 1, false},
                  de = {iterations % 2 ? rest + size : dx->p, x->s, 1, false};
    for (size_t i = count; i-- > 0;) {
        bool last = i + 1 == count;
        struct skeleton_step j = {.dy = dy->p,
            .taken = taken + i * size,
            .rest = rest,
            .g = g.p,
            .de = de.p,
            .size = size,
            .last = last};
        j.before = i ? product + (i - 1) * size : NULL;
        steps->slope(&j, pool);
        k->window_dx(largest + i * size, &g, &below, true, !last, pool);
        k->window_dx(min + i * size, &below, &de, false, true, pool);
        struct tensor swap = below;
        below = de;
        de = swap;
    }
}
