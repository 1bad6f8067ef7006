/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of concatenated tensors, and square patches of a plane: zeros outside, a norm applied on
 * load (conv.h, struct conv_load). */
#include "kernel/fast_wino.h"

struct wino_block wino_block_of(const struct tensor *t, const bool *skip, int index)
{
    struct wino_block b = {.t = t, .block = index};
    for (;; b.t++, b.tensor++) {
        int blocks = tensor_blocks(b.t);
        if (!skip || !skip[b.tensor]) {
            if (b.block < blocks) break;
            b.block -= blocks;
        }
        b.base += blocks;
    }
    b.base += b.block;
    return b;
}

struct wino_plane wino_plane_of(
    const struct tensor *t, const struct conv_load *load, int n, int d, int block)
{
    struct wino_plane p = {.s = t->s, .half = t->half};
    p.p = tensor_at(
        t, tensor_first(t, n, block * LANES) + (size_t)d * (size_t)t->s.h * (size_t)t->s.w * LANES);
    if (!load || !load->scale) return p;
    ptrdiff_t at = (ptrdiff_t)(load->per_image ? n * tensor_padded(t) : 0) + block * LANES;
    p.scale = load->scale + at;
    p.shift = load->shift + at;
    p.act = load->act;
    return p;
}

/* `count` pixels through the norm. Not fused: backward decides by the same sum (fast_norm.c) where
 * the activation cuts off. */
INLINE void copy_normed(
    const struct wino_plane *p, size_t from, int count, float *to, const bool half)
{
    vec scale[BLOCK_VECS], shift[BLOCK_VECS];
    for (int v = 0; v < BLOCK_VECS; v++) {
        scale[v] = vec_load(p->scale + v * VEC_LANES);
        shift[v] = vec_load(p->shift + v * VEC_LANES);
    }
    for (int i = 0; i < count; i++, from += LANES, to += LANES)
        for (int v = 0; v < BLOCK_VECS; v++)
            vec_store(to + v * VEC_LANES,
                vec_act(
                    vec_add(vec_mul(map_get(p->p, from + (size_t)v * VEC_LANES, VEC_LANES, half),
                                scale[v]),
                        shift[v]),
                    p->act));
}

/* `count` pixels of the plane from number `from`. */
static void copy_pixels(const struct wino_plane *p, size_t from, int count, float *to)
{
    if (p->scale && p->half)
        copy_normed(p, from, count, to, true);
    else if (p->scale)
        copy_normed(p, from, count, to, false);
    else if (p->half)
        half_expand((const uint16_t *)p->p + from, (size_t)count * LANES, to);
    else
        for (ptrdiff_t i = 0; i < (ptrdiff_t)count * LANES; i += VEC_LANES)
            vec_store(to + i, vec_load((const float *)p->p + from + i));
}

static void clear_pixels(float *to, int count)
{
    for (ptrdiff_t i = 0; i < (ptrdiff_t)count * LANES; i += VEC_LANES)
        vec_store(to + i, vec_zero());
}

const float *wino_patch(
    const struct wino_plane *p, int h, int x, int side, float *copy, ptrdiff_t *row)
{
    const ptrdiff_t line = (ptrdiff_t)p->s.w * LANES;
    const bool inside = h >= 0 && x >= 0 && h + side <= p->s.h && x + side <= p->s.w;
    if (inside && !p->scale && !p->half) {
        *row = line;
        return (const float *)p->p + h * line + (ptrdiff_t)x * LANES;
    }
    *row = (ptrdiff_t)side * LANES;
    const int from = max_int(0, -x), till = min_int(side, p->s.w - x);
    for (int i = 0; i < side; i++) {
        float *to = copy + i * *row;
        if (h + i < 0 || h + i >= p->s.h || from >= till) {
            clear_pixels(to, side);
            continue;
        }
        clear_pixels(to, from);
        copy_pixels(p, (size_t)((h + i) * line + ((ptrdiff_t)x + from) * LANES), till - from,
            to + from * LANES);
        clear_pixels(to + till * LANES, side - till);
    }
    return copy;
}
