/* SPDX-License-Identifier: Apache-2.0 */
/* Plain convolutions with products in bfloat16: what docs/numerics.md defines, to the bit. */
#include <float.h>
#include <math.h>

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

static float half_of(real v) { return flushed((double)half_read(half_round((float)v))); }

/* a*b + c, rounded once: the product has 16 bits, and a double holds what decides the rounding. */
static float fused(float a, float b, float c) { return flushed((double)a * (double)b + (double)c); }

/* One convolution as a gathering: `to` reads `from`, both lists of blocks. */
struct gathering {
    const struct conv *c;
    bool backward;
    const struct tensor *from, *to;
    int nfrom, nto, blocks; /* blocks: of all `from` */
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

/* 32 channels of the source's pixel; pixel < 0: outside. */
static void load_pair(const struct gathering *g, int n, int pair, ptrdiff_t pixel, float x[DEPTH])
{
    for (int i = 0; i < DEPTH; i++) {
        const int block = 2 * pair + i / LANES;
        x[i] = 0;
        if (block >= g->blocks || pixel < 0) continue;
        const struct one_block b = ref_half_block(g->from, block);
        x[i] = half_of(tensor_read(b.t,
            tensor_first(b.t, n, b.block * LANES) + (size_t)pixel * LANES + (size_t)(i % LANES)));
    }
}

static float half_weight_of(const struct gathering *g, int to, int pair, int i, int tap, int lane)
{
    const int from = 2 * pair + i / LANES, in_blocks = conv_in_blocks(g->c);
    if (from >= g->blocks) return 0;
    const int kb = g->backward ? from : to, ib = g->backward ? to : from,
              k = g->backward ? i % LANES : lane, c = g->backward ? lane : i % LANES;
    const size_t block =
        ((size_t)kb * (size_t)in_blocks + (size_t)ib) * (size_t)conv_taps(g->c) + (size_t)tap;
    return half_of(g->c->w[(block * LANES + (size_t)c) * LANES + (size_t)k]);
}

/* sum[lane] += the product of one pair under one tap: an even and an odd chain. */
static void add_product(
    const struct gathering *g, int to, int pair, int tap, const float x[DEPTH], float sum[LANES])
{
    for (int lane = 0; lane < LANES; lane++) {
        float even = 0, odd = 0;
        for (int i = 0; i < DEPTH; i += 2) {
            even = fused(x[i], half_weight_of(g, to, pair, i, tap, lane), even);
            odd = fused(x[i + 1], half_weight_of(g, to, pair, i + 1, tap, lane), odd);
        }
        sum[lane] = flushed((double)sum[lane] + (double)flushed((double)even + (double)odd));
    }
}

static void sum_pixel(const struct gathering *g, int n, int to, const int o[3], float sum[LANES])
{
    const struct shape s = g->from[0].s;
    const int *kernel = g->c->kernel;
    for (int pair = 0; pair < (g->blocks + 1) / 2; pair++)
        for (int tap = 0; tap < conv_taps(g->c); tap++) {
            int d, h, w;
            float x[DEPTH];
            if (!source_along(g, 0, o[0], tap / kernel[2] / kernel[1], s.d, &d) ||
                !source_along(g, 1, o[1], tap / kernel[2] % kernel[1], s.h, &h) ||
                !source_along(g, 2, o[2], tap % kernel[2], s.w, &w))
                continue;
            const bool outside = d < 0 || h < 0 || w < 0;
            load_pair(g, n, pair, outside ? -1 : ((ptrdiff_t)d * s.h + h) * s.w + w, x);
            add_product(g, to, pair, tap, x, sum);
        }
}

static void ref_half_task(void *arg, int task, int worker)
{
    const struct gathering *g = arg;
    const struct shape s = g->to[0].s;
    int blocks = g->backward ? conv_in_blocks(g->c) : conv_out_blocks(g->c);
    const int d = task % s.d, at = task / s.d % blocks, n = task / s.d / blocks;
    const struct one_block b = ref_half_block(g->to, at);
    const struct conv *c = g->c;
    (void)worker;
    if (g->backward && c->skip[b.which]) return;
    for (int i = 0; i < s.h * s.w; i++) {
        float sum[LANES] = {0};
        const size_t pixel = (size_t)d * (size_t)(s.h * s.w) + (size_t)i;
        sum_pixel(g, n, at, (int[3]){d, i / s.w, i % s.w}, sum);
        for (int k = 0; k < LANES; k++) {
            real v = sum[k];
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
    struct gathering g = {c, backward, c->x, &c->y, c->nx, 1, conv_in_blocks(c)};
    if (backward) g = (struct gathering){c, backward, &c->y, c->x, 1, c->nx, conv_out_blocks(c)};
    const int blocks = backward ? conv_in_blocks(c) : conv_out_blocks(c);
    pool_run(pool, g.to[0].s.n * blocks * g.to[0].s.d, ref_half_task, &g);
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

static size_t ref_half_workspace(const struct conv *c, int threads)
{
    (void)c;
    (void)threads;
    return 0;
}

const struct conv_impl conv_ref_half_forward = {.name = CONV_BF16,
    .by_name = true,
    .fits = conv_bf16_fits,
    .wins = conv_bf16_wins,
    .workspace = ref_half_workspace,
    .run = ref_half_forward};
const struct conv_impl conv_ref_half_backward_x = {.name = CONV_BF16,
    .by_name = true,
    .fits = conv_bf16_fits,
    .wins = conv_bf16_wins,
    .workspace = ref_half_workspace,
    .run = ref_half_backward_x};
