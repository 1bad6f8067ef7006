/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions with products in bfloat16, forward and backward by input, on tiles
 * (fast_half_tile.h). The weights are rounded into tiles first. Then slabs of the source are
 * rounded into planes with their border of zeros, 32 channels of a pixel adjacent, pixels of
 * different phase apart. So all outputs of a slab read neighbouring pixels under one tap, over the
 * ends of rows, too: what a tile computes between rows is dropped. */
#include <string.h>

#include "base/cpu.h"
#include "kernel/fast_half_conv.h"

enum { TILE = HALF_DEPTH * LANES };

/* ---- weights */

/* A block [c][k] becomes half a tile: pairs of rows, one number of each in turn. */
static void interleave(const float *block, const bool matrix, uint16_t *to)
{
    uint16_t rows[BLOCK];
    for (int i = 0; i < BLOCK; i += VEC_LANES) half_put(rows + i, vec_load(block + i), matrix);
    for (int i = 0; i < BLOCK; i += 2 * LANES, to += 2 * LANES)
        for (int k = 0; k < LANES; k += 8) {
            const __m128i even = _mm_loadu_si128((const void *)(rows + i + k)),
                          odd = _mm_loadu_si128((const void *)(rows + i + LANES + k));
            _mm_storeu_si128((void *)(to + 2 * k), _mm_unpacklo_epi16(even, odd));
            _mm_storeu_si128((void *)(to + 2 * k + 8), _mm_unpackhi_epi16(even, odd));
        }
}

/* 16 channels of a block of the source under a tap, half a tile; tap < 0: zeros. */
static void half_weights(const struct half_conv *g, int dst, int src, int tap, uint16_t *to)
{
    const ptrdiff_t in_blocks = conv_in_blocks(&g->c), taps = conv_taps(&g->c);
    float turned[BLOCK];
    if (src >= g->src_blocks || tap < 0) {
        memset(to, 0, TILE / 2 * sizeof *to);
    } else if (g->backward) {
        transpose_blocks(g->c.w + ((src * in_blocks + dst) * taps + tap) * BLOCK, turned, 1);
        interleave(turned, g->matrix, to);
    } else {
        interleave(g->c.w + ((dst * in_blocks + src) * taps + tap) * BLOCK, g->matrix, to);
    }
}

/* The phases of an output along the three axes. Items are taps, along w pairs of them if paired. */
struct half_out {
    const struct half_phase *p[3];
    int f[3];
    int wide, items; /* along w; all */
};

static struct half_out half_out_at(const struct half_conv *g, int phase)
{
    const int h = g->axis[1].out_step, w = g->axis[2].out_step;
    struct half_out o = {.f = {phase / w / h, phase / w % h, phase % w}};
    for (int i = 0; i < 3; i++) o.p[i] = &g->axis[i].phase[o.f[i]];
    o.wide = g->paired ? divide_up(o.p[2]->taps, 2) : o.p[2]->taps;
    o.items = o.p[0]->taps * o.p[1]->taps * o.wide;
    return o;
}

static int half_out_phases(const struct half_conv *g)
{
    return g->axis[0].out_step * g->axis[1].out_step * g->axis[2].out_step;
}

/* The taps of an item: their numbers along each axis. `at` is the one whose place comes first;
 * *other is the second along w, or -1. */
static void half_item_at(
    const struct half_conv *g, const struct half_out *o, int i, int at[3], int *other)
{
    at[2] = i % o->wide;
    at[1] = i / o->wide % o->p[1]->taps;
    at[0] = i / o->wide / o->p[1]->taps;
    *other = -1;
    if (!g->paired) return;
    at[2] *= 2;
    if (at[2] + 1 == o->p[2]->taps) return;
    *other = at[2] + !g->backward;
    at[2] += g->backward;
}

/* One pair of source blocks for one block of outputs: [phase][pair][item]. */
static void half_weights_task(void *arg, int task, int worker)
{
    const struct half_conv *g = arg;
    const int pair = task % g->pairs, wanted = task / g->pairs, *kernel = g->c.kernel;
    const struct half_block to = half_block_at(g, g->dst, g->ndst, wanted, true);
    uint16_t *phase = g->w + (size_t)wanted * g->w_block;
    (void)worker;
    for (int f = 0; f < half_out_phases(g); f++) {
        const struct half_out o = half_out_at(g, f);
        for (int i = 0; i < o.items; i++) {
            int at[3], other;
            half_item_at(g, &o, i, at, &other);
            uint16_t *tile = phase + (size_t)(pair * o.items + i) * TILE;
            const int row = (o.p[0]->tap[at[0]] * kernel[1] + o.p[1]->tap[at[1]]) * kernel[2];
            const int tap = row + o.p[2]->tap[at[2]],
                      second = g->paired ? other < 0 ? -1 : row + o.p[2]->tap[other] : tap;
            half_weights(g, to.base, 2 * pair, tap, tile);
            half_weights(g, to.base, g->paired ? 0 : 2 * pair + 1, second, tile + TILE / 2);
        }
        phase += (size_t)(g->pairs * o.items) * TILE;
    }
}

/* ---- a slab of the source */

/* A slab of one image: its first output along the cut axis, their number. */
struct half_slab {
    const struct half_conv *g;
    int n, first, count;
    int rows, tasks; /* of one pair: rows of pixels, groups of these */
};

enum { ROWS_AT_ONCE = 8 };

static int slab_places(const struct half_slab *s, int axis)
{
    const struct half_conv *g = s->g;
    return (axis == g->cut ? s->count : g->axis[axis].outputs) + g->axis[axis].reach;
}

/* Where a phase's place is in the source along an axis, or -1. */
static int slab_source(const struct half_slab *s, int axis, int phase, int place, int size)
{
    return half_source(&s->g->axis[axis], phase, (axis == s->g->cut ? s->first : 0) + place, size);
}

/* A row of one phase; d, h: the source's, or -1. */
static void slab_row(const struct half_slab *s, int pair, int phase, int d, int h, uint16_t *to)
{
    const struct half_conv *g = s->g;
    const struct half_axis *a = &g->axis[2];
    const struct shape size = g->src[0].s;
    const int places = slab_places(s, 2);
    int begin = 0, end = 0;
    if (d >= 0 && h >= 0) {
        while (begin < places && slab_source(s, 2, phase, begin, size.w) < 0) begin++;
        end = begin < places
            ? divide_up(size.w - slab_source(s, 2, phase, begin, size.w), a->in_step)
            : 0;
        end = min_int(places, begin + end);
    }
    memset(to, 0, (size_t)(min_int(begin, places) * g->depth) * sizeof *to);
    for (int b = 2 * pair; b < 2 * pair + g->depth / LANES && begin < end; b++) {
        uint16_t *first = to + begin * g->depth + b % 2 * LANES;
        if (b >= g->src_blocks) {
            for (int i = 0; i < end - begin; i++)
                memset(first + i * g->depth, 0, LANES * sizeof *first);
            continue;
        }
        const struct half_block from = half_block_at(g, g->src, g->nsrc, b, false);
        const size_t pixel = ((size_t)d * (size_t)size.h + (size_t)h) * (size_t)size.w +
            (size_t)slab_source(s, 2, phase, begin, size.w);
        half_pixels(g, s->n, &from, pixel, a->in_step, end - begin, first, g->depth);
    }
    const int rest = max_int(begin, end);
    memset(to + rest * g->depth, 0, (size_t)((places - rest) * g->depth) * sizeof *to);
}

/* Some rows of one pair: [phase d][phase h][phase w][place d][place h][place w]. */
static void half_slab_task(void *arg, int task, int worker)
{
    const struct half_slab *s = arg;
    const struct half_conv *g = s->g;
    const struct shape size = g->src[0].s;
    const int pair = task / s->tasks, begin = task % s->tasks * ROWS_AT_ONCE,
              end = min_int(begin + ROWS_AT_ONCE, s->rows), places = slab_places(s, 1),
              row = slab_places(s, 2) * g->depth;
    (void)worker;
    for (int i = begin; i < end; i++) {
        const int plane = i / places, h = i % places, d = plane % slab_places(s, 0),
                  phases = plane / slab_places(s, 0), ph = phases % g->axis[1].in_step,
                  pd = phases / g->axis[1].in_step;
        for (int pw = 0; pw < g->axis[2].in_step; pw++)
            slab_row(s, pair, pw, slab_source(s, 0, pd, d, size.d),
                slab_source(s, 1, ph, h, size.h),
                g->a + (size_t)pair * g->a_pair +
                    (size_t)(phases * g->axis[2].in_step + pw) * g->plane +
                    (size_t)(d * places + h) * (size_t)row);
    }
}

/* ---- products */

/* Some blocks of outputs of a slab. */
struct half_part {
    const struct half_slab *s;
    struct half_out o;
    int block, blocks;
    int outputs[3], pitch[2]; /* pixels from plane to plane and from row to row */
};

/* y = act(scale*map*sum + b) for `count` pixels of a row, or added. sum: of the first one. */
static void half_finish(const struct half_part *part, int block, const int at[3], int count,
    const float *const sum[], int from)
{
    const struct half_conv *g = part->s->g;
    const struct half_block to = half_block_at(g, g->dst, g->ndst, part->block + block, true);
    const struct tensor *t = to.t;
    const bool add = g->c.add[g->backward ? to.x : 0];
    const int step = g->axis[2].out_step;
    size_t pixel = 0;
    const int size[3] = {t->s.d, t->s.h, t->s.w};
    for (int i = 0; i < 3; i++)
        pixel = pixel * (size_t)size[i] + (size_t)(at[i] * g->axis[i].out_step + part->o.f[i]);
    const float *map = g->c.map ? g->c.map + (size_t)part->s->n * shape_pixels(t->s) + pixel : NULL;
    size_t y = tensor_first(t, part->s->n, to.block * LANES) + pixel * LANES;
    for (int i = from; i < from + count; i++, y += (size_t)step * LANES)
        UNROLL for (int v = 0; v < LANES; v += VEC_LANES)
        {
            vec r = vec_load(sum[i / HALF_ROWS] + i % HALF_ROWS * LANES + v);
            if (map) r = vec_mul(r, vec_set(map[(i - from) * step]));
            if (g->c.scale) r = vec_mul(r, vec_load(g->c.scale + to.base * LANES + v));
            if (g->c.b) r = vec_add(r, vec_load(g->c.b + to.base * LANES + v));
            map_put_or_add(t->p, y + (size_t)v, vec_act(r, g->c.act), VEC_LANES, t->half, add);
        }
}

/* The next place from `at` on that is an output. */
static int next_output(const struct half_part *p, int at, int place[3])
{
    place[0] = at / p->pitch[0];
    place[1] = at % p->pitch[0] / p->pitch[1];
    place[2] = at % p->pitch[1];
    if (place[2] >= p->outputs[2]) {
        place[2] = 0;
        place[1]++;
    }
    if (place[1] >= p->outputs[1]) {
        place[1] = place[2] = 0;
        place[0]++;
    }
    return place[0] * p->pitch[0] + place[1] * p->pitch[1] + place[2];
}

/* Writes the outputs among places at..end-1. */
static void half_store_outputs(const struct half_part *p, int at, int end, const float *c)
{
    int place[3];
    for (int from = 0, next;
         (next = next_output(p, at + from, place)) < end && place[0] < p->outputs[0];) {
        const int count = min_int(p->outputs[2] - place[2], end - next);
        from = next - at;
        if (p->s->g->cut < 2) place[p->s->g->cut] += p->s->first;
        for (int b = 0; b < p->blocks; b++) {
            const float *sum[HALF_TILES];
            for (int i = 0; i < HALF_TILES / p->blocks; i++)
                sum[i] = c + (i * p->blocks + b) * HALF_ROWS * LANES;
            half_finish(p, b, place, count, sum, from);
        }
        from += count;
    }
}

struct half_work {
    const struct half_slab *s;
    int groups, chunks; /* of blocks of outputs, of places */
};

static void half_product_task(void *arg, int task, int worker)
{
    const struct half_work *work = arg;
    const struct half_slab *s = work->s;
    const struct half_conv *g = s->g;
    const int group = task % work->groups, chunk = task / work->groups % work->chunks,
              phase = task / work->groups / work->chunks;
    struct half_part part = {.s = s, .o = half_out_at(g, phase), .block = 2 * group};
    const struct half_out *o = &part.o;
    part.blocks = min_int(2, g->dst_blocks - part.block);
    part.pitch[1] = slab_places(s, 2);
    part.pitch[0] = slab_places(s, 1) * part.pitch[1];
    for (int i = 0; i < 3; i++)
        part.outputs[i] =
            i == g->cut ? min_int(s->count, o->p[i]->outputs - s->first) : o->p[i]->outputs;
    ptrdiff_t at[CONV_BF16_TAPS];
    for (int i = 0; i < o->items; i++) {
        int t[3], from[3], shift[3], other;
        half_item_at(g, o, i, t, &other);
        for (int k = 0; k < 3; k++) {
            from[k] = o->p[k]->from[t[k]];
            shift[k] = o->p[k]->shift[t[k]];
        }
        at[i] =
            ((ptrdiff_t)(from[0] * g->axis[1].in_step + from[1]) * g->axis[2].in_step + from[2]) *
                (ptrdiff_t)g->plane +
            (ptrdiff_t)(shift[0] * part.pitch[0] + shift[1] * part.pitch[1] + shift[2]) * g->depth;
    }
    struct half_product p = {.a_pair = (ptrdiff_t)g->a_pair,
        .at = at,
        .pairs = g->pairs,
        .taps = o->items,
        .depth = g->depth,
        .blocks = part.blocks,
        .b_block = (ptrdiff_t)g->w_block};
    p.b = g->w + (size_t)part.block * g->w_block;
    for (int f = 0; f < phase; f++) p.b += (size_t)(g->pairs * half_out_at(g, f).items) * TILE;
    _Alignas(64) float c[HALF_TILES * HALF_ROWS * LANES];
    const int end = (chunk + 1) * g->chunk, wide = HALF_TILES / part.blocks * HALF_ROWS;
    (void)worker;
    half_tiles_begin(g->matrix);
    int place[3];
    for (int q = next_output(&part, chunk * g->chunk, place); q < end && place[0] < part.outputs[0];
         q = next_output(&part, q + wide, place)) {
        p.a = g->a + (size_t)(q * g->depth);
        half_products(&p, g->matrix, c);
        half_store_outputs(&part, q, min_int(q + wide, end), c);
    }
    half_tiles_end(g->matrix);
}

static void run_half(
    const struct conv *c, bool backward, bool matrix, void *work, struct pool *pool)
{
    struct half_conv g;
    half_plan(&g, c, backward);
    g.matrix = matrix;
    g.a = work;
    g.w = g.a + g.a_size;
    /* the last place may be read with the next one, whose weights are 0 */
    memset(g.a + g.a_pair * (size_t)g.pairs, 0, HALF_DEPTH * sizeof *g.a);
    pool_run(pool, g.dst_blocks * g.pairs, half_weights_task, &g);
    for (int n = 0; n < g.dst[0].s.n; n++)
        for (int first = 0; first < g.axis[g.cut].outputs; first += g.each) {
            struct half_slab s = {.g = &g, .n = n, .first = first};
            s.count = min_int(g.each, g.axis[g.cut].outputs - first);
            s.rows =
                g.axis[0].in_step * g.axis[1].in_step * slab_places(&s, 0) * slab_places(&s, 1);
            s.tasks = divide_up(s.rows, ROWS_AT_ONCE);
            pool_run(pool, g.pairs * s.tasks, half_slab_task, &s);
            const int places = slab_places(&s, 0) * slab_places(&s, 1) * slab_places(&s, 2);
            struct half_work w = {&s, divide_up(g.dst_blocks, 2), divide_up(places, g.chunk)};
            pool_run(pool, w.groups * w.chunks * half_out_phases(&g), half_product_task, &w);
        }
}

static size_t half_workspace(const struct conv *c, bool backward)
{
    struct half_conv g;
    half_plan(&g, c, backward);
    return (g.a_size + (size_t)g.dst_blocks * g.w_block) * sizeof(uint16_t);
}

static size_t half_forward_workspace(const struct conv *c, int threads)
{
    (void)threads;
    return half_workspace(c, false);
}
static size_t half_backward_workspace(const struct conv *c, int threads)
{
    (void)threads;
    return half_workspace(c, true);
}
static void half_forward(const struct conv *c, void *work, struct pool *pool)
{
    run_half(c, false, false, work, pool);
}
static void half_backward(const struct conv *c, void *work, struct pool *pool)
{
    run_half(c, true, false, work, pool);
}

const struct conv_impl ISA(conv_half_forward) = {.name = CONV_BF16,
    .by_name = true,
    .fits = conv_bf16_fits,
    .wins = conv_bf16_wins,
    .workspace = half_forward_workspace,
    .run = half_forward,
    .loads = true};
const struct conv_impl ISA(conv_half_backward_x) = {.name = CONV_BF16,
    .by_name = true,
    .fits = conv_bf16_fits,
    .wins = conv_bf16_wins,
    .workspace = half_backward_workspace,
    .run = half_backward};

#if defined(ATT_ISA_avx512)
static bool half_matrix_fits(const struct conv *c) { return conv_bf16_fits(c) && cpu_matrix(); }
static void half_matrix_forward(const struct conv *c, void *work, struct pool *pool)
{
    run_half(c, false, true, work, pool);
}
static void half_matrix_backward(const struct conv *c, void *work, struct pool *pool)
{
    run_half(c, true, true, work, pool);
}

const struct conv_impl conv_matrix_forward = {.name = CONV_BF16,
    .by_name = true,
    .fits = half_matrix_fits,
    .wins = conv_bf16_wins,
    .workspace = half_forward_workspace,
    .run = half_matrix_forward,
    .loads = true};
const struct conv_impl conv_matrix_backward_x = {.name = CONV_BF16,
    .by_name = true,
    .fits = half_matrix_fits,
    .wins = conv_bf16_wins,
    .workspace = half_backward_workspace,
    .run = half_matrix_backward};
#endif
