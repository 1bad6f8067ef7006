/* SPDX-License-Identifier: Apache-2.0 */
/* PReLU with one slope, and the slope's gradient: pieces in float, merged in order in double. */
#include "kernel/fast.h"
#include "kernel/fast_map.h"
#include "kernel/rounds.h"

enum { SUM_PIECE = 8192 };

/* Flat arrays: the layout is irrelevant, since zero pads stay zero. */
struct prelu {
    const void *x, *dy;
    void *y;
    float slope;
    size_t size;
    bool add, half;
    struct rounds *rounds; /* of the slope's sum */
    vec sum[CHAINS];
};

INLINE void prelu_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half, (void)chain;
    const struct prelu *p = arg;
    vec x = map_get(p->x, at, lanes, p->half);
    map_put(p->y, at, vec_pick(vec_greater(x, vec_zero()), x, vec_mul(x, vec_set(p->slope))), lanes,
        p->half);
}

INLINE void prelu_dx_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half, (void)chain;
    const struct prelu *p = arg;
    vec dy = map_get(p->dy, at, lanes, p->half);
    vec dx = vec_pick(vec_greater(map_get(p->x, at, lanes, p->half), vec_zero()), dy,
        vec_mul(dy, vec_set(p->slope)));
    map_put_or_add(p->y, at, dx, lanes, p->half, p->add);
}

INLINE void prelu_sum_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half;
    struct prelu *p = arg;
    vec x = map_get(p->x, at, lanes, p->half),
        below = vec_pick(vec_greater(x, vec_zero()), vec_zero(), x);
    p->sum[chain] = vec_fma(below, map_get(p->dy, at, lanes, p->half), p->sum[chain]);
}

INLINE struct prelu prelu_part(const struct prelu *p, int task, size_t piece, size_t *count)
{
    struct prelu part = *p;
    size_t from = (size_t)task * piece;
    const size_t bytes = from * (p->half ? sizeof(uint16_t) : sizeof(float));
    part.x = (const char *)p->x + bytes;
    if (p->dy) part.dy = (const char *)p->dy + bytes;
    if (p->y) part.y = (char *)p->y + bytes;
    *count = p->size - from < piece ? p->size - from : piece;
    return part;
}

static void prelu_task(void *arg, int task, int worker)
{
    (void)worker;
    size_t count;
    struct prelu part = prelu_part(arg, task, PIECE, &count);
    each_vec(count, prelu_vec, &part);
}

static void prelu_dx_task(void *arg, int task, int worker)
{
    (void)worker;
    size_t count;
    struct prelu part = prelu_part(arg, task, PIECE, &count);
    each_vec(count, prelu_dx_vec, &part);
}

static void prelu_sum_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct prelu *p = arg;
    size_t count;
    struct prelu part = prelu_part(p, p->rounds->first + task, SUM_PIECE, &count);
    for (int c = 0; c < CHAINS; c++) part.sum[c] = vec_zero();
    each_vec(count, prelu_sum_vec, &part);
    p->rounds->sum[task] = (double)vec_sum(
        vec_add(vec_add(part.sum[0], part.sum[1]), vec_add(part.sum[2], part.sum[3])));
}

static int pieces(size_t size, size_t piece) { return (int)((size + piece - 1) / piece); }

static void prelu_prelu(
    const struct tensor *x, const float *slope, const struct tensor *y, struct pool *pool)
{
    struct prelu p = {
        .x = x->p, .y = y->p, .slope = *slope, .half = x->half, .size = tensor_size(x)};
    pool_run(pool, pieces(p.size, PIECE), prelu_task, &p);
}

static void prelu_gradient(const struct tensor *x, const float *slope, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    struct prelu p = {.x = x->p,
        .dy = dy->p,
        .y = dx->p,
        .slope = *slope,
        .half = x->half,
        .size = tensor_size(x),
        .add = add};
    pool_run(pool, pieces(p.size, PIECE), prelu_dx_task, &p);
}

static void prelu_slope_gradient(
    const struct tensor *x, const struct tensor *dy, float *dslope, bool add, struct pool *pool)
{
    struct rounds rounds = {0};
    struct prelu p = {
        .x = x->p, .dy = dy->p, .half = x->half, .size = tensor_size(x), .rounds = &rounds};
    rounds_run(&rounds, pieces(p.size, SUM_PIECE), prelu_sum_task, &p, pool);
    *dslope = (float)(rounds.total + (add ? (double)*dslope : 0));
}

void fast_prelu_fill(struct kernels *k)
{
    k->prelu = prelu_prelu;
    k->prelu_dx = prelu_gradient;
    k->prelu_dslope = prelu_slope_gradient;
}
