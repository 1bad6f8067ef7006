/* SPDX-License-Identifier: Apache-2.0 */
/* y = act(x*scale + shift) and its gradient by x in one pass. Product and sum are not fused:
 * forward and backward, fast and plain, must agree on the sign. */
#include "kernel/fast.h"
#include "kernel/fast_map.h"

struct norm {
    const struct tensor *x, *dy, *y;
    const float *scale, *shift, *a, *b, *c;
    enum act act;
    bool per_image, add;
    struct cut cut;
};

/* One piece with coefficients in registers. */
struct stretch {
    const void *x, *dy;
    void *y;
    vec scale[BLOCK_VECS], shift[BLOCK_VECS], a[BLOCK_VECS], b[BLOCK_VECS], c[BLOCK_VECS];
    enum act act;
    bool add, half;
};

INLINE vec normed(const struct stretch *s, vec x, size_t half)
{
    return vec_add(vec_mul(x, s->scale[half]), s->shift[half]);
}

INLINE void affine_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)chain;
    const struct stretch *s = arg;
    map_put(s->y, at, vec_act(normed(s, map_get(s->x, at, lanes, s->half), half), s->act), lanes,
        s->half);
}

INLINE void dx_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)chain;
    const struct stretch *s = arg;
    vec x = map_get(s->x, at, lanes, s->half),
        dz = vec_act_dx(map_get(s->dy, at, lanes, s->half), normed(s, x, half), s->act);
    map_put_or_add(s->y, at, vec_fma(s->a[half], dz, vec_fma(s->b[half], x, s->c[half])), lanes,
        s->half, s->add);
}

INLINE void affine_stretch(const enum act act, const bool half, struct stretch s, size_t count)
{
    s.act = act;
    s.half = half;
    each_vec(count, affine_vec, &s);
}

INLINE void dx_stretch(const enum act act, const bool half, struct stretch s, size_t count)
{
    s.act = act;
    s.half = half;
    each_vec(count, dx_vec, &s);
}

static void affine_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct norm *n = arg;
    struct piece p;
    for (int k = 0; cut_piece(&n->cut, task, k, &p); k++) {
        int blocks = tensor_blocks(n->x), image = p.plane / blocks, block = p.plane % blocks;
        size_t at = (size_t)p.plane * n->cut.size + p.from;
        struct stretch s = {.x = tensor_at(n->x, at), .y = tensor_at(n->y, at)};
        load_coef(n->scale, n->x, image, block, n->per_image, s.scale);
        load_coef(n->shift, n->x, image, block, n->per_image, s.shift);
        BY_ACT_HALF(n->act, n->x->half, affine_stretch, s, p.count)
    }
}

static void norm_affine(const struct tensor *x, const struct tensor *y, const float *scale,
    const float *shift, bool per_image, enum act act, struct pool *pool)
{
    struct norm n = {.x = x,
        .y = y,
        .scale = scale,
        .shift = shift,
        .act = act,
        .per_image = per_image,
        .cut = cut_tensor(x)};
    pool_run(pool, n.cut.tasks, affine_task, &n);
}

static void norm_dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct norm *n = arg;
    struct piece p;
    for (int k = 0; cut_piece(&n->cut, task, k, &p); k++) {
        int blocks = tensor_blocks(n->x), image = p.plane / blocks, block = p.plane % blocks;
        size_t at = (size_t)p.plane * n->cut.size + p.from;
        struct stretch s = {.x = tensor_at(n->x, at),
            .dy = tensor_at(n->dy, at),
            .y = tensor_at(n->y, at),
            .add = n->add};
        load_coef(n->scale, n->x, image, block, n->per_image, s.scale);
        load_coef(n->shift, n->x, image, block, n->per_image, s.shift);
        load_coef(n->a, n->x, image, block, n->per_image, s.a);
        load_coef(n->b, n->x, image, block, n->per_image, s.b);
        load_coef(n->c, n->x, image, block, n->per_image, s.c);
        BY_ACT_HALF(n->act, n->x->half, dx_stretch, s, p.count)
    }
}

static void norm_gradient(const struct tensor *x, const struct tensor *dy, const struct tensor *dx,
    const float *scale, const float *shift, const float *a, const float *b, const float *c,
    bool per_image, enum act act, bool add, struct pool *pool)
{
    struct norm n = {x, dy, dx, scale, shift, a, b, c, act, per_image, add, cut_tensor(x)};
    pool_run(pool, n.cut.tasks, norm_dx_task, &n);
}

void fast_norm_fill(struct kernels *k)
{
    k->affine = norm_affine;
    k->norm_dx = norm_gradient;
}
