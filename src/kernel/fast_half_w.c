/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients by weight with products in bfloat16, on tiles (fast_half_tile.h) that sum over pixels.
 * Slabs of dy are rounded into tiles of 16 channels by 32 pixels, and slabs of x into pairs of
 * neighbouring pixels, with their border of zeros: twice, as a tap that shifts by an odd number of
 * pixels needs other pairs. Rows of both lie equally far apart, so that a tap is an address. The
 * order of the sums is conv_bf16_order_of's. */
#include <string.h>

#include "kernel/fast_half_conv.h"

enum {
    TILE = HALF_DEPTH * LANES,
    SLAB_BYTES = 4 * 1024 * 1024,
    TAIL = 64,      /* places: the last tiles read on */
    MOST_RUNS = 128 /* at a time */
};

struct half_gradient {
    struct half_conv g; /* source x, outputs dy; its axes count */
    struct conv_bf16_order o;
    int in_blocks, out_blocks, phases;
    int images, planes, stripes; /* of a slab: more than one only of whole parts */
    size_t weights, stripe;      /* numbers of dw, of a stripe of dy */
    size_t x_size, dy_size;
    uint16_t *x, *dy;
    float *sums; /* [sum][weights], blocks as [k][c] */
};

/* A slab: images n.., output planes d.., stripes s.. of each. */
struct half_gradient_slab {
    const struct half_gradient *q;
    int n, images, d, planes, s, stripes;
    int rows, places;    /* of outputs of a plane, of x with the border */
    size_t plane, phase; /* numbers of x */
};

static void gradient_slab_sizes(struct half_gradient_slab *s)
{
    const struct half_gradient *q = s->q;
    const int first = s->s * q->o.rows;
    s->rows = min_int(s->stripes * q->o.rows, q->g.axis[1].outputs - first);
    s->places = s->rows + q->g.axis[1].reach;
    s->plane = (size_t)(s->places * q->o.pitch) * LANES;
    s->phase = s->plane * (size_t)(s->images * (s->planes + q->g.axis[0].reach));
}

static size_t gradient_x_size(const struct half_gradient_slab *s)
{
    return s->phase * (size_t)(2 * s->q->phases * s->q->in_blocks) + TAIL * LANES;
}

static size_t gradient_dy_size(const struct half_gradient_slab *s)
{
    return s->q->stripe * (size_t)(s->images * s->planes * s->stripes * s->q->out_blocks);
}

/* Bytes of a slab of so many of each. */
static size_t gradient_slab_bytes(struct half_gradient *q, int images, int planes, int stripes)
{
    struct half_gradient_slab s = {.q = q, .images = images, .planes = planes, .stripes = stripes};
    gradient_slab_sizes(&s);
    q->images = images;
    q->planes = planes;
    q->stripes = stripes;
    q->x_size = gradient_x_size(&s);
    q->dy_size = gradient_dy_size(&s);
    return (q->x_size + q->dy_size) * sizeof(uint16_t);
}

/* The largest that fits, at least one stripe. */
static void gradient_plan_slabs(struct half_gradient *q)
{
    const struct shape y = q->g.c.y.s;
    int images = y.n, planes = y.d, stripes = q->o.stripes;
    while (gradient_slab_bytes(q, images, planes, stripes) > SLAB_BYTES) {
        if (images > 1)
            images--;
        else if (planes > 1)
            planes--;
        else if (stripes > 1)
            stripes--;
        else
            break;
    }
}

static void gradient_plan(struct half_gradient *q, const struct conv *c)
{
    memset(q, 0, sizeof *q);
    half_plan(&q->g, c, false, 1);
    q->o = conv_bf16_order_of(c);
    q->in_blocks = conv_in_blocks(c);
    q->out_blocks = conv_out_blocks(c);
    q->phases = q->g.axis[0].in_step * q->g.axis[1].in_step * q->g.axis[2].in_step;
    q->weights = conv_weights(c);
    q->stripe = (size_t)round_up(q->o.rows * q->o.pitch, HALF_DEPTH) * LANES;
    gradient_plan_slabs(q);
}

/* ---- x */

/* Two rows of 16 channels become pairs. */
INLINE void half_pair(const uint16_t *even, const uint16_t *odd, uint16_t *to)
{
    for (int k = 0; k < LANES; k += 8) {
        const __m128i a = _mm_loadu_si128((const void *)(even + k)),
                      b = _mm_loadu_si128((const void *)(odd + k));
        _mm_storeu_si128((void *)(to + 2 * k), _mm_unpacklo_epi16(a, b));
        _mm_storeu_si128((void *)(to + 2 * k + 8), _mm_unpackhi_epi16(a, b));
    }
}

/* Some places of a row of x: `d` and `h` are the source's, or -1. */
static void gradient_places(const struct half_gradient_slab *s, int n,
    const struct half_block *from, int phase, int d, int h, int at, int count, uint16_t *to)
{
    const struct half_axis *a = &s->q->g.axis[2];
    const struct shape size = from->t->s;
    int begin = 0, end = 0;
    if (d >= 0 && h >= 0) {
        while (begin < count && half_source(a, phase, at + begin, size.w) < 0) begin++;
        for (end = begin; end < count && half_source(a, phase, at + end, size.w) >= 0;) end++;
    }
    memset(to, 0, (size_t)begin * LANES * sizeof *to);
    memset(to + end * LANES, 0, (size_t)(count - end) * LANES * sizeof *to);
    if (begin == end) return;
    const size_t pixel = ((size_t)d * (size_t)size.h + (size_t)h) * (size_t)size.w +
        (size_t)half_source(a, phase, at + begin, size.w);
    half_pixels(&s->q->g, n, from, pixel, a->in_step, end - begin, to + begin * LANES, LANES);
}

/* A row of one phase to both copies: pairs from even, and from odd places. */
static void gradient_row(const struct half_gradient_slab *s, int n, const struct half_block *from,
    int phase, int d, int h, uint16_t *to, uint16_t *odd)
{
    enum { PART = 64 };
    uint16_t part[(PART + 2) * LANES];
    const int pitch = s->q->o.pitch;
    for (int at = 0; at < pitch; at += PART) {
        const int count = min_int(PART, pitch - at), next = at + count < pitch ? 1 : 0;
        gradient_places(s, n, from, phase, d, h, at, count + next, part);
        if (!next) memset(part + count * LANES, 0, LANES * sizeof *part);
        for (int i = 0; i < count; i += 2, to += HALF_DEPTH, odd += HALF_DEPTH) {
            const uint16_t *p = part + i * LANES;
            half_pair(p, p + LANES, to);
            half_pair(p + LANES, p + 2 * LANES, odd);
        }
    }
}

/* A plane of places of a block: [block][copy][phase][image][place d]. */
static void gradient_x_task(void *arg, int task, int worker)
{
    const struct half_gradient_slab *s = arg;
    const struct half_gradient *q = s->q;
    const struct half_axis *axis = q->g.axis;
    const int planes = s->planes + axis[0].reach, place = task % planes,
              image = task / planes % s->images, phase = task / planes / s->images % q->phases,
              block = task / planes / s->images / q->phases, pw = phase % axis[2].in_step,
              ph = phase / axis[2].in_step % axis[1].in_step,
              pd = phase / axis[2].in_step / axis[1].in_step;
    const struct half_block from = half_block_at(&q->g, q->g.src, q->g.nsrc, block, false);
    const struct shape size = from.t->s;
    const int d = half_source(&axis[0], pd, s->d + place, size.d);
    uint16_t *to = q->x + (size_t)(2 * block * q->phases + phase) * s->phase +
        (size_t)(image * planes + place) * s->plane;
    (void)worker;
    for (int i = 0; i < s->places; i++, to += q->o.pitch * LANES)
        gradient_row(s, s->n + image, &from, pw, d,
            half_source(&axis[1], ph, s->s * q->o.rows + i, size.h), to,
            to + (size_t)q->phases * s->phase);
}

/* ---- dy */

/* 32 places of a stripe of `rows` rows from `at` on become a tile: pairs of neighbours, turned. */
static void gradient_turn(const struct half_gradient *q, int n, const struct half_block *from,
    size_t pixel, int rows, int at, uint16_t *to)
{
    _Alignas(64) uint16_t pixels[HALF_DEPTH * LANES], pairs[TILE];
    const int w = from->t->s.w, pitch = q->o.pitch;
    for (int i = 0, count; i < HALF_DEPTH; i += count) {
        const int h = (at + i) / pitch, x = (at + i) % pitch, most = HALF_DEPTH - i;
        const bool inside = x < w && h < rows;
        count = min_int(most, h >= rows ? most : inside ? w - x : pitch - x);
        if (inside)
            half_pixels(
                &q->g, n, from, pixel + (size_t)(h * w + x), 1, count, pixels + i * LANES, LANES);
        else
            memset(pixels + i * LANES, 0, (size_t)(count * LANES) * sizeof *pixels);
    }
    for (int i = 0; i < HALF_DEPTH; i += 2)
        half_pair(pixels + i * LANES, pixels + (i + 1) * LANES, pairs + i * LANES);
    transpose_blocks((const float *)(const void *)pairs, (float *)(void *)to, 1);
    half_swap(&q->g, to, TILE);
}

/* A stripe of a block: [block][image][plane][stripe]. */
static void gradient_dy_task(void *arg, int task, int worker)
{
    const struct half_gradient_slab *s = arg;
    const struct half_gradient *q = s->q;
    const struct tensor *y = &q->g.c.y;
    const int stripe = task % s->stripes, plane = task / s->stripes % s->planes,
              image = task / s->stripes / s->planes % s->images,
              block = task / s->stripes / s->planes / s->images, row = (s->s + stripe) * q->o.rows,
              rows = min_int(q->o.rows, y->s.h - row);
    const struct half_block from = {y, 0, block, block};
    const size_t pixel = ((size_t)(s->d + plane) * (size_t)y->s.h + (size_t)row) * (size_t)y->s.w;
    uint16_t *to = q->dy + (size_t)task * q->stripe;
    (void)worker;
    for (int at = 0; at < rows * q->o.pitch; at += HALF_DEPTH, to += TILE)
        gradient_turn(q, s->n + image, &from, pixel, rows, at, to);
}

/* ---- products */

/* One or two blocks of dy and one of x, under some taps of one plane of the kernel, in one sum. */
struct half_gradient_part {
    const struct half_gradient_slab *s;
    int sum, from; /* the slab's first stripe among all */
    int td;
    struct half_outer o;
};

/* Runs over the stripes of this sum whose source planes are inside. */
static void gradient_sum(struct half_gradient_part *p)
{
    const struct half_gradient_slab *s = p->s;
    const struct half_gradient *q = s->q;
    const struct half_axis *axis = &q->g.axis[0];
    struct half_run runs[MOST_RUNS];
    const int all = s->images * s->planes * s->stripes, size = q->g.src[0].s.d;
    p->o.runs = runs;
    p->o.count = 0;
    for (int i = 0; i < all; i++) {
        const int stripe = i % s->stripes, plane = i / s->stripes % s->planes,
                  image = i / s->stripes / s->planes,
                  left = q->g.axis[1].outputs - (s->s + stripe) * q->o.rows;
        if ((p->from + i) % q->o.sums != p->sum ||
            half_source(axis, axis->phase[0].from[p->td],
                s->d + plane + axis->phase[0].shift[p->td], size) < 0)
            continue;
        runs[p->o.count++] = (struct half_run){.a = (ptrdiff_t)((size_t)i * q->stripe),
            .b = (ptrdiff_t)((size_t)(image * (s->planes + axis->reach) + plane) * s->plane) +
                (ptrdiff_t)stripe * q->o.rows * q->o.pitch * LANES,
            .tiles = divide_up(min_int(q->o.rows, left) * q->o.pitch, HALF_DEPTH)};
        if (p->o.count < MOST_RUNS) continue;
        half_outer_sums(&p->o, q->g.unit);
        p->o.add = true;
        p->o.count = 0;
    }
    if (p->o.count > 0 || !p->o.add) half_outer_sums(&p->o, q->g.unit);
}

/* The first tile of a block of x under a tap. */
static const uint16_t *gradient_tap(
    const struct half_gradient_slab *s, int block, int td, int th, int tw)
{
    const struct half_gradient *q = s->q;
    const struct half_axis *axis = q->g.axis;
    const struct half_phase *d = &axis[0].phase[0], *h = &axis[1].phase[0], *w = &axis[2].phase[0];
    const int phase = (d->from[td] * axis[1].in_step + h->from[th]) * axis[2].in_step + w->from[tw];
    const int at = h->shift[th] * q->o.pitch + w->shift[tw], odd = at % 2;
    return q->x + (size_t)((2 * block + odd) * q->phases + phase) * s->phase +
        (size_t)d->shift[td] * s->plane + (size_t)(at - odd) * LANES;
}

static void gradient_task(void *arg, int task, int worker)
{
    const struct half_gradient_slab *s = arg;
    const struct half_gradient *q = s->q;
    const struct conv *c = &q->g.c;
    const struct shape y = c->y.s;
    const int groups = divide_up(q->out_blocks, 2), out = task % groups * 2,
              in = task / groups % q->in_blocks, sum = task / groups / q->in_blocks,
              first = (s->n * y.d + s->d) * q->o.stripes + s->s,
              all = s->images * s->planes * s->stripes, taps = c->kernel[1] * c->kernel[2];
    struct half_gradient_part p = {.s = s, .sum = sum, .from = first};
    struct half_outer *o = &p.o;
    o->na = min_int(2, q->out_blocks - out);
    for (int i = 0; i < o->na; i++) o->a[i] = q->dy + (size_t)((out + i) * all) * q->stripe;
    (void)worker;
    half_tiles_begin(q->g.unit);
    for (p.td = 0; p.td < c->kernel[0]; p.td++)
        for (int t = 0; t < taps; t += o->nb) {
            o->nb = min_int(HALF_TILES / o->na, taps - t);
            o->add = sum < first; /* the sum has begun */
            for (int i = 0; i < o->nb; i++)
                o->b[i] = gradient_tap(s, in, p.td, (t + i) / c->kernel[2], (t + i) % c->kernel[2]);
            for (int i = 0; i < o->na * o->nb; i++) {
                const int k = out + i / o->nb, tap = p.td * taps + t + i % o->nb;
                o->c[i] = q->sums + (size_t)sum * q->weights +
                    (size_t)((k * q->in_blocks + in) * conv_taps(c) + tap) * BLOCK;
            }
            gradient_sum(&p);
        }
    half_tiles_end(q->g.unit);
}

/* dw = the sums, in order; blocks become [c][k]. */
static void gradient_end_task(void *arg, int task, int worker)
{
    const struct half_gradient *q = arg;
    const int taps = conv_taps(&q->g.c);
    (void)worker;
    for (int i = 0; i < taps; i++) {
        const size_t at = (size_t)(task * taps + i) * BLOCK;
        float sum[BLOCK], turned[BLOCK];
        add_splits(q->sums + at, q->o.sums, q->weights, BLOCK, false, sum);
        transpose_blocks(sum, turned, 1);
        add_splits(turned, 1, 0, BLOCK, q->g.c.add[0], q->g.c.w + at);
    }
}

static bool gradient_sums_apart(const struct half_gradient *q)
{
    return q->o.sums > 1 || q->g.c.add[0];
}

static void gradient_run_slab(struct half_gradient_slab *s, struct pool *pool)
{
    const struct half_gradient *q = s->q;
    gradient_slab_sizes(s);
    const size_t x = gradient_x_size(s);
    memset(q->x + x - TAIL * LANES, 0, TAIL * LANES * sizeof *q->x);
    pool_run(pool, q->in_blocks * q->phases * s->images * (s->planes + q->g.axis[0].reach),
        gradient_x_task, s);
    pool_run(pool, q->out_blocks * s->images * s->planes * s->stripes, gradient_dy_task, s);
    pool_run(pool, divide_up(q->out_blocks, 2) * q->in_blocks * q->o.sums, gradient_task, s);
}

static void gradient_run(const struct conv *c, enum half_unit unit, void *work, struct pool *pool)
{
    struct half_gradient q;
    const struct shape y = c->y.s;
    gradient_plan(&q, c);
    q.g.unit = unit;
    q.x = work;
    q.dy = q.x + q.x_size;
    q.sums = gradient_sums_apart(&q) ? (float *)(void *)(q.dy + q.dy_size) : q.g.c.w;
    struct half_gradient_slab s = {.q = &q};
    for (s.n = 0; s.n < y.n; s.n += q.images)
        for (s.d = 0; s.d < y.d; s.d += q.planes)
            for (s.s = 0; s.s < q.o.stripes; s.s += q.stripes) {
                s.images = min_int(q.images, y.n - s.n);
                s.planes = min_int(q.planes, y.d - s.d);
                s.stripes = min_int(q.stripes, q.o.stripes - s.s);
                gradient_run_slab(&s, pool);
            }
    pool_run(pool, q.out_blocks * q.in_blocks, gradient_end_task, &q);
}

static size_t gradient_workspace(const struct conv *c, int threads)
{
    struct half_gradient q;
    (void)threads;
    gradient_plan(&q, c);
    /* whether it is added is not known yet */
    return (q.x_size + q.dy_size) * sizeof(uint16_t) + (size_t)q.o.sums * q.weights * sizeof(float);
}

#define HALF_IMPL_W(kind, unit, accepts)                                                           \
    static void kind##_backward_w(const struct conv *c, void *work, struct pool *pool)             \
    {                                                                                              \
        gradient_run(c, unit, work, pool);                                                         \
    }                                                                                              \
    const struct conv_impl ISA(conv_##kind##_backward_w) = {.name = CONV_BF16,                     \
        .by_name = true,                                                                           \
        .fits = accepts,                                                                           \
        .wins = conv_bf16_wins_w,                                                                  \
        .workspace = gradient_workspace,                                                           \
        .run = kind##_backward_w,                                                                  \
        .loads = true}

HALF_IMPL_W(half, HALF_PLAIN, conv_bf16_fits);
#if defined(ATT_ISA_avx512)
HALF_IMPL_W(pairs, HALF_PAIRS, half_pairs_fits);
HALF_IMPL_W(matrix, HALF_MATRIX, half_matrix_fits);
#endif
