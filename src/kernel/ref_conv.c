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

/* A block's channels in double: one by one, or as many at once as the processor adds. */
typedef double part __attribute__((vector_size(__BIGGEST_ALIGNMENT__)));
enum { PARTS = LANES * sizeof(double) / sizeof(part) };
union lanes {
    double at[LANES];
    part v[PARTS];
};

static void load_lanes(const struct tensor *t, int n, int block, size_t pixel, union lanes *to)
{
    const struct lanes_at l = ref_conv_lanes_at(t, n, block, pixel);
    if (t->lanes == LANES && !t->half) { /* most tensors: one after the other */
        for (int i = 0; i < LANES; i++) to->at[i] = (double)t->p[l.first + (size_t)i];
        return;
    }
    for (int i = 0; i < l.count; i++)
        to->at[i] = (double)tensor_read(t, l.first + (size_t)i * l.step);
    for (int i = l.count; i < LANES; i++) to->at[i] = 0;
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

/* sum += a[i] rows[i] for i < count, in this order. The sum stays in registers. */
static void add_products(union lanes *sum, const double *a, const union lanes *rows, int count)
{
    union lanes s = *sum;
    for (int i = 0; i < count; i++) {
#pragma GCC unroll 16
        for (int k = 0; k < PARTS; k++) s.v[k] += a[i] * rows[i].v[k];
    }
    *sum = s;
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

/* A tap along the axes of the kernel. */
struct tap {
    int d, h, w;
};

static struct tap tap_at(const struct conv *c, int tap)
{
    const int *size = c->kernel;
    return (struct tap){tap / (size[1] * size[2]), tap / size[2] % size[1], tap % size[2]};
}

/* The source pixel of a tap for pixel (d, h, w) of the other side; false: outside. */
typedef int place_fn(const struct conv *c, int axis, int from, int t, int size);
static bool ref_conv_source(const struct conv *c, place_fn *place, int d, int h, int w,
    struct tap t, struct shape s, size_t *pixel)
{
    d = place(c, 0, d, t.d, s.d), h = place(c, 1, h, t.h, s.h), w = place(c, 2, w, t.w, s.w);
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

/* Pixels of one plane that use a block of weights while it is in double. */
enum { PIXELS = LANES };
struct strip {
    int n, d, count, h[PIXELS], w[PIXELS];
};

static struct strip strip_at(struct shape s, int n, int d, int first)
{
    struct strip at = {.n = n, .d = d};
    for (int o = first; o < s.h * s.w && at.count < PIXELS; o++, at.count++) {
        at.h[at.count] = o / s.w;
        at.w[at.count] = o % s.w;
    }
    return at;
}

/* sum[p] += the block of `from` that `tap` leads to from pixel p, times w. */
static void add_tap(const struct conv *c, const struct strip *at, const struct tensor *from,
    place_fn *place, int block, struct tap tap, const union lanes w[LANES], union lanes sum[PIXELS])
{
    for (int p = 0; p < at->count; p++) {
        size_t pixel;
        union lanes x;
        if (!ref_conv_source(c, place, at->d, at->h[p], at->w[p], tap, from->s, &pixel)) continue;
        load_lanes(from, at->n, block, pixel, &x);
        add_products(&sum[p], x.at, w, LANES);
    }
}

static void store_strip(const struct conv *c, const struct strip *at, const struct tensor *t,
    int block, int first, union lanes sum[PIXELS], bool add)
{
    for (int p = 0; p < at->count; p++) {
        const size_t pixel = pixel_at(t->s, at->d, at->h[p], at->w[p]);
        finish_lanes(c, first, (size_t)at->n * shape_pixels(t->s) + pixel, sum[p].at);
        store_lanes(t, at->n, block, pixel, sum[p].at, add);
    }
}

static void forward_task(void *arg, int task, int worker)
{
    const struct conv *c = arg;
    (void)worker;
    const struct shape s = c->y.s;
    int d = task % s.d, kb = task / s.d % conv_out_blocks(c), n = task / s.d / conv_out_blocks(c);
    for (int first = 0; first < s.h * s.w; first += PIXELS) {
        const struct strip at = strip_at(s, n, d, first);
        union lanes y[PIXELS] = {0}, w[LANES];
        for (int ib = 0; ib < conv_in_blocks(c); ib++) {
            const struct in_block b = in_block(c, ib);
            for (int tap = 0; tap < conv_taps(c); tap++) {
                const real *from = weight_block(c, kb, ib, tap);
                for (int i = 0; i < LANES; i++)
                    for (int k = 0; k < LANES; k++) w[i].at[k] = (double)from[i * LANES + k];
                add_tap(c, &at, &c->x[b.x], in_place, b.block, tap_at(c, tap), w, y);
            }
        }
        store_strip(c, &at, &c->y, kb, kb * LANES, y, c->add[0]);
    }
}

static void ref_conv_forward(const struct conv *c, void *workspace_, struct pool *pool)
{
    (void)workspace_;
    pool_run(pool, c->y.s.n * conv_out_blocks(c) * c->y.s.d, forward_task, (void *)c);
}

static void backward_x_task(void *arg, int task, int worker)
{
    const struct conv *c = arg;
    (void)worker;
    const struct shape s = c->x[0].s;
    int d = task % s.d, ib = task / s.d % conv_in_blocks(c), n = task / s.d / conv_in_blocks(c);
    const struct in_block to = in_block(c, ib);
    if (c->skip[to.x]) return;
    for (int first = 0; first < s.h * s.w; first += PIXELS) {
        const struct strip at = strip_at(s, n, d, first);
        union lanes dx[PIXELS] = {0}, w[LANES];
        for (int kb = 0; kb < conv_out_blocks(c); kb++)
            for (int tap = 0; tap < conv_taps(c); tap++) {
                const real *from = weight_block(c, kb, ib, tap);
                for (int i = 0; i < LANES; i++)
                    for (int k = 0; k < LANES; k++) w[k].at[i] = (double)from[i * LANES + k];
                add_tap(c, &at, &c->y, out_place, kb, tap_at(c, tap), w, dx);
            }
        store_strip(c, &at, &c->x[to.x], to.block, ib * LANES, dx, c->add[to.x]);
    }
}

static void ref_conv_backward_x(const struct conv *c, void *workspace_, struct pool *pool)
{
    (void)workspace_;
    pool_run(pool, c->y.s.n * conv_in_blocks(c) * c->x[0].s.d, backward_x_task, (void *)c);
}

/* dw[i] += x[i] dy, over the pixels of a strip of y. */
static void backward_w_strip(const struct conv *c, const struct strip *at, int kb,
    struct in_block b, struct tap tap, union lanes dw[LANES])
{
    union lanes x, dy[PIXELS];
    double across[LANES][PIXELS]; /* x by channel */
    int count = 0;
    for (int p = 0; p < at->count; p++) {
        const int h = at->h[p], w = at->w[p];
        size_t pixel;
        if (!ref_conv_source(c, in_place, at->d, h, w, tap, c->x[b.x].s, &pixel)) continue;
        load_lanes(&c->x[b.x], at->n, b.block, pixel, &x);
        load_lanes(&c->y, at->n, kb, pixel_at(c->y.s, at->d, h, w), &dy[count]);
        for (int i = 0; i < LANES; i++) across[i][count] = x.at[i];
        count++;
    }
    for (int i = 0; i < LANES; i++) add_products(&dw[i], across[i], dy, count);
}

static void backward_w_task(void *arg, int task, int worker)
{
    const struct conv *c = arg;
    (void)worker;
    const struct shape s = c->y.s;
    int tap = task % conv_taps(c), ib = task / conv_taps(c) % conv_in_blocks(c),
        kb = task / conv_taps(c) / conv_in_blocks(c);
    union lanes dw[LANES] = {0};
    for (int n = 0; n < s.n; n++)
        for (int d = 0; d < s.d; d++)
            for (int first = 0; first < s.h * s.w; first += PIXELS) {
                const struct strip at = strip_at(s, n, d, first);
                backward_w_strip(c, &at, kb, in_block(c, ib), tap_at(c, tap), dw);
            }
    real *to = (real *)weight_block(c, kb, ib, tap);
    for (int i = 0; i < LANES * LANES; i++)
        to[i] = (real)(dw[i / LANES].at[i % LANES] + (c->add[0] ? (double)to[i] : 0));
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
