/* SPDX-License-Identifier: Apache-2.0 */
/* Direct convolution, backward by weight: dw[k][c][t] = sum over n, o of dy[n,k,o] * x[n,c,o*stride + t - pad].
 *
 * Output pixels are cut into tiles of about TILE_PIXELS, small enough for L1 with the x and dy of one block each; for every tile a task
 * goes through its blocks and all taps, and adds to its part of dw.  Tasks are parts of dw (output blocks times input blocks); where those
 * are too few, the tiles are split too, and each split sums into a copy of its own, which are added in order at the end.
 *
 * Planar tensors are turned into blocks tile by tile: dy as it is, x into one lane per channel and tap, so that a convolution of a few
 * channels becomes one of a few blocks with a single tap. */
#include <string.h>

#include "kernel/fast_conv.h"
#include "kernel/kernel_fill.h"

enum {
    TILE_PIXELS = 144,
    PART_WEIGHTS = 96 * 1024, /* of dw per task, so that it stays in L2 */
    ENOUGH_TASKS = 16,
    SPLIT_TASKS = 32,
    SUM_PIECE = 4096
};

struct gradient {
    const struct conv *c;
    bool planar_x, planar_y;
    int out_blocks, in_blocks, taps; /* of the sums; planar x: in_blocks counts lanes of channels times taps, and taps is 1 */
    size_t weights;                  /* of the sums */
    int rows, tile_rows, row_tiles;  /* rows are n, d, h; a tile is tile_rows rows ... */
    int pieces;                      /* ... times one of `pieces` pieces of them */
    int out_part, in_part;           /* blocks of a task */
    int out_parts, in_parts, splits;
    float *sums;  /* splits times weights; NULL: straight into c->w */
    float *lanes; /* for planar tensors, per worker: [block][pixel][LANES] of dy, then of x */
    size_t lanes_size;
};

static int smaller(int a, int b) { return a < b ? a : b; }
static int larger(int a, int b) { return a > b ? a : b; }
static int up(int a, int b) { return (a + b - 1) / b; }

/* ---- the plan: a pure function of the shapes */

static void plan_tiles(struct gradient *g)
{
    const struct shape s = g->c->y.s;
    g->rows = s.n * s.d * s.h;
    g->pieces = up(s.w, TILE_PIXELS);
    g->tile_rows = larger(1, TILE_PIXELS / up(s.w, g->pieces));
    g->row_tiles = up(g->rows, g->tile_rows);
}

static void plan_parts(struct gradient *g)
{
    const int per_block = g->taps * BLOCK, row = OUTER_BLOCKS * per_block;
    g->in_part = larger(1, smaller(g->in_blocks, PART_WEIGHTS / row));
    g->out_part = OUTER_BLOCKS * larger(1, PART_WEIGHTS / (row * g->in_part));
    bool small = g->weights <= PART_WEIGHTS;
    for (;;) {
        g->out_part = smaller(g->out_part, g->out_blocks);
        g->out_parts = up(g->out_blocks, g->out_part);
        g->in_parts = up(g->in_blocks, g->in_part);
        if (small || g->out_parts * g->in_parts >= ENOUGH_TASKS) break;
        if (g->out_part > OUTER_BLOCKS)
            g->out_part = up(g->out_part / 2, OUTER_BLOCKS) * OUTER_BLOCKS;
        else if (g->in_part > 1)
            g->in_part = up(g->in_part, 2);
        else
            break;
    }
    int tasks = g->out_parts * g->in_parts;
    g->splits = tasks >= ENOUGH_TASKS ? 1 : smaller(g->row_tiles, up(SPLIT_TASKS, tasks));
}

static void plan_gradient(struct gradient *g, const struct conv *c)
{
    memset(g, 0, sizeof *g);
    g->c = c;
    g->planar_x = c->x[0].lanes == 1;
    g->planar_y = c->y.lanes == 1;
    g->out_blocks = conv_out_blocks(c);
    g->in_blocks = conv_in_blocks(c);
    g->taps = conv_taps(c);
    if (g->planar_x) {
        int slots = 0;
        for (int i = 0; i < c->nx; i++) slots += c->x[i].s.c * g->taps;
        g->in_blocks = up(slots, LANES);
        g->taps = 1;
    }
    g->weights = (size_t)g->out_blocks * (size_t)g->in_blocks * (size_t)g->taps * BLOCK;
    plan_tiles(g);
    plan_parts(g);
    g->lanes_size = (size_t)((g->planar_y ? g->out_blocks : 0) + (g->planar_x ? g->in_blocks : 0)) * TILE_PIXELS * LANES;
}

/* ---- one tile */

struct tile_place {
    int row, rows; /* output rows */
    int w, width;  /* output pixels of each */
};

struct place {
    int n, d, h;
};

static struct place place_of(const struct gradient *g, int row)
{
    const struct shape s = g->c->y.s;
    return (struct place){row / s.h / s.d, row / s.h % s.d, row % s.h};
}

/* The source place of output o under tap t, or -1. */
static int source_at(const struct conv *c, int axis, int o, int t, int size)
{
    int i = o * c->stride[axis] + t - c->pad[axis];
    return i >= 0 && i < size ? i : -1;
}

/* The outputs from..till-1 of a row whose source under tap t along w is inside. */
static void reach(const struct conv *c, int t, int *from, int *till)
{
    int off = t - c->pad[2], stride = c->stride[2], last = c->x[0].s.w - 1 - off;
    *from = larger(*from, off < 0 ? up(-off, stride) : 0);
    *till = smaller(*till, last < 0 ? 0 : last / stride + 1);
}

/* Lane k of the tile's pixels from a plane of dy. */
static void lanes_of_dy(const struct gradient *g, const struct tile_place *at, float *lanes)
{
    const struct tensor *y = &g->c->y;
    for (int k = 0; k < g->out_blocks * LANES; k++) {
        float *to = lanes + (ptrdiff_t)(k / LANES) * TILE_PIXELS * LANES + k % LANES;
        for (int r = 0; r < at->rows; r++) {
            struct place o = place_of(g, at->row + r);
            const float *from = NULL;
            if (k < y->s.c) from = tensor_channel(y, o.n, k) + ((ptrdiff_t)o.d * y->s.h + o.h) * y->s.w + at->w;
            for (int i = 0; i < at->width; i++, to += LANES) *to = from ? from[i] : 0;
        }
    }
}

/* One lane of the tile's pixels: a channel of x under a tap. */
static void lane_of_x(const struct gradient *g, const struct tile_place *at, const struct tensor *x, int channel, int tap, float *to)
{
    const struct conv *c = g->c;
    int from = at->w, till = at->w + at->width, td = tap / (c->kernel[1] * c->kernel[2]), th = tap / c->kernel[2] % c->kernel[1],
        tw = tap % c->kernel[2];
    reach(c, tw, &from, &till);
    for (int r = 0; r < at->rows; r++) {
        struct place o = place_of(g, at->row + r);
        int d = source_at(c, 0, o.d, td, x->s.d), h = source_at(c, 1, o.h, th, x->s.h);
        const float *row = d < 0 || h < 0 ? NULL : tensor_channel(x, o.n, channel) + ((ptrdiff_t)d * x->s.h + h) * x->s.w;
        for (int w = at->w; w < at->w + at->width; w++, to += LANES)
            *to = row && w >= from && w < till ? row[w * c->stride[2] + tw - c->pad[2]] : 0;
    }
}

static void lanes_of_x(const struct gradient *g, const struct tile_place *at, float *lanes)
{
    const int taps = conv_taps(g->c);
    int slot = 0;
    for (int i = 0; i < g->c->nx; i++)
        for (int channel = 0; channel < g->c->x[i].s.c; channel++)
            for (int tap = 0; tap < taps; tap++, slot++)
                lane_of_x(g, at, &g->c->x[i], channel, tap, lanes + (ptrdiff_t)(slot / LANES) * TILE_PIXELS * LANES + slot % LANES);
    for (; slot < g->in_blocks * LANES; slot++)
        for (int p = 0; p < at->rows * at->width; p++) lanes[((ptrdiff_t)(slot / LANES) * TILE_PIXELS + p) * LANES + slot % LANES] = 0;
}

/* The part of dw that a task sums. */
struct part {
    int out, out_end, in, in_end;
    float *dw;
    bool add;
    float *dy_lanes, *x_lanes;
};

/* The rows of the tile that tap (td, th) can reach, in block `block` of x. */
static int pair_rows(const struct gradient *g, const struct tile_place *at, const struct part *p, const struct tensor *x, int block, int td,
                     int th, struct row_pair *to)
{
    const struct tensor *y = &g->c->y;
    int count = 0;
    for (int r = 0; r < at->rows; r++) {
        struct place o = place_of(g, at->row + r);
        int d = source_at(g->c, 0, o.d, td, x->s.d), h = source_at(g->c, 1, o.h, th, x->s.h);
        if (d < 0 || h < 0) continue;
        to[count].x = tensor_channel(x, o.n, block * LANES) + ((ptrdiff_t)d * x->s.h + h) * x->s.w * LANES;
        to[count++].dy = g->planar_y ? p->dy_lanes + ((ptrdiff_t)r * at->width - at->w) * LANES
                                     : tensor_channel(y, o.n, 0) + ((ptrdiff_t)o.d * y->s.h + o.h) * y->s.w * LANES;
    }
    return count;
}

/* The same rows against all output blocks of the part, for `taps` taps along w. */
static void sum_blocks(const struct gradient *g, const struct tile_place *at, const struct part *p, struct outer *o, int in, int tap,
                       int lanes)
{
    const struct conv *c = g->c;
    const ptrdiff_t per_block = (ptrdiff_t)g->taps * BLOCK;
    o->w_block = g->in_blocks * per_block;
    o->dy_block = g->planar_y ? TILE_PIXELS * LANES : (ptrdiff_t)tensor_block_size(&c->y);
    o->add = p->add;
    for (int out = p->out; out < p->out_end; out += OUTER_BLOCKS)
        for (int tw = 0; tw < (g->planar_x ? 1 : c->kernel[2]); tw++) {
            struct outer part = *o;
            int from = at->w, till = at->w + at->width;
            if (!g->planar_x) {
                reach(c, tw, &from, &till);
                part.x_at = ((ptrdiff_t)from * c->stride[2] + tw - c->pad[2]) * LANES;
                part.dy_at = (ptrdiff_t)from * LANES;
                part.pixels = till - from;
            }
            part.dy_at += out * o->dy_block;
            part.dw = p->dw + out * o->w_block + in * per_block + (tap + tw) * BLOCK;
            outer_sum(&part, smaller(OUTER_BLOCKS, p->out_end - out), lanes);
        }
}

static void sum_blocked(const struct gradient *g, const struct tile_place *at, const struct part *p, const struct tensor *x, int block,
                        int in)
{
    const int *k = g->c->kernel;
    struct row_pair rows[TILE_PIXELS];
    struct outer o = {.rows = rows, .x_step = g->c->stride[2] * LANES};
    for (int td = 0; td < k[0]; td++)
        for (int th = 0; th < k[1]; th++) {
            o.count = pair_rows(g, at, p, x, block, td, th, rows);
            sum_blocks(g, at, p, &o, in, (td * k[1] + th) * k[2], smaller(LANES, x->s.c - block * LANES));
        }
}

/* Planar x: the tile's lanes, row by row of dy. */
static void sum_planar(const struct gradient *g, const struct tile_place *at, const struct part *p, int in)
{
    const struct tensor *y = &g->c->y;
    struct row_pair rows[TILE_PIXELS];
    struct outer o = {.rows = rows, .count = at->rows, .pixels = at->width, .x_step = LANES};
    for (int r = 0; r < at->rows; r++) {
        struct place at_y = place_of(g, at->row + r);
        rows[r].x = p->x_lanes + ((ptrdiff_t)in * TILE_PIXELS + r * at->width) * LANES;
        rows[r].dy = g->planar_y ? p->dy_lanes + (ptrdiff_t)r * at->width * LANES
                                 : tensor_channel(y, at_y.n, 0) + (((ptrdiff_t)at_y.d * y->s.h + at_y.h) * y->s.w + at->w) * LANES;
    }
    sum_blocks(g, at, p, &o, in, 0, LANES);
}

static void sum_tile(const struct gradient *g, const struct tile_place *at, const struct part *p)
{
    if (g->planar_y) lanes_of_dy(g, at, p->dy_lanes);
    if (g->planar_x) {
        lanes_of_x(g, at, p->x_lanes);
        for (int in = p->in; in < p->in_end; in++) sum_planar(g, at, p, in);
        return;
    }
    int base = 0;
    for (int i = 0; i < g->c->nx; i++) {
        const struct tensor *x = &g->c->x[i];
        int blocks = tensor_blocks(x);
        for (int in = larger(p->in, base); in < smaller(p->in_end, base + blocks); in++) sum_blocked(g, at, p, x, in - base, in);
        base += blocks;
    }
}

static void sum_task(void *arg, int task, int worker)
{
    const struct gradient *g = arg;
    int in = task % g->in_parts, out = task / g->in_parts % g->out_parts, split = task / g->in_parts / g->out_parts;
    struct part p = {.out = out * g->out_part, .in = in * g->in_part};
    p.out_end = smaller(g->out_blocks, p.out + g->out_part);
    p.in_end = smaller(g->in_blocks, p.in + g->in_part);
    p.dw = g->sums ? g->sums + (size_t)split * g->weights : g->c->w;
    p.add = !g->sums && g->c->add[0];
    p.dy_lanes = g->lanes + (size_t)worker * g->lanes_size;
    p.x_lanes = p.dy_lanes + (g->planar_y ? (ptrdiff_t)g->out_blocks * TILE_PIXELS * LANES : 0);
    int begin = (int)((long long)split * g->row_tiles / g->splits), end = (int)((long long)(split + 1) * g->row_tiles / g->splits);
    for (int i = begin; i < end; i++)
        for (int piece = 0; piece < g->pieces; piece++) {
            const int w = g->c->y.s.w;
            struct tile_place at = {.row = i * g->tile_rows, .w = piece * w / g->pieces};
            at.rows = smaller(g->tile_rows, g->rows - at.row);
            at.width = (piece + 1) * w / g->pieces - at.w;
            sum_tile(g, &at, &p);
            p.add = true;
        }
}

/* ---- adding the splits */

/* `count` weights from `at` on, as they lie in the sums, to `to`. */
static void add_splits(const struct gradient *g, size_t at, size_t count, float *to)
{
    for (size_t i = 0; i < count; i += VEC_LANES) {
        vec sum = vec_load(g->sums + at + i);
        for (int s = 1; s < g->splits; s++) sum = vec_add(sum, vec_load(g->sums + (size_t)s * g->weights + at + i));
        if (g->c->add[0]) sum = vec_add(sum, vec_load(to + i));
        vec_store(to + i, sum);
    }
}

static void add_piece(void *arg, int task, int worker)
{
    const struct gradient *g = arg;
    (void)worker;
    size_t at = (size_t)task * SUM_PIECE, count = g->weights - at < SUM_PIECE ? g->weights - at : SUM_PIECE;
    add_splits(g, at, count, g->c->w + at);
}

/* Planar x: from lanes that count channels and taps to the packed order, for one output block. */
static void add_lanes(void *arg, int task, int worker)
{
    const struct gradient *g = arg;
    (void)worker;
    const int taps = conv_taps(g->c);
    float *to = g->c->w + (size_t)task * (size_t)conv_in_blocks(g->c) * (size_t)taps * BLOCK;
    size_t slot = (size_t)task * (size_t)g->in_blocks * LANES;
    for (int i = 0; i < g->c->nx; i++) {
        int channels = g->c->x[i].s.c, blocks = up(channels, LANES);
        for (int c = 0; c < blocks * LANES; c++)
            for (int t = 0; t < taps; t++) {
                float *w = to + (c / LANES * taps + t) * BLOCK + c % LANES * LANES;
                if (c < channels)
                    add_splits(g, slot++ * LANES, LANES, w);
                else if (!g->c->add[0])
                    memset(w, 0, LANES * sizeof *w);
            }
        to += (ptrdiff_t)blocks * taps * BLOCK;
    }
}

/* ---- the slot */

static bool fits(const struct conv *c)
{
    for (int i = 1; i < c->nx; i++)
        if (c->x[i].lanes != c->x[0].lanes) return false;
    return true;
}

static bool needs_sums(const struct gradient *g) { return g->splits > 1 || g->planar_x; }

static size_t workspace(const struct conv *c, int threads)
{
    struct gradient g;
    plan_gradient(&g, c);
    return ((needs_sums(&g) ? (size_t)g.splits * g.weights : 0) + (size_t)threads * g.lanes_size) * sizeof(float);
}

static void backward_w(const struct conv *c, void *work, struct pool *pool)
{
    struct gradient g;
    plan_gradient(&g, c);
    g.lanes = work;
    if (needs_sums(&g)) {
        g.sums = work;
        g.lanes = g.sums + (size_t)g.splits * g.weights;
    }
    pool_run(pool, g.splits * g.out_parts * g.in_parts, sum_task, &g);
    if (g.planar_x)
        pool_run(pool, g.out_blocks, add_lanes, &g);
    else if (g.sums)
        pool_run(pool, (int)((g.weights + SUM_PIECE - 1) / SUM_PIECE), add_piece, &g);
}

const struct conv_impl ISA(conv_direct_backward_w) = {"direct", fits, workspace, backward_w};
