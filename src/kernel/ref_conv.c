/* SPDX-License-Identifier: Apache-2.0 */
/* Plain convolutions in float and double: the reference for all implementations and the fallback.
 * Sums are in double, one block of LANES channels at a time. */
#include "kernel/conv.h"
#include "kernel/kernel_fill.h"

/* One channel block of x. */
struct in_block {
    int x;     /* which tensor */
    int block; /* which block of it */
};

static struct in_block in_block(const struct conv *c, int ib)
{
    struct in_block b = {0, ib};
    for (int blocks; b.block >= (blocks = (c->x[b.x].s.c + LANES - 1) / LANES); b.x++)
        b.block -= blocks;
    return b;
}

/* One block's channels at a pixel: the first, their distance, their number. */
struct lanes_at {
    size_t first, step;
    int count;
};

static struct lanes_at ref_conv_lanes_at(const struct tensor *t, int n, int block, size_t pixel)
{
    const int first = block * LANES;
    struct lanes_at l = {tensor_first(t, n, first) + pixel, tensor_block_size(t),
        t->s.c - first < LANES ? t->s.c - first : LANES};
    if (t->lanes == LANES)
        l = (struct lanes_at){tensor_first(t, n, first) + pixel * LANES, 1, LANES};
    return l;
}

static void load_lanes(const struct tensor *t, int n, int block, size_t pixel, real v[LANES])
{
    const struct lanes_at l = ref_conv_lanes_at(t, n, block, pixel);
    for (int i = 0; i < l.count; i++) v[i] = tensor_read(t, l.first + (size_t)i * l.step);
    for (int i = l.count; i < LANES; i++) v[i] = 0;
}

static void store_lanes(
    const struct tensor *t, int n, int block, size_t pixel, const double v[LANES], bool add)
{
    const struct lanes_at l = ref_conv_lanes_at(t, n, block, pixel);
    for (int i = 0; i < l.count; i++) {
        size_t at = l.first + (size_t)i * l.step;
        tensor_write(t, at, (real)(v[i] + (add ? (double)tensor_read(t, at) : 0)));
    }
}

/* y += a x. The compiler would combine several a and spend its time on transposing. */
static void add_scaled(double y[LANES], real a, const real x[LANES])
{
#pragma GCC unroll 1
    for (int k = 0; k < LANES; k++) y[k] += (double)a * (double)x[k];
}

static size_t pixel_at(struct shape s, int d, int h, int w)
{
    return ((size_t)d * (size_t)s.h + (size_t)h) * (size_t)s.w + (size_t)w;
}

static const real *weight_block(const struct conv *c, int kb, int ib, int tap)
{
    return c->w +
        (((size_t)kb * (size_t)conv_in_blocks(c) + (size_t)ib) * (size_t)conv_taps(c) +
            (size_t)tap) *
        LANES * LANES;
}

/* act(scale*map*sum + b) for the channel block at `first`. */
static void finish_lanes(const struct conv *c, int first, size_t pixel, double v[LANES])
{
    for (int i = 0; i < LANES; i++) {
        if (c->map) v[i] *= (double)c->map[pixel];
        if (c->scale) v[i] *= (double)c->scale[first + i];
        if (c->b) v[i] += (double)c->b[first + i];
        if (v[i] < 0 && c->act != ACT_NONE) v[i] *= c->act == ACT_LEAKY ? 0.01 : 0;
    }
}

/* Input index of output o under tap t, or -1. */
static int in_place(const struct conv *c, int axis, int o, int t, int size)
{
    int i = o * c->stride[axis] + t - c->pad[axis];
    return i >= 0 && i < size ? i : -1;
}

/* Output index whose tap t reads input i, or -1. */
static int out_place(const struct conv *c, int axis, int i, int t, int size)
{
    int o = i + c->pad[axis] - t;
    if (o < 0 || o % c->stride[axis]) return -1;
    o /= c->stride[axis];
    return o < size ? o : -1;
}

/* The source pixel of tap (td, th, tw) for pixel at[3] of the other side; false: outside. */
typedef int place_fn(const struct conv *c, int axis, int from, int t, int size);
static bool ref_conv_source(
    const struct conv *c, place_fn *place, const int at[3], int tap, struct shape s, size_t *pixel)
{
    int t[3] = {
        tap / (c->kernel[1] * c->kernel[2]), tap / c->kernel[2] % c->kernel[1], tap % c->kernel[2]};
    int d = place(c, 0, at[0], t[0], s.d), h = place(c, 1, at[1], t[1], s.h),
        w = place(c, 2, at[2], t[2], s.w);
    if (d < 0 || h < 0 || w < 0) return false;
    *pixel = pixel_at(s, d, h, w);
    return true;
}

static bool fits(const struct conv *c)
{
    (void)c;
    return true;
}

static size_t workspace(const struct conv *c, int threads)
{
    (void)c;
    (void)threads;
    return 0;
}

static void forward_pixel(const struct conv *c, int n, int kb, const int at[3], double y[LANES])
{
    for (int ib = 0; ib < conv_in_blocks(c); ib++) {
        struct in_block b = in_block(c, ib);
        for (int tap = 0; tap < conv_taps(c); tap++) {
            size_t pixel;
            real x[LANES];
            if (!ref_conv_source(c, in_place, at, tap, c->x[b.x].s, &pixel)) continue;
            load_lanes(&c->x[b.x], n, b.block, pixel, x);
            const real *w = weight_block(c, kb, ib, tap);
            for (int i = 0; i < LANES; i++) add_scaled(y, x[i], w + i * LANES);
        }
    }
}

static void forward_task(void *arg, int task, int worker)
{
    const struct conv *c = arg;
    (void)worker;
    const struct shape s = c->y.s;
    int d = task % s.d, kb = task / s.d % conv_out_blocks(c), n = task / s.d / conv_out_blocks(c);
    for (int h = 0; h < s.h; h++)
        for (int w = 0; w < s.w; w++) {
            double y[LANES] = {0};
            forward_pixel(c, n, kb, (int[3]){d, h, w}, y);
            finish_lanes(c, kb * LANES, (size_t)n * shape_pixels(s) + pixel_at(s, d, h, w), y);
            store_lanes(&c->y, n, kb, pixel_at(s, d, h, w), y, c->add[0]);
        }
}

static void ref_conv_forward(const struct conv *c, void *workspace_, struct pool *pool)
{
    (void)workspace_;
    pool_run(pool, c->y.s.n * conv_out_blocks(c) * c->y.s.d, forward_task, (void *)c);
}

static void backward_x_pixel(const struct conv *c, int n, int ib, const int at[3], double dx[LANES])
{
    for (int kb = 0; kb < conv_out_blocks(c); kb++)
        for (int tap = 0; tap < conv_taps(c); tap++) {
            size_t pixel;
            real dy[LANES];
            if (!ref_conv_source(c, out_place, at, tap, c->y.s, &pixel)) continue;
            load_lanes(&c->y, n, kb, pixel, dy);
            const real *w = weight_block(c, kb, ib, tap);
            for (int k = 0; k < LANES; k++)
                for (int i = 0; i < LANES; i++) dx[i] += (double)dy[k] * (double)w[i * LANES + k];
        }
}

static void backward_x_task(void *arg, int task, int worker)
{
    const struct conv *c = arg;
    (void)worker;
    const struct shape s = c->x[0].s;
    int d = task % s.d, ib = task / s.d % conv_in_blocks(c), n = task / s.d / conv_in_blocks(c);
    struct in_block to = in_block(c, ib);
    if (c->skip[to.x]) return;
    for (int h = 0; h < s.h; h++)
        for (int w = 0; w < s.w; w++) {
            double dx[LANES] = {0};
            backward_x_pixel(c, n, ib, (int[3]){d, h, w}, dx);
            finish_lanes(c, ib * LANES, (size_t)n * shape_pixels(s) + pixel_at(s, d, h, w), dx);
            store_lanes(&c->x[to.x], n, to.block, pixel_at(s, d, h, w), dx, c->add[to.x]);
        }
}

static void ref_conv_backward_x(const struct conv *c, void *workspace_, struct pool *pool)
{
    (void)workspace_;
    pool_run(pool, c->y.s.n * conv_in_blocks(c) * c->x[0].s.d, backward_x_task, (void *)c);
}

static void backward_w_pixel(
    const struct conv *c, int n, int kb, int ib, int tap, const int at[3], double dw[LANES * LANES])
{
    struct in_block b = in_block(c, ib);
    size_t pixel;
    real x[LANES], dy[LANES];
    if (!ref_conv_source(c, in_place, at, tap, c->x[b.x].s, &pixel)) return;
    load_lanes(&c->x[b.x], n, b.block, pixel, x);
    load_lanes(&c->y, n, kb, pixel_at(c->y.s, at[0], at[1], at[2]), dy);
    for (int i = 0; i < LANES; i++) add_scaled(dw + i * LANES, x[i], dy);
}

static void backward_w_task(void *arg, int task, int worker)
{
    const struct conv *c = arg;
    (void)worker;
    const struct shape s = c->y.s;
    int tap = task % conv_taps(c), ib = task / conv_taps(c) % conv_in_blocks(c),
        kb = task / conv_taps(c) / conv_in_blocks(c);
    double dw[LANES * LANES] = {0};
    for (int n = 0; n < s.n; n++)
        for (int d = 0; d < s.d; d++)
            for (int h = 0; h < s.h; h++)
                for (int w = 0; w < s.w; w++)
                    backward_w_pixel(c, n, kb, ib, tap, (int[3]){d, h, w}, dw);
    real *to = (real *)weight_block(c, kb, ib, tap);
    for (int i = 0; i < LANES * LANES; i++) to[i] = (real)(dw[i] + (c->add[0] ? (double)to[i] : 0));
}

static void ref_conv_backward_w(const struct conv *c, void *workspace_, struct pool *pool)
{
    (void)workspace_;
    pool_run(
        pool, conv_out_blocks(c) * conv_in_blocks(c) * conv_taps(c), backward_w_task, (void *)c);
}

const struct conv_impl conv_ref_forward = {
    .name = "ref", .fits = fits, .workspace = workspace, .run = ref_conv_forward};
const struct conv_impl conv_ref_backward_x = {
    .name = "ref", .fits = fits, .workspace = workspace, .run = ref_conv_backward_x};
const struct conv_impl conv_ref_backward_w = {
    .name = "ref", .fits = fits, .workspace = workspace, .run = ref_conv_backward_w};
