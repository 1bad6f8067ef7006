/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions with products in bfloat16, forward and backward by input, on tiles
 * (fast_half_tile.h). The weights are rounded into tiles first. Then slabs of the source are
 * rounded into planes with their border of zeros, 32 channels of a pixel adjacent, pixels of
 * different phase apart. So all outputs of a plane read neighbouring pixels under one tap, over the
 * ends of rows, too: what a tile computes between rows is dropped. Where the weights fit, each
 * worker rounds its own slabs: they stay in its cache, and its neighbour's products go on. */
#include <string.h>

#include "kernel/fast_half_conv.h"

enum { TILE = HALF_DEPTH * LANES, LINE = 64 /* bytes of a cache line */ };

/* ---- weights */

/* A block [c][k] becomes half a tile: pairs of rows, one number of each in turn. */
static void interleave(const float *block, const bool fast, uint16_t *to)
{
    uint16_t rows[BLOCK];
    for (int i = 0; i < BLOCK; i += VEC_LANES) half_put(rows + i, vec_load(block + i), fast);
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
        interleave(turned, g->unit != HALF_PLAIN, to);
    } else {
        interleave(
            g->c.w + ((dst * in_blocks + src) * taps + tap) * BLOCK, g->unit != HALF_PLAIN, to);
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

/* A slab of one image: its first output along d and h, their numbers. */
struct half_slab {
    const struct half_conv *g;
    uint16_t *a;
    int n, first[2], count[2];
    int rows, tasks; /* of one pair: rows of pixels, groups of these */
};

enum { ROWS_AT_ONCE = 8 };

static int slab_places(const struct half_slab *s, int axis)
{
    const struct half_axis *a = &s->g->axis[axis];
    return (axis < 2 ? s->count[axis] : a->outputs) + a->reach;
}

/* Where a phase's place is in the source along d or h, or -1. */
static int slab_source(const struct half_slab *s, int axis, int phase, int place, int size)
{
    return half_source(&s->g->axis[axis], phase, s->first[axis] + place, size);
}

/* A row of one phase; d, h: the source's, or -1. If paired, each place holds the next one, too. */
static void slab_row(const struct half_slab *s, int pair, int phase, int d, int h, uint16_t *to)
{
    const struct half_conv *g = s->g;
    const struct half_axis *a = &g->axis[2];
    const struct shape size = g->src[0].s;
    const int places = slab_places(s, 2);
    int begin = 0, end = 0;
    if (d >= 0 && h >= 0) {
        while (begin < places && half_source(a, phase, begin, size.w) < 0) begin++;
        end = begin < places ? divide_up(size.w - half_source(a, phase, begin, size.w), a->in_step)
                             : 0;
        end = min_int(places, begin + end);
    }
    memset(to, 0, (size_t)(min_int(begin, places) * HALF_DEPTH) * sizeof *to);
    for (int b = 2 * pair; b < 2 * pair + (g->paired ? 1 : 2) && begin < end; b++) {
        uint16_t *first = to + begin * HALF_DEPTH + b % 2 * LANES;
        if (b >= g->src_blocks) {
            for (int i = 0; i < end - begin; i++)
                memset(first + i * HALF_DEPTH, 0, LANES * sizeof *first);
            continue;
        }
        const struct half_block from = half_block_at(g, g->src, g->nsrc, b, false);
        const size_t pixel = ((size_t)d * (size_t)size.h + (size_t)h) * (size_t)size.w +
            (size_t)half_source(a, phase, begin, size.w);
        half_pixels(g, s->n, &from, pixel, a->in_step, end - begin, first, HALF_DEPTH);
    }
    const int rest = max_int(begin, end);
    memset(to + rest * HALF_DEPTH, 0, (size_t)((places - rest) * HALF_DEPTH) * sizeof *to);
    if (g->paired && begin < end) {
        for (int i = max_int(begin, 1); i < end; i++)
            memcpy(to + i * HALF_DEPTH - LANES, to + i * HALF_DEPTH, LANES * sizeof *to);
        memset(to + (end - 1) * HALF_DEPTH + LANES, 0, LANES * sizeof *to);
    }
    half_swap(g, to, places * HALF_DEPTH);
}

/* A row of places of one pair: [phase d][phase h][phase w][plane of the ring][place h][place w].
 * phases: along d and h. */
static void slab_rows(const struct half_slab *s, int pair, int phases, int d, int h)
{
    const struct half_conv *g = s->g;
    const struct shape size = g->src[0].s;
    const int wide = g->axis[2].in_step;
    const int from_d = slab_source(s, 0, phases / g->axis[1].in_step, d, size.d),
              from_h = slab_source(s, 1, phases % g->axis[1].in_step, h, size.h);
    uint16_t *to = s->a + (size_t)pair * g->a_pair + (size_t)(phases * wide) * g->plane +
        (size_t)((d % g->ring * slab_places(s, 1) + h) * slab_places(s, 2)) * HALF_DEPTH;
    for (int pw = 0; pw < wide; pw++, to += g->plane) slab_row(s, pair, pw, from_d, from_h, to);
}

/* Some rows of one pair of a shared slab. */
static void half_slab_task(void *arg, int task, int worker)
{
    const struct half_slab *s = arg;
    const int pair = task / s->tasks, begin = task % s->tasks * ROWS_AT_ONCE,
              end = min_int(begin + ROWS_AT_ONCE, s->rows), high = slab_places(s, 1),
              deep = slab_places(s, 0);
    (void)worker;
    for (int i = begin; i < end; i++)
        slab_rows(s, pair, i / high / deep, i / high % deep, i % high);
}

/* A plane of places of all pairs. */
static void slab_plane(const struct half_slab *s, int d)
{
    const struct half_conv *g = s->g;
    const int high = slab_places(s, 1), phases = g->axis[0].in_step * g->axis[1].in_step;
    for (int i = 0; i < g->pairs * phases * high; i++)
        slab_rows(s, i / high / phases, i / high % phases, d, i % high);
}

/* ---- products */

/* One or two blocks of outputs of a slab, in one plane. */
struct half_part {
    const struct half_slab *s;
    struct half_out o;
    int block, blocks;
    int d, width, pitch; /* the plane; outputs of its rows; places from row to row */
};

/* y = act(scale*map*sum + b) of `count` pixels, or added. */
struct half_finish {
    const float *sum[HALF_TILES]; /* of all pixels; */
    int from, count, step;        /* the first one here; pixels apart in y */
    const float *map, *scale, *b; /* or NULL */
    void *y;
    size_t at;
    bool add;
};

INLINE void half_finish_row(const enum act act, const bool half, const struct half_finish *f)
{
    UNROLL for (int v = 0; v < LANES; v += VEC_LANES)
    {
        const vec scale = f->scale ? vec_load(f->scale + v) : vec_zero(),
                  b = f->b ? vec_load(f->b + v) : vec_zero();
        size_t y = f->at + (size_t)v;
        for (int i = 0; i < f->count; i++, y += (size_t)f->step * LANES) {
            const int at = f->from + i;
            vec r = vec_load(f->sum[at / HALF_ROWS] + at % HALF_ROWS * LANES + v);
            if (f->map) r = vec_mul(r, vec_set(f->map[i * f->step]));
            if (f->scale) r = vec_mul(r, scale);
            if (f->b) r = vec_add(r, b);
            map_put_or_add(f->y, y, vec_act(r, act), VEC_LANES, half, f->add);
        }
    }
}

/* An output: its block, the pixel, the number of its first channel. */
struct half_dst {
    struct half_block to;
    size_t pixel, at;
};

static struct half_dst half_dst_at(const struct half_part *p, int block, int h, int w)
{
    const struct half_conv *g = p->s->g;
    struct half_dst o = {.to = half_block_at(g, g->dst, g->ndst, p->block + block, true)};
    const struct tensor *t = o.to.t;
    const int at[3] = {p->s->first[0] + p->d, p->s->first[1] + h, w};
    const int size[3] = {t->s.d, t->s.h, t->s.w};
    for (int i = 0; i < 3; i++)
        o.pixel = o.pixel * (size_t)size[i] + (size_t)(at[i] * g->axis[i].out_step + p->o.f[i]);
    o.at = tensor_first(t, p->s->n, o.to.block * LANES) + o.pixel * LANES;
    return o;
}

/* Some neighbours in row h from place w on. */
static void half_finish(const struct half_part *p, int block, int h, int w, struct half_finish *f)
{
    const struct half_conv *g = p->s->g;
    const struct half_dst o = half_dst_at(p, block, h, w);
    const struct tensor *t = o.to.t;
    f->step = g->axis[2].out_step;
    f->map = g->c.map ? g->c.map + (size_t)p->s->n * shape_pixels(t->s) + o.pixel : NULL;
    f->scale = g->c.scale ? g->c.scale + o.to.base * LANES : NULL;
    f->b = g->c.b ? g->c.b + o.to.base * LANES : NULL;
    f->y = t->p;
    f->at = o.at;
    f->add = g->c.add[g->backward ? o.to.x : 0];
    BY_ACT_HALF(g->c.act, t->half, half_finish_row, f)
}

/* The next place from `at` on that is an output. */
static int next_output(const struct half_part *p, int at)
{
    return at % p->pitch < p->width ? at : (at / p->pitch + 1) * p->pitch;
}

/* Gets the lines of outputs from place q on, which are written when the products are there. */
static void half_fetch_outputs(const struct half_part *p, int q, int places)
{
    for (int b = 0; b < p->blocks; b++) {
        const struct half_dst o = half_dst_at(p, b, q / p->pitch, q % p->pitch);
        const char *from = tensor_at(o.to.t, o.at);
        const size_t count = (size_t)(places * p->s->g->axis[2].out_step * LANES),
                     bytes = count * tensor_element(o.to.t);
        for (size_t i = 0; i < bytes; i += LINE) fetch_to_write(from + i);
    }
}

/* Writes the outputs among places at..end-1. */
static void half_store_outputs(const struct half_part *p, int at, int end, const float *c)
{
    for (int q = next_output(p, at); q < end; q = next_output(p, q)) {
        const int w = q % p->pitch, count = min_int(p->width - w, end - q);
        for (int b = 0; b < p->blocks; b++) {
            struct half_finish f = {.from = q - at, .count = count};
            for (int i = 0; i < HALF_TILES / p->blocks; i++)
                f.sum[i] = c + (i * p->blocks + b) * HALF_ROWS * LANES;
            half_finish(p, b, q / p->pitch, w, &f);
        }
        q += count;
    }
}

/* Where each item's place lies from the first output of plane d on. */
static void half_items_at(
    const struct half_slab *s, const struct half_out *o, int d, ptrdiff_t at[])
{
    const struct half_conv *g = s->g;
    for (int i = 0; i < o->items; i++) {
        int t[3], from[3], shift[3], other;
        half_item_at(g, o, i, t, &other);
        for (int k = 0; k < 3; k++) {
            from[k] = o->p[k]->from[t[k]];
            shift[k] = o->p[k]->shift[t[k]];
        }
        const int phase = (from[0] * g->axis[1].in_step + from[1]) * g->axis[2].in_step + from[2];
        const int row = (d + shift[0]) % g->ring * slab_places(s, 1) + shift[1];
        at[i] = phase * (ptrdiff_t)g->plane +
            ((ptrdiff_t)row * slab_places(s, 2) + shift[2]) * HALF_DEPTH;
    }
}

/* Rows `begin` to end-1 of one plane, for one or two blocks of outputs. */
static void half_rows(const struct half_slab *s, int phase, int group, int d, int begin, int end)
{
    const struct half_conv *g = s->g;
    struct half_part part = {.s = s, .o = half_out_at(g, phase), .block = 2 * group, .d = d};
    const struct half_out *o = &part.o;
    if (d >= o->p[0]->outputs - s->first[0]) return;
    part.blocks = min_int(2, g->dst_blocks - part.block);
    part.pitch = slab_places(s, 2);
    part.width = o->p[2]->outputs;
    end = min_int(end, o->p[1]->outputs - s->first[1]);
    ptrdiff_t at[CONV_BF16_TAPS];
    half_items_at(s, o, d, at);
    struct half_product p = {.a_pair = (ptrdiff_t)g->a_pair,
        .at = at,
        .pairs = g->pairs,
        .taps = o->items,
        .blocks = part.blocks,
        .b_block = (ptrdiff_t)g->w_block};
    p.b = g->w + (size_t)part.block * g->w_block;
    for (int f = 0; f < phase; f++) p.b += (size_t)(g->pairs * half_out_at(g, f).items) * TILE;
    _Alignas(64) float c[HALF_TILES * HALF_ROWS * LANES];
    const int wide = HALF_TILES / part.blocks * HALF_ROWS,
              last = (end - 1) * part.pitch + part.width; /* behind the last output */
    for (int q = begin * part.pitch; q < last; q = next_output(&part, q + wide)) {
        p.a = s->a + (size_t)(q * HALF_DEPTH);
        p.groups = divide_up(min_int(wide, last - q), HALF_ROWS);
        half_fetch_outputs(&part, q, min_int(wide, last - q));
        half_products(&p, g->unit, c);
        half_store_outputs(&part, q, min_int(q + wide, last), c);
    }
}

/* A shared slab: some rows of some planes of some blocks. */
struct half_work {
    const struct half_slab *s;
    int groups, deep, high; /* groups of outputs; planes and rows of a task */
    int tasks[2];           /* along d and h */
};

static void half_product_task(void *arg, int task, int worker)
{
    const struct half_work *w = arg;
    const struct half_slab *s = w->s;
    const int group = task % w->groups, high = task / w->groups % w->tasks[1] * w->high,
              deep = task / w->groups / w->tasks[1] % w->tasks[0] * w->deep,
              phase = task / w->groups / w->tasks[1] / w->tasks[0];
    (void)worker;
    half_tiles_begin(s->g->unit);
    for (int d = deep; d < min_int(deep + w->deep, s->count[0]); d++)
        half_rows(s, phase, group, d, high, min_int(high + w->high, s->count[1]));
    half_tiles_end(s->g->unit);
}

static struct half_slab half_slab_at(const struct half_conv *g, int n, int d, int h)
{
    return (struct half_slab){.g = g,
        .a = g->a,
        .n = n,
        .first = {d, h},
        .count = {min_int(g->each[0], g->axis[0].outputs - d),
            min_int(g->each[1], g->axis[1].outputs - h)}};
}

static void half_share_slab(struct half_slab *s, struct pool *pool)
{
    const struct half_conv *g = s->g;
    s->rows = g->axis[0].in_step * g->axis[1].in_step * slab_places(s, 0) * slab_places(s, 1);
    s->tasks = divide_up(s->rows, ROWS_AT_ONCE);
    pool_run(pool, g->pairs * s->tasks, half_slab_task, s);
    struct half_work w = {.s = s, .groups = divide_up(g->dst_blocks, 2)};
    const int rows = max_int(1, g->chunk / slab_places(s, 2));
    w.high = min_int(rows, s->count[1]);
    w.deep = max_int(1, rows / s->count[1]);
    w.tasks[0] = divide_up(s->count[0], w.deep);
    w.tasks[1] = divide_up(s->count[1], w.high);
    pool_run(pool, w.groups * w.tasks[0] * w.tasks[1] * half_out_phases(g), half_product_task, &w);
}

/* All of a slab by one worker, plane after plane. */
static void half_slab_apart(void *arg, int task, int worker)
{
    const struct half_conv *g = arg;
    const int high = divide_up(g->axis[1].outputs, g->each[1]),
              deep = divide_up(g->axis[0].outputs, g->each[0]), phases = half_out_phases(g);
    struct half_slab s = half_slab_at(
        g, task / high / deep, task / high % deep * g->each[0], task % high * g->each[1]);
    s.a = g->a + (size_t)worker * g->a_size;
    half_tiles_begin(g->unit);
    for (int d = 0, have = 0; d < s.count[0]; d++) {
        for (; have <= d + g->axis[0].reach; have++) slab_plane(&s, have);
        for (int i = 0; i < phases * divide_up(g->dst_blocks, 2); i++)
            half_rows(&s, i % phases, i / phases, d, 0, s.count[1]);
    }
    half_tiles_end(g->unit);
}

static void run_half(
    const struct conv *c, bool backward, enum half_unit unit, void *work, struct pool *pool)
{
    struct half_conv g;
    const int threads = pool_threads(pool);
    half_plan(&g, c, backward, threads);
    g.unit = unit;
    g.a = work;
    g.w = g.a + g.a_size * (size_t)(g.apart ? threads : 1);
    pool_run(pool, g.dst_blocks * g.pairs, half_weights_task, &g);
    const int deep = divide_up(g.axis[0].outputs, g.each[0]),
              high = divide_up(g.axis[1].outputs, g.each[1]), slabs = g.dst[0].s.n * deep * high;
    if (g.apart) {
        pool_run(pool, slabs, half_slab_apart, &g);
        return;
    }
    for (int i = 0; i < slabs; i++) {
        struct half_slab s =
            half_slab_at(&g, i / high / deep, i / high % deep * g.each[0], i % high * g.each[1]);
        half_share_slab(&s, pool);
    }
}

static size_t half_workspace(const struct conv *c, bool backward, int threads)
{
    struct half_conv g;
    half_plan(&g, c, backward, threads);
    return (g.a_size * (size_t)(g.apart ? threads : 1) + (size_t)g.dst_blocks * g.w_block) *
        sizeof(uint16_t);
}

static size_t half_forward_workspace(const struct conv *c, int threads)
{
    return half_workspace(c, false, threads);
}
static size_t half_backward_workspace(const struct conv *c, int threads)
{
    return half_workspace(c, true, threads);
}

#define HALF_IMPL(kind, unit, accepts)                                                             \
    static void kind##_forward(const struct conv *c, void *work, struct pool *pool)                \
    {                                                                                              \
        run_half(c, false, unit, work, pool);                                                      \
    }                                                                                              \
    static void kind##_backward_x(const struct conv *c, void *work, struct pool *pool)             \
    {                                                                                              \
        run_half(c, true, unit, work, pool);                                                       \
    }                                                                                              \
    const struct conv_impl ISA(conv_##kind##_forward) = {.name = CONV_BF16,                        \
        .by_name = true,                                                                           \
        .fits = accepts,                                                                           \
        .workspace = half_forward_workspace,                                                       \
        .run = kind##_forward,                                                                     \
        .loads = true};                                                                            \
    const struct conv_impl ISA(conv_##kind##_backward_x) = {.name = CONV_BF16,                     \
        .by_name = true,                                                                           \
        .fits = accepts,                                                                           \
        .workspace = half_backward_workspace,                                                      \
        .run = kind##_backward_x}

HALF_IMPL(half, HALF_PLAIN, conv_bf16_fits);
#if defined(ATT_ISA_avx512)
HALF_IMPL(pairs, HALF_PAIRS, half_pairs_fits);
HALF_IMPL(matrix, HALF_MATRIX, half_matrix_fits);
#endif
