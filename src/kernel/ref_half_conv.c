/* SPDX-License-Identifier: Apache-2.0 */
/* Plain convolutions with products in bfloat16: what docs/numerics.md defines, to the bit. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/ints.h"
#include "kernel/kernel_fill.h"
#include "kernel/ref.h"

enum { DEPTH = 2 * LANES /* channels of one product */ };

/* The matrix unit takes subnormal numbers as 0 and makes none. A number that rounds up to FLT_MIN,
 * were its exponent free, is none. */
static float flushed(double v)
{
    static const double least = (double)FLT_MIN * (1 - 0x1p-25);
    return fabs(v) < least ? copysignf(0, (float)v) : (float)v;
}

static float half_of(real v) { return flushed((double)half_read(half_round(flushed((double)v)))); }

/* a*b + c, rounded once: the product has 16 bits, and a double holds what decides the rounding. */
static float fused(float a, float b, float c) { return flushed((double)a * (double)b + (double)c); }

/* One convolution as a gathering: `to` reads `from`, both lists of blocks. */
struct gathering {
    const struct conv *c;
    bool backward;
    const struct tensor *from, *to;
    int blocks, to_blocks; /* of all `from`, of all `to` */
};

struct one_block {
    const struct tensor *t;
    int which, block;
};

static struct one_block ref_half_block(const struct tensor *list, int at)
{
    int i = 0;
    for (int blocks; at >= (blocks = (list[i].s.c + LANES - 1) / LANES); i++) at -= blocks;
    return (struct one_block){&list[i], i, at};
}

/* Along an axis: false, if the tap has no part in this output; the source's place, or -1 outside.
 */
static bool source_along(const struct gathering *g, int axis, int o, int t, int size, int *place)
{
    const int stride = g->c->stride[axis], pad = g->c->pad[axis];
    int at = g->backward ? o + pad - t : o * stride + t - pad;
    if (g->backward && at % stride != 0) return false;
    if (g->backward) at /= stride;
    *place = at >= 0 && at < size ? at : -1;
    return true;
}

/* 16 channels of the source's pixel; pixel < 0: outside. */
static void read_half_strip(
    const struct gathering *g, int n, int block, ptrdiff_t pixel, float x[LANES])
{
    memset(x, 0, LANES * sizeof *x);
    if (block >= g->blocks || pixel < 0) return;
    const struct one_block b = ref_half_block(g->from, block);
    const size_t first = tensor_first(b.t, n, b.block * LANES) + (size_t)pixel * LANES;
    for (size_t i = 0; i < LANES; i++) x[i] = half_of(tensor_read(b.t, first + i));
}

/* From channel i of a strip; tap < 0: none. */
static float half_weight_of(const struct gathering *g, int to, int from, int i, int tap, int lane)
{
    const int in_blocks = g->backward ? g->to_blocks : g->blocks;
    if (from >= g->blocks || tap < 0) return 0;
    const int kb = g->backward ? from : to, ib = g->backward ? to : from,
              k = g->backward ? i : lane, c = g->backward ? lane : i;
    const size_t block =
        ((size_t)kb * (size_t)in_blocks + (size_t)ib) * (size_t)conv_taps(g->c) + (size_t)tap;
    return half_of(g->c->w[(block * LANES + (size_t)c) * LANES + (size_t)k]);
}

/* A block: two strips under one tap, or one strip under two neighbouring taps. */
struct half_taps {
    int strip[2], tap[2]; /* tap < 0: none */
};

/* False: the tap is the second of a block. */
static bool taps_at(const struct gathering *g, int pair, int tap, struct half_taps *b)
{
    *b = (struct half_taps){{2 * pair, 2 * pair + 1}, {tap, tap}};
    if (!conv_bf16_pairs(g->c, g->backward)) return true;
    const int wide = g->c->kernel[2], step = g->backward ? g->c->stride[2] : 1, w = tap % wide,
              next = w + step < wide ? tap + step : -1;
    /* the one whose pixel comes first is in front */
    const bool turn = g->backward && next >= 0;
    *b = (struct half_taps){{0, 0}, {turn ? next : tap, turn ? tap : next}};
    return w / step % 2 == 0;
}

/* sum[lane] += the product of one pair under one tap: an even and an odd chain. */
static void add_product(const float w[DEPTH][LANES], const float x[DEPTH], float sum[LANES])
{
    float even[LANES] = {0}, odd[LANES] = {0};
    for (int i = 0; i < DEPTH; i += 2)
        for (int lane = 0; lane < LANES; lane++) {
            even[lane] = fused(x[i], w[i][lane], even[lane]);
            odd[lane] = fused(x[i + 1], w[i + 1][lane], odd[lane]);
        }
    for (int lane = 0; lane < LANES; lane++)
        sum[lane] =
            flushed((double)sum[lane] + (double)flushed((double)even[lane] + (double)odd[lane]));
}

enum { STRIP = 32 /* pixels that share the weights once they are rounded */ };

/* The source's pixel of an output under a tap; -1 outside. False: the tap has no part in it. */
static bool source_pixel(
    const struct gathering *g, int o_d, int o_h, int o_w, int tap, ptrdiff_t *pixel)
{
    const struct shape s = g->from[0].s;
    const int *kernel = g->c->kernel;
    int d, h, w;
    if (!source_along(g, 0, o_d, tap / kernel[2] / kernel[1], s.d, &d) ||
        !source_along(g, 1, o_h, tap / kernel[2] % kernel[1], s.h, &h) ||
        !source_along(g, 2, o_w, tap % kernel[2], s.w, &w))
        return false;
    *pixel = d < 0 || h < 0 || w < 0 ? -1 : ((ptrdiff_t)d * s.h + h) * s.w + w;
    return true;
}

/* `count` pixels of plane d from `first` on, under the taps of a block. */
static void add_half_tap(const struct gathering *g, int n, int to, int d, int first, int count,
    const struct half_taps *b, float sum[STRIP][LANES])
{
    const int width = g->to[0].s.w;
    float weights[DEPTH][LANES], x[DEPTH];
    for (int i = 0; i < DEPTH; i++)
        for (int lane = 0; lane < LANES; lane++)
            weights[i][lane] =
                half_weight_of(g, to, b->strip[i / LANES], i % LANES, b->tap[i / LANES], lane);
    for (int p = 0; p < count; p++) {
        bool part = true;
        for (int i = 0; i < 2 && part; i++) {
            ptrdiff_t pixel = -1;
            if (b->tap[i] >= 0)
                part =
                    source_pixel(g, d, (first + p) / width, (first + p) % width, b->tap[i], &pixel);
            read_half_strip(g, n, b->strip[i], pixel, x + i * LANES);
        }
        if (part) add_product((const float(*)[LANES])weights, x, sum[p]);
    }
}

static void ref_half_task(void *arg, int task, int worker)
{
    const struct gathering *g = arg;
    const struct shape s = g->to[0].s;
    const int d = task % s.d, at = task / s.d % g->to_blocks, n = task / s.d / g->to_blocks;
    const struct one_block b = ref_half_block(g->to, at);
    const struct conv *c = g->c;
    (void)worker;
    if (g->backward && c->skip[b.which]) return;
    for (int first = 0; first < s.h * s.w; first += STRIP) {
        float sum[STRIP][LANES] = {{0}};
        const int count = min_int(STRIP, s.h * s.w - first);
        for (int pair = 0; pair < (g->blocks + 1) / 2; pair++)
            for (int tap = 0; tap < conv_taps(c); tap++) {
                struct half_taps t;
                if (taps_at(g, pair, tap, &t)) add_half_tap(g, n, at, d, first, count, &t, sum);
            }
        for (int i = 0; i < count * LANES; i++) {
            const int k = i % LANES;
            const size_t pixel = (size_t)d * (size_t)(s.h * s.w) + (size_t)(first + i / LANES);
            real v = sum[i / LANES][k];
            if (c->map) v *= c->map[(size_t)n * shape_pixels(s) + pixel];
            if (c->scale) v *= c->scale[at * LANES + k];
            if (c->b) v += c->b[at * LANES + k];
            ref_put(b.t, tensor_first(b.t, n, b.block * LANES) + pixel * LANES + (size_t)k,
                act_apply(v, c->act), c->add[g->backward ? b.which : 0]);
        }
    }
}

static void ref_half_run(const struct conv *c, bool backward, struct pool *pool)
{
    const int in = conv_in_blocks(c), out = conv_out_blocks(c);
    struct gathering g = {c, false, c->x, &c->y, in, out};
    if (backward) g = (struct gathering){c, true, &c->y, c->x, out, in};
    pool_run(pool, g.to[0].s.n * g.to_blocks * g.to[0].s.d, ref_half_task, &g);
}

static void ref_half_forward(const struct conv *c, void *work, struct pool *pool)
{
    (void)work;
    ref_half_run(c, false, pool);
}

static void ref_half_backward_x(const struct conv *c, void *work, struct pool *pool)
{
    (void)work;
    ref_half_run(c, true, pool);
}

/* ---- backward by weight */

/* 16 channels of x at a place of a source plane, whose rows are `pitch` places apart under a
 * stride; 0 outside. */
static void source_place(const struct conv *c, const struct one_block *b, int n, int d, int pitch,
    ptrdiff_t row, ptrdiff_t at, const int tap[3], float x[LANES])
{
    const struct shape s = b->t->s;
    const ptrdiff_t shift = tap[1] / c->stride[1] * pitch + tap[2] / c->stride[2];
    at += row * pitch + shift;
    const ptrdiff_t h = at / pitch * c->stride[1] + tap[1] % c->stride[1] - c->pad[1],
                    w = at % pitch * c->stride[2] + tap[2] % c->stride[2] - c->pad[2];
    memset(x, 0, LANES * sizeof *x);
    if (h < 0 || h >= s.h || w < 0 || w >= s.w) return;
    const size_t first = tensor_first(b->t, n, b->block * LANES) +
        (((size_t)d * (size_t)s.h + (size_t)h) * (size_t)s.w + (size_t)w) * LANES;
    for (size_t i = 0; i < LANES; i++) x[i] = half_of(tensor_read(b->t, first + i));
}

static void output_place(
    const struct tensor *y, int n, int block, int d, int pitch, int row, int at, float dy[LANES])
{
    const int h = row + at / pitch, w = at % pitch;
    memset(dy, 0, LANES * sizeof *dy);
    if (w >= y->s.w) return;
    const size_t first = tensor_first(y, n, block * LANES) +
        (((size_t)d * (size_t)y->s.h + (size_t)h) * (size_t)y->s.w + (size_t)w) * LANES;
    for (size_t i = 0; i < LANES; i++) dy[i] = half_of(tensor_read(y, first + i));
}

/* sum[input][output channel] += the products of a stripe: an even and an odd chain over every 32
 * places. */
static void add_stripe(const struct conv *c, const struct conv_bf16_order *o, int stripe, int out,
    const struct one_block *b, const int tap[3], float sum[LANES][LANES])
{
    const struct shape y = c->y.s;
    const int row = stripe % o->stripes * o->rows, plane = stripe / o->stripes, n = plane / y.d,
              rows = o->rows < y.h - row ? o->rows : y.h - row, places = rows * o->pitch,
              d = plane % y.d * c->stride[0] + tap[0] - c->pad[0];
    if (d < 0 || d >= b->t->s.d) return;
    for (int at = 0; at < places; at += DEPTH) {
        float dy[DEPTH][LANES] = {{0}}, x[DEPTH][LANES], column[DEPTH];
        for (int i = 0; i < DEPTH; i++) {
            if (at + i < places)
                output_place(&c->y, n, out, plane % y.d, o->pitch, row, at + i, dy[i]);
            source_place(c, b, n, d, o->pitch, row, at + i, tap, x[i]);
        }
        for (int lane = 0; lane < LANES; lane++) {
            for (int i = 0; i < DEPTH; i++) column[i] = x[i][lane];
            add_product((const float(*)[LANES])dy, column, sum[lane]);
        }
    }
}

static void ref_half_w_task(void *arg, int task, int worker)
{
    const struct conv *c = arg;
    const struct conv_bf16_order o = conv_bf16_order_of(c);
    const int taps = conv_taps(c), *kernel = c->kernel, in_blocks = conv_in_blocks(c),
              tap = task % taps, in = task / taps % in_blocks, out = task / taps / in_blocks,
              at[3] = {tap / kernel[2] / kernel[1], tap / kernel[2] % kernel[1], tap % kernel[2]};
    const struct one_block b = ref_half_block(c->x, in);
    float all[LANES][LANES] = {{0}};
    (void)worker;
    for (int s = 0; s < o.sums; s++) {
        float sum[LANES][LANES] = {{0}};
        for (int stripe = s; stripe < c->y.s.n * c->y.s.d * o.stripes; stripe += o.sums)
            add_stripe(c, &o, stripe, out, &b, at, sum);
        for (int i = 0; i < LANES * LANES; i++) {
            float *to = &all[i / LANES][i % LANES];
            *to = s ? *to + sum[i / LANES][i % LANES] : sum[i / LANES][i % LANES];
        }
    }
    for (int i = 0; i < LANES * LANES; i++) {
        const bool pad =
            b.block * LANES + i / LANES >= b.t->s.c || out * LANES + i % LANES >= c->y.s.c;
        const float v = pad ? 0 : all[i / LANES][i % LANES];
        real *w = c->w + (size_t)task * LANES * LANES + i;
        *w = c->add[0] ? v + *w : v;
    }
}

static void ref_half_backward_w(const struct conv *c, void *work, struct pool *pool)
{
    struct conv copy = *c;
    (void)work;
    pool_run(pool, conv_out_blocks(c) * conv_in_blocks(c) * conv_taps(c), ref_half_w_task, &copy);
}

static size_t ref_half_workspace(const struct conv *c, int threads)
{
    (void)c;
    (void)threads;
    return 0;
}

const struct conv_impl conv_ref_half_forward = {.name = CONV_BF16,
    .by_name = true,
    .fits = conv_bf16_fits,
    .workspace = ref_half_workspace,
    .run = ref_half_forward};
const struct conv_impl conv_ref_half_backward_x = {.name = CONV_BF16,
    .by_name = true,
    .fits = conv_bf16_fits,
    .workspace = ref_half_workspace,
    .run = ref_half_backward_x};
const struct conv_impl conv_ref_half_backward_w = {.name = CONV_BF16,
    .by_name = true,
    .fits = conv_bf16_fits,
    .wins = conv_bf16_wins_w,
    .workspace = ref_half_workspace,
    .run = ref_half_backward_w};
