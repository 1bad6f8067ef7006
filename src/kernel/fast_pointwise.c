/* SPDX-License-Identifier: Apache-2.0 */
/* Pointwise kernels and the attention gate's product, one pass each. */
#include "kernel/fast.h"
#include "kernel/fast_map.h"
#include "kernel/fast_math.h"

/* Flat arrays: the layout is irrelevant, since zero pads stay zero. */
struct flat {
    const void *a, *b;
    void *y;
    size_t size;
    enum act act;
    bool add, half;
};

INLINE void add_act_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half, (void)chain;
    const struct flat *f = arg;
    map_put(f->y, at,
        vec_act(
            vec_add(map_get(f->a, at, lanes, f->half), map_get(f->b, at, lanes, f->half)), f->act),
        lanes, f->half);
}

INLINE void act_dx_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half, (void)chain;
    const struct flat *f = arg;
    vec y = f->act == ACT_NONE ? vec_zero() : map_get(f->a, at, lanes, f->half);
    map_put_or_add(
        f->y, at, vec_act_dx(map_get(f->b, at, lanes, f->half), y, f->act), lanes, f->half, f->add);
}

INLINE void sigmoid_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half, (void)chain;
    const struct flat *f = arg;
    map_put(f->y, at, vec_sigmoid(map_get(f->a, at, lanes, f->half)), lanes, f->half);
}

INLINE void sigmoid_dx_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half, (void)chain;
    const struct flat *f = arg;
    vec y = map_get(f->a, at, lanes, f->half),
        g = vec_mul(vec_mul(map_get(f->b, at, lanes, f->half), y), vec_sub(vec_set(1), y));
    map_put_or_add(f->y, at, g, lanes, f->half, f->add);
}

static int flat_tasks(size_t size) { return (int)((size + PIECE - 1) / PIECE); }

/* One task's part; `a` may be NULL. */
INLINE struct flat pointwise_part_of(const struct flat *f, int task, size_t *count)
{
    struct flat part = *f;
    size_t from = (size_t)task * PIECE;
    const size_t bytes = from * (f->half ? sizeof(uint16_t) : sizeof(float));
    if (f->a) part.a = (const char *)f->a + bytes;
    if (f->b) part.b = (const char *)f->b + bytes;
    part.y = (char *)f->y + bytes;
    *count = f->size - from < PIECE ? f->size - from : PIECE;
    return part;
}

#define FLAT_TASK(name, one)                                                                       \
    static void name(void *arg, int task, int worker)                                              \
    {                                                                                              \
        (void)worker;                                                                              \
        size_t count;                                                                              \
        struct flat part = pointwise_part_of(arg, task, &count);                                   \
        each_vec(count, one, &part);                                                               \
    }
#define FLAT_ACT_TASK(name, one)                                                                   \
    INLINE void name##_as(const enum act act, const bool half, struct flat part, size_t count)     \
    {                                                                                              \
        part.act = act;                                                                            \
        part.half = half;                                                                          \
        each_vec(count, one, &part);                                                               \
    }                                                                                              \
    static void name(void *arg, int task, int worker)                                              \
    {                                                                                              \
        (void)worker;                                                                              \
        size_t count;                                                                              \
        struct flat part = pointwise_part_of(arg, task, &count);                                   \
        BY_ACT_HALF(part.act, part.half, name##_as, part, count)                                   \
    }
FLAT_ACT_TASK(add_act_task, add_act_vec)
FLAT_ACT_TASK(act_dx_task, act_dx_vec)
FLAT_TASK(sigmoid_task, sigmoid_vec)
FLAT_TASK(sigmoid_dx_task, sigmoid_dx_vec)

static void add_act(const struct tensor *a, const struct tensor *b, const struct tensor *y,
    enum act act, struct pool *pool)
{
    struct flat f = {
        .a = a->p, .b = b->p, .y = y->p, .act = act, .half = y->half, .size = tensor_size(y)};
    pool_run(pool, flat_tasks(f.size), add_act_task, &f);
}

static void pointwise_act_dx(const struct tensor *y, const struct tensor *dy,
    const struct tensor *dx, enum act act, bool add, struct pool *pool)
{
    struct flat f = {.a = act == ACT_NONE ? NULL : y->p,
        .b = dy->p,
        .y = dx->p,
        .act = act,
        .add = add,
        .half = dx->half,
        .size = tensor_size(dx)};
    pool_run(pool, flat_tasks(f.size), act_dx_task, &f);
}

static void pointwise_sigmoid(const struct tensor *x, const struct tensor *y, struct pool *pool)
{
    struct flat f = {.a = x->p, .y = y->p, .half = y->half, .size = tensor_size(y)};
    pool_run(pool, flat_tasks(f.size), sigmoid_task, &f);
}

static void pointwise_sigmoid_dx(const struct tensor *y, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    struct flat f = {
        .a = y->p, .b = dy->p, .y = dx->p, .add = add, .half = dx->half, .size = tensor_size(dx)};
    pool_run(pool, flat_tasks(f.size), sigmoid_dx_task, &f);
}

struct pointwise_gate {
    const struct tensor *x, *map, *y;
    bool add;
    struct cut cut;
};

/* Pixels with one factor each, for a block of channels or a planar one. */
INLINE void multiply(const void *x, const float *map, void *y, size_t count, const int lanes,
    const bool half, const bool add)
{
    if (lanes == 1) {
        for (size_t i = 0; i < count; i += VEC_LANES) {
            size_t some = count - i < VEC_LANES ? count - i : VEC_LANES;
            map_put_or_add(
                y, i, vec_mul(map_get(x, i, some, half), vec_get(map + i, some)), some, half, add);
        }
        return;
    }
    for (size_t i = 0; i < count; i += LANES, map++) {
        vec m = vec_set(*map);
        UNROLL for (size_t v = 0; v < BLOCK_VECS; v++)
        {
            size_t at = i + v * VEC_LANES;
            map_put_or_add(
                y, at, vec_mul(map_get(x, at, VEC_LANES, half), m), VEC_LANES, half, add);
        }
    }
}

static void pointwise_gate_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct pointwise_gate *g = arg;
    struct piece p;
    size_t lanes = (size_t)g->x->lanes;
    for (int k = 0; cut_piece(&g->cut, task, k, &p); k++) {
        size_t at = (size_t)p.plane * g->cut.size + p.from;
        const float *map = g->map->p +
            (size_t)(p.plane / tensor_blocks(g->x)) * shape_pixels(g->x->s) + p.from / lanes;
        const void *x = tensor_at(g->x, at);
        void *y = tensor_at(g->y, at);
        if (lanes == 1)
            multiply(x, map, y, p.count, 1, false, g->add);
        else if (g->x->half)
            multiply(x, map, y, p.count, LANES, true, g->add);
        else if (g->add)
            multiply(x, map, y, p.count, LANES, false, true);
        else
            multiply(x, map, y, p.count, LANES, false, false);
    }
}

static void pointwise_gate(
    const struct tensor *x, const struct tensor *map, const struct tensor *y, struct pool *pool)
{
    struct pointwise_gate g = {x, map, y, false, cut_tensor(x)};
    pool_run(pool, g.cut.tasks, pointwise_gate_task, &g);
}

static void pointwise_gate_dx(const struct tensor *map, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    struct pointwise_gate g = {dy, map, dx, add, cut_tensor(dy)};
    pool_run(pool, g.cut.tasks, pointwise_gate_task, &g);
}

/* The channel sum takes some pixels at a time through all blocks. */
enum { DMAP_PIXELS = 128 };

struct dmap {
    const struct tensor *x, *dy, *map;
    bool add;
    size_t pixels; /* per task */
    int tasks;     /* per image */
};

INLINE void dmap_blocked(
    const struct dmap *d, size_t from, float *map, size_t pixels, const bool half)
{
    vec sum[DMAP_PIXELS];
    for (size_t i = 0; i < pixels; i++) sum[i] = vec_zero();
    for (int b = 0; b < tensor_blocks(d->x); b++, from += tensor_block_size(d->x))
        for (size_t i = 0; i < pixels; i++) {
            UNROLL for (size_t v = 0; v < BLOCK_VECS; v++)
            {
                size_t at = from + i * LANES + v * VEC_LANES;
                sum[i] = vec_fma(map_get(d->x->p, at, VEC_LANES, half),
                    map_get(d->dy->p, at, VEC_LANES, half), sum[i]);
            }
        }
    for (size_t i = 0; i < pixels; i++) map[i] = (d->add ? map[i] : 0) + vec_sum(sum[i]);
}

static void dmap_planar(const float *x, const float *dy, int channels, size_t plane, float *map,
    size_t pixels, bool add)
{
    for (size_t i = 0; i < pixels; i += VEC_LANES) {
        size_t some = pixels - i < VEC_LANES ? pixels - i : VEC_LANES;
        vec sum = vec_zero();
        for (int c = 0; c < channels; c++)
            sum = vec_fma(vec_get(x + (size_t)c * plane + i, some),
                vec_get(dy + (size_t)c * plane + i, some), sum);
        vec_put_or_add(map + i, sum, some, add);
    }
}

static void dmap_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct dmap *d = arg;
    size_t all = shape_pixels(d->x->s), from = (size_t)(task % d->tasks) * d->pixels,
           to = all - from < d->pixels ? all : from + d->pixels;
    size_t image = (size_t)(task / d->tasks), lanes = (size_t)d->x->lanes;
    const size_t first = image * tensor_image_size(d->x);
    float *map = d->map->p + image * all;
    int blocks = tensor_blocks(d->x);
    for (size_t i = from; i < to; i += DMAP_PIXELS) {
        size_t some = to - i < DMAP_PIXELS ? to - i : DMAP_PIXELS;
        if (lanes == 1)
            dmap_planar(
                d->x->p + first + i, d->dy->p + first + i, blocks, all, map + i, some, d->add);
        else if (d->x->half)
            dmap_blocked(d, first + i * lanes, map + i, some, true);
        else
            dmap_blocked(d, first + i * lanes, map + i, some, false);
    }
}

static void pointwise_gate_dmap(const struct tensor *x, const struct tensor *dy,
    const struct tensor *dmap, bool add, struct pool *pool)
{
    struct dmap d = {
        .x = x, .dy = dy, .map = dmap, .add = add, .pixels = PIECE / (size_t)tensor_padded(x)};
    if (d.pixels < LANES) d.pixels = LANES;
    d.tasks = (int)((shape_pixels(x->s) + d.pixels - 1) / d.pixels);
    pool_run(pool, d.tasks * x->s.n, dmap_task, &d);
}

void fast_pointwise_fill(struct kernels *k)
{
    k->add_act = add_act;
    k->act_dx = pointwise_act_dx;
    k->sigmoid = pointwise_sigmoid;
    k->sigmoid_dx = pointwise_sigmoid_dx;
    k->gate = pointwise_gate;
    k->gate_dx = pointwise_gate_dx;
    k->gate_dmap = pointwise_gate_dmap;
}
