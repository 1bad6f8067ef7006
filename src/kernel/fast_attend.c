/* SPDX-License-Identifier: Apache-2.0 */
/* The fused attention gate (attend.h). A task is a stretch of pixels. For a few pixels at a time
 * the direct convolution's register tile makes some blocks of f, which go into the sums with psi
 * while in L1, never to memory. */
#include "kernel/attend.h"

#include "kernel/fast.h"
#include "kernel/fast_conv.h"
#include "kernel/fast_map.h"
#include "kernel/fast_math.h"

_Static_assert(6 * TILE_WIDE_PIXELS <= ATTEND_PIXELS, "the scratch has room for them");

enum {
    AT_A_TIME = 6 * TILE_WIDE_PIXELS, /* pixels per fetch of weights */
    STRETCH = 6 * AT_A_TIME,
    ENOUGH_TASKS = 16,
    TERMS = 8, /* source blocks at a time: 128 products per partial sum, 16 KiB of weights */
    MAX_TERMS = ATTEND_MAX_BLOCKS
};

struct gate {
    const struct attend *a;
    int stretches; /* of an image */
};

/* From `pixel` on; of half tensors, where expand_pixels puts them. */
static int list_blocks(
    const struct attend *a, int n, ptrdiff_t pixel, float *scratch, struct term *to)
{
    const struct tensor *in[2] = {&a->x, &a->g};
    int count = 0;
    for (int i = 0; i < 2; i++)
        for (int b = 0; b < tensor_blocks(in[i]); b++, count++)
            to[count] =
                (struct term){.x = a->x.half ? scratch + (ptrdiff_t)count * AT_A_TIME * LANES
                                             : tensor_channel(in[i], n, b * LANES) + pixel * LANES,
                    .w = (ptrdiff_t)count * BLOCK,
                    .lanes = min_int(LANES, in[i]->s.c - b * LANES)};
    return count;
}

static void expand_pixels(const struct attend *a, int n, int pixel, int pixels, float *scratch)
{
    const struct tensor *in[2] = {&a->x, &a->g};
    for (int i = 0; i < 2; i++)
        for (int b = 0; b < tensor_blocks(in[i]); b++, scratch += AT_A_TIME * LANES)
            half_expand(tensor_at(in[i], tensor_first(in[i], n, b * LANES) + (size_t)pixel * LANES),
                (size_t)pixels * LANES, scratch);
}

/* q[p] += psi . ReLU(f) for some blocks of f. */
static void add_psi(const float *f, const float *psi, int blocks, int pixels, vec q[][BLOCK_VECS])
{
    for (int b = 0; b < blocks; b++, psi += LANES)
        for (int v = 0; v < BLOCK_VECS; v++) {
            vec weight = vec_load(psi + v * VEC_LANES);
            const float *at = f + (ptrdiff_t)b * AT_A_TIME * LANES + v * VEC_LANES;
            for (int p = 0; p < pixels; p++)
                q[p][v] = vec_fma(weight, vec_act(vec_load(at + p * LANES), ACT_RELU), q[p][v]);
        }
}

/* Some blocks of f for some pixels, a few terms at a time, with weights in L1. */
static void make_blocks(
    const struct attend *a, const struct tile *all, int block, int blocks, int pixels, float *f)
{
    struct tile t = *all;
    const int pieces = divide_up(pixels, TILE_WIDE_PIXELS);
    t.w = a->w + block * t.w_block;
    t.b = a->b + block * LANES;
    for (int i = 0; i < all->count; i += TERMS) {
        t.terms = all->terms + i;
        t.count = min_int(TERMS, all->count - i);
        for (int p = 0; p < pieces; p++) {
            int at = part_of(pixels, pieces, p), count = part_of(pixels, pieces, p + 1) - at;
            t.x_at = all->x_at + (ptrdiff_t)at * LANES;
            t.y = f + (ptrdiff_t)at * LANES;
            tile_kernel(STEP_16, blocks, count)(&t);
        }
        t.add = true;
        t.b = tile_no_bias;
    }
}

static void make_map(const struct attend *a, const struct tile *t, int pixels, float *map)
{
    float f[TILE_WIDE * AT_A_TIME * LANES], sum[AT_A_TIME];
    vec q[AT_A_TIME][BLOCK_VECS];
    const int blocks = divide_up(a->inter, LANES);
    for (int p = 0; p < pixels; p++)
        for (int v = 0; v < BLOCK_VECS; v++) q[p][v] = vec_zero();
    for (int b = 0; b < blocks; b += TILE_WIDE) {
        int wide = min_int(TILE_WIDE, blocks - b);
        make_blocks(a, t, b, wide, pixels, f);
        add_psi(f, a->psi + b * LANES, wide, pixels, q);
    }
    for (int p = 0; p < pixels; p++) {
        vec all = q[p][0];
        for (int v = 1; v < BLOCK_VECS; v++) all = vec_add(all, q[p][v]);
        sum[p] = vec_sum(all);
    }
    for (int p = 0; p < pixels; p += VEC_LANES) {
        size_t count = (size_t)min_int(VEC_LANES, pixels - p);
        vec_put(map + p, vec_sigmoid(vec_add(vec_get(sum + p, count), vec_set(a->c[0]))), count);
    }
}

static void scale_pixels(
    const struct attend *a, int n, ptrdiff_t pixel, int pixels, const float *map)
{
    for (int b = 0; b < tensor_blocks(&a->x); b++) {
        size_t at = tensor_first(&a->x, n, b * LANES) + (size_t)pixel * LANES;
        for (int p = 0; p < pixels; p++, at += LANES)
            for (size_t v = 0; v < LANES; v += VEC_LANES)
                map_put(a->y.p, at + v,
                    vec_mul(map_get(a->x.p, at + v, VEC_LANES, a->x.half), vec_set(map[p])),
                    VEC_LANES, a->x.half);
    }
}

static void attend_gate_task(void *arg, int task, int worker)
{
    static const unsigned char edge[1] = {EDGE_NONE};
    const struct gate *g = arg;
    const struct attend *a = g->a;
    const int all = (int)shape_pixels(a->x.s), n = task / g->stretches,
              stretch = task % g->stretches;
    const int from = part_of(all, g->stretches, stretch),
              till = part_of(all, g->stretches, stretch + 1);
    struct term terms[MAX_TERMS];
    float *scratch = a->x.half ? a->scratch + (size_t)worker * attend_scratch(a) : NULL;
    struct tile t = {.terms = terms, .edge = edge, .y_block = AT_A_TIME * LANES, .y_pixel = LANES};
    t.count = list_blocks(a, n, from, scratch, terms);
    t.w_block = (ptrdiff_t)t.count * BLOCK;
    const int parts = divide_up(till - from, AT_A_TIME);
    for (int i = 0; i < parts; i++) {
        const int at = from + part_of(till - from, parts, i),
                  pixels = from + part_of(till - from, parts, i + 1) - at;
        float *map = tensor_channel(&a->map, n, 0) + at;
        if (a->x.half)
            expand_pixels(a, n, at, pixels, scratch);
        else
            t.x_at = (ptrdiff_t)(at - from) * LANES;
        make_map(a, &t, pixels, map);
        scale_pixels(a, n, at, pixels, map);
    }
}

static void attend_attend(const struct attend *a, struct pool *pool)
{
    int pixels = (int)shape_pixels(a->x.s),
        stretch = max_int(AT_A_TIME, min_int(STRETCH, pixels / ENOUGH_TASKS));
    struct gate g = {.a = a, .stretches = divide_up(pixels, stretch)};
    pool_run(pool, a->x.s.n * g.stretches, attend_gate_task, &g);
}

void fast_attend_fill(struct kernels *k) { k->attend = attend_attend; }
