/* SPDX-License-Identifier: Apache-2.0 */
/* Direct convolution, backward by weight: dw[k][c][t] = sum over n, o of dy[n,k,o] * x[n,c,o*stride
 * + t - pad].
 *
 * Tiles of about TILE_PIXELS output pixels fit L1 with one block each of x and dy. A task is a part
 * of dw (output blocks times input blocks) and adds the products of every tile. Too few tasks are
 * split by tiles too; each split sums into its own copy, and the copies are added in order.
 *
 * Planar tensors are blocked tile by tile: dy unchanged, x with one lane per channel and tap, so
 * that few channels become few blocks with one tap. */
#include <string.h>

#include "kernel/fast_conv.h"
#include "kernel/kernel_fill.h"

enum {
    TILE_PIXELS = 18 * LANES, /* half as many with two blocks of dy */
    PART_WEIGHTS = 96 * 1024, /* of dw per task, for L2 */
    ENOUGH_TASKS = 16,
    SPLIT_TASKS = 32,
    MAX_TAPS = 4096 /* more would overflow int */
};

struct gradient {
    struct conv c;
    bool planar_x, planar_y;
    /* of the sums; planar x: in_blocks counts channels times taps, taps is 1 */
    int out_blocks, in_blocks, taps;
    size_t weights;                 /* of the sums */
    int rows, tile_rows, row_tiles; /* rows are n, d, h; a tile has tile_rows rows */
    int pieces;                     /* and one of `pieces` pieces of each */
    int out_part, in_part;          /* per task */
    int out_parts, in_parts, splits;
    float *sums;  /* splits times weights; NULL: c->w itself */
    float *lanes; /* per worker, for planar tensors: [block][pixel][LANES] of dy, then of x */
    size_t lanes_size;
};

/* ---- the plan: a pure function of the shapes */

static void plan_tiles(struct gradient *g)
{
    const struct shape s = g->c.y.s;
    g->rows = s.n * s.d * s.h;
    int pixels = TILE_PIXELS / min_int(g->out_blocks, OUTER_BLOCKS);
    g->pieces = divide_up(s.w, pixels);
    g->tile_rows = max_int(1, pixels / divide_up(s.w, g->pieces));
    g->row_tiles = divide_up(g->rows, g->tile_rows);
}

static void conv_backward_w_plan_parts(struct gradient *g)
{
    const int per_block = g->taps * BLOCK, row = OUTER_BLOCKS * per_block;
    g->in_part = max_int(1, min_int(g->in_blocks, PART_WEIGHTS / row));
    g->out_part = OUTER_BLOCKS * max_int(1, PART_WEIGHTS / (row * g->in_part));
    bool small = g->weights <= PART_WEIGHTS;
    for (;;) {
        g->out_part = min_int(g->out_part, g->out_blocks);
        g->out_parts = divide_up(g->out_blocks, g->out_part);
        g->in_parts = divide_up(g->in_blocks, g->in_part);
        if (small || g->out_parts * g->in_parts >= ENOUGH_TASKS) break;
        if (g->out_part > OUTER_BLOCKS)
            g->out_part = divide_up(g->out_part / 2, OUTER_BLOCKS) * OUTER_BLOCKS;
        else if (g->in_part > 1)
            g->in_part = divide_up(g->in_part, 2);
        else
            break;
    }
    int tasks = g->out_parts * g->in_parts;
    g->splits = tasks >= ENOUGH_TASKS ? 1 : min_int(g->row_tiles, divide_up(SPLIT_TASKS, tasks));
}

static void conv_backward_w_plan_gradient(struct gradient *g, const struct conv *c)
{
    memset(g, 0, sizeof *g);
    g->c = longer_rows(c);
    c = &g->c;
    g->planar_x = c->x[0].lanes == 1;
    g->planar_y = c->y.lanes == 1;
    g->out_blocks = conv_out_blocks(c);
    g->in_blocks = conv_in_blocks(c);
    g->taps = conv_taps(c);
    if (g->planar_x) {
        int slots = 0;
        for (int i = 0; i < c->nx; i++) slots += c->x[i].s.c * g->taps;
        g->in_blocks = divide_up(slots, LANES);
        g->taps = 1;
    }
    g->weights = (size_t)g->out_blocks * (size_t)g->in_blocks * (size_t)g->taps * BLOCK;
    plan_tiles(g);
    conv_backward_w_plan_parts(g);
    g->lanes_size = (size_t)((g->planar_y ? g->out_blocks : 0) + (g->planar_x ? g->in_blocks : 0)) *
        TILE_PIXELS * LANES;
}

/* ---- one tile */

struct tile_place {
    int rows;     /* output rows */
    int w, width; /* output pixels of each */
    struct place row[TILE_PIXELS];
};

/* Source index of output o under tap t, or -1. */
static int conv_backward_w_source_at(const struct conv *c, int axis, int o, int t, int size)
{
    int i = o * c->stride[axis] + t - c->pad[axis];
    return i >= 0 && i < size ? i : -1;
}

/* The outputs from..till-1 of a row whose source under tap t is inside. */
static void conv_backward_w_reach(const struct conv *c, int t, int *from, int *till)
{
    int off = t - c->pad[2], stride = c->stride[2], last = c->x[0].s.w - 1 - off;
    *from = max_int(*from, off < 0 ? divide_up(-off, stride) : 0);
    *till = min_int(*till, last < 0 ? 0 : last / stride + 1);
}

/* Transposes LANES lines of pixels. */
static void turn_lines(const float *lines, int pixels, float *lanes)
{
    float block[BLOCK];
    for (int p = 0; p < pixels; p += LANES) {
        for (int i = 0; i < LANES; i++)
            memcpy(block + i * LANES, lines + i * TILE_PIXELS + p, LANES * sizeof *block);
        transpose_blocks(block, lanes + p * LANES, 1);
    }
}

static void line_of_dy(const struct gradient *g, const struct tile_place *at, int k, float *line)
{
    const struct tensor *y = &g->c.y;
    for (int r = 0; r < at->rows; r++, line += at->width) {
        const struct place o = at->row[r];
        memcpy(line, tensor_channel(y, o.n, k) + ((ptrdiff_t)o.d * y->s.h + o.h) * y->s.w + at->w,
            (size_t)at->width * sizeof *line);
    }
}

static void lanes_of_dy(const struct gradient *g, const struct tile_place *at, float *lanes)
{
    float lines[LANES * TILE_PIXELS] = {0};
    for (int k = 0; k < g->out_blocks * LANES; k++) {
        if (k < g->c.y.s.c)
            line_of_dy(g, at, k, lines + k % LANES * TILE_PIXELS);
        else
            memset(lines + k % LANES * TILE_PIXELS, 0, TILE_PIXELS * sizeof *lines);
        if (k % LANES == LANES - 1)
            turn_lines(
                lines, at->rows * at->width, lanes + (ptrdiff_t)(k / LANES) * TILE_PIXELS * LANES);
    }
}

/* The tile's pixels of a channel of x under a tap. */
static void line_of_x(const struct gradient *g, const struct tile_place *at, const struct tensor *x,
    int channel, int tap, float *line)
{
    const struct conv *c = &g->c;
    const int stride = c->stride[2], tw = tap % c->kernel[2],
              th = tap / c->kernel[2] % c->kernel[1], td = tap / c->kernel[2] / c->kernel[1];
    int from = at->w, till = at->w + at->width;
    conv_backward_w_reach(c, tw, &from, &till);
    for (int r = 0; r < at->rows; r++, line += at->width) {
        const struct place o = at->row[r];
        int d = conv_backward_w_source_at(c, 0, o.d, td, x->s.d),
            h = conv_backward_w_source_at(c, 1, o.h, th, x->s.h);
        memset(line, 0, (size_t)at->width * sizeof *line);
        if (d < 0 || h < 0) continue;
        const float *row =
            tensor_channel(x, o.n, channel) + ((ptrdiff_t)d * x->s.h + h) * x->s.w + tw - c->pad[2];
        for (int w = from; w < till; w++) line[w - at->w] = row[w * stride];
    }
}

/* One lane per channel and tap. */
static void lanes_of_x(const struct gradient *g, const struct tile_place *at, float *lanes)
{
    float lines[LANES * TILE_PIXELS] = {0};
    const int taps = conv_taps(&g->c), pixels = at->rows * at->width;
    int slot = 0;
    for (int i = 0; i < g->c.nx; i++)
        for (int channel = 0; channel < g->c.x[i].s.c; channel++)
            for (int tap = 0; tap < taps; tap++, slot++) {
                line_of_x(g, at, &g->c.x[i], channel, tap, lines + slot % LANES * TILE_PIXELS);
                if (slot % LANES == LANES - 1)
                    turn_lines(
                        lines, pixels, lanes + (ptrdiff_t)(slot / LANES) * TILE_PIXELS * LANES);
            }
    if (slot % LANES == 0) return;
    memset(lines + slot % LANES * TILE_PIXELS, 0,
        (size_t)(LANES - slot % LANES) * TILE_PIXELS * sizeof *lines);
    turn_lines(lines, pixels, lanes + (ptrdiff_t)(slot / LANES) * TILE_PIXELS * LANES);
}

/* One task's part of dw. */
struct part {
    int out, out_end, in, in_end;
    float *dw;
    bool add;
    float *dy_lanes, *x_lanes;
};

/* The same rows with output blocks from `out` on, for all taps along w. */
static void sum_rows(const struct gradient *g, const struct tile_place *at, const struct part *p,
    const struct outer *rows, int out, int in, int tap, int lanes)
{
    const struct conv *c = &g->c;
    const ptrdiff_t per_block = (ptrdiff_t)g->taps * BLOCK;
    for (int tw = 0; tw < (g->planar_x ? 1 : c->kernel[2]); tw++) {
        struct outer o = *rows;
        int from = at->w, till = at->w + at->width;
        if (!g->planar_x) {
            conv_backward_w_reach(c, tw, &from, &till);
            o.x_at = ((ptrdiff_t)from * c->stride[2] + tw - c->pad[2]) * LANES;
        }
        o.pixels = till - from;
        o.dy_block = g->planar_y ? TILE_PIXELS * LANES : (ptrdiff_t)tensor_block_size(&c->y);
        o.dy_at = (ptrdiff_t)from * LANES + out * o.dy_block;
        o.w_block = g->in_blocks * per_block;
        o.dw = p->dw + out * o.w_block + in * per_block + (tap + tw) * BLOCK;
        o.add = p->add;
        outer_sum(&o, min_int(OUTER_BLOCKS, p->out_end - out), lanes);
    }
}

/* The offset of dy of a tile's row from the row's first pixel. */
static const float *row_of_dy(
    const struct gradient *g, const struct tile_place *at, const struct part *p, int r)
{
    const struct tensor *y = &g->c.y;
    const struct place o = at->row[r];
    if (g->planar_y) return p->dy_lanes + ((ptrdiff_t)r * at->width - at->w) * LANES;
    return tensor_channel(y, o.n, 0) + ((ptrdiff_t)o.d * y->s.h + o.h) * y->s.w * LANES;
}

static void sum_blocked(const struct gradient *g, const struct tile_place *at, const struct part *p,
    const struct tensor *x, int block, int out, int in)
{
    const int *k = g->c.kernel;
    struct row_pair rows[TILE_PIXELS];
    struct outer o = {.rows = rows, .x_step = g->c.stride[2] * LANES};
    for (int td = 0; td < k[0]; td++)
        for (int th = 0; th < k[1]; th++) {
            o.count = 0;
            for (int r = 0; r < at->rows; r++) { /* those that tap (td, th) reaches */
                const struct place y = at->row[r];
                int d = conv_backward_w_source_at(&g->c, 0, y.d, td, x->s.d),
                    h = conv_backward_w_source_at(&g->c, 1, y.h, th, x->s.h);
                if (d < 0 || h < 0) continue;
                const float *row = tensor_channel(x, y.n, block * LANES) +
                    ((ptrdiff_t)d * x->s.h + h) * x->s.w * LANES;
                rows[o.count++] = (struct row_pair){row, row_of_dy(g, at, p, r)};
            }
            sum_rows(g, at, p, &o, out, in, (td * k[1] + th) * k[2],
                min_int(LANES, x->s.c - block * LANES));
        }
}

static void sum_planar(
    const struct gradient *g, const struct tile_place *at, const struct part *p, int out, int in)
{
    struct row_pair rows[TILE_PIXELS];
    struct outer o = {.rows = rows, .count = at->rows, .x_step = LANES};
    for (int r = 0; r < at->rows; r++)
        rows[r] =
            (struct row_pair){p->x_lanes + ((ptrdiff_t)in * TILE_PIXELS + r * at->width) * LANES,
                row_of_dy(g, at, p, r)};
    sum_rows(g, at, p, &o, out, in, 0, LANES);
}

static void sum_tile(const struct gradient *g, const struct tile_place *at, const struct part *p)
{
    if (g->planar_y) lanes_of_dy(g, at, p->dy_lanes);
    if (g->planar_x) lanes_of_x(g, at, p->x_lanes);
    for (int out = p->out; out < p->out_end; out += OUTER_BLOCKS) {
        for (int in = p->in; g->planar_x && in < p->in_end; in++) sum_planar(g, at, p, out, in);
        for (int i = 0, base = 0; !g->planar_x && i < g->c.nx; base += tensor_blocks(&g->c.x[i++]))
            for (int in = max_int(p->in, base);
                 in < min_int(p->in_end, base + tensor_blocks(&g->c.x[i])); in++)
                sum_blocked(g, at, p, &g->c.x[i], in - base, out, in);
    }
}

static void sum_task(void *arg, int task, int worker)
{
    const struct gradient *g = arg;
    int in = task % g->in_parts, out = task / g->in_parts % g->out_parts,
        split = task / g->in_parts / g->out_parts;
    struct part p = {.out = out * g->out_part, .in = in * g->in_part};
    p.out_end = min_int(g->out_blocks, p.out + g->out_part);
    p.in_end = min_int(g->in_blocks, p.in + g->in_part);
    p.dw = g->sums ? g->sums + (size_t)split * g->weights : g->c.w;
    p.add = !g->sums && g->c.add[0];
    p.dy_lanes = g->lanes + (size_t)worker * g->lanes_size;
    p.x_lanes = p.dy_lanes + (g->planar_y ? (ptrdiff_t)g->out_blocks * TILE_PIXELS * LANES : 0);
    int begin = part_of(g->row_tiles, g->splits, split),
        end = part_of(g->row_tiles, g->splits, split + 1);
    for (int i = begin; i < end; i++)
        for (int piece = 0; piece < g->pieces; piece++) {
            const int w = g->c.y.s.w;
            struct tile_place at;
            at.rows = min_int(g->tile_rows, g->rows - i * g->tile_rows);
            for (int r = 0; r < at.rows; r++) at.row[r] = place_of(g->c.y.s, i * g->tile_rows + r);
            at.w = part_of(w, g->pieces, piece);
            at.width = part_of(w, g->pieces, piece + 1) - at.w;
            sum_tile(g, &at, &p);
            p.add = true;
        }
}

/* ---- adding the splits */

/* Planar x: from lanes per channel and tap to the packed order, for one output block. */
static void add_lanes(void *arg, int task, int worker)
{
    const struct gradient *g = arg;
    (void)worker;
    const int taps = conv_taps(&g->c);
    float *to = g->c.w + (size_t)task * (size_t)conv_in_blocks(&g->c) * (size_t)taps * BLOCK;
    size_t slot = (size_t)task * (size_t)g->in_blocks * LANES;
    for (int i = 0; i < g->c.nx; i++) {
        int channels = g->c.x[i].s.c, blocks = divide_up(channels, LANES);
        for (int c = 0; c < blocks * LANES; c++)
            for (int t = 0; t < taps; t++) {
                float *w = to + (c / LANES * taps + t) * BLOCK + c % LANES * LANES;
                if (c < channels)
                    add_splits(
                        g->sums + slot++ * LANES, g->splits, g->weights, LANES, g->c.add[0], w);
                else if (!g->c.add[0])
                    memset(w, 0, LANES * sizeof *w);
            }
        to += (ptrdiff_t)blocks * taps * BLOCK;
    }
}

static bool fits(const struct conv *c)
{
    if (conv_taps(c) > MAX_TAPS) return false;
    for (int i = 1; i < c->nx; i++)
        if (c->x[i].lanes != c->x[0].lanes) return false;
    return true;
}

static bool needs_sums(const struct gradient *g) { return g->splits > 1 || g->planar_x; }

static size_t float_workspace(const struct conv *c, int threads)
{
    struct gradient g;
    conv_backward_w_plan_gradient(&g, c);
    return ((needs_sums(&g) ? (size_t)g.splits * g.weights : 0) + (size_t)threads * g.lanes_size) *
        sizeof(float);
}

static void float_run(const struct conv *c, void *work, struct pool *pool)
{
    struct gradient g;
    conv_backward_w_plan_gradient(&g, c);
    g.lanes = work;
    if (needs_sums(&g)) {
        g.sums = work;
        g.lanes = g.sums + (size_t)g.splits * g.weights;
    }
    pool_run(pool, g.splits * g.out_parts * g.in_parts, sum_task, &g);
    if (g.planar_x)
        pool_run(pool, g.out_blocks, add_lanes, &g);
    else if (g.sums)
        add_all_splits(g.sums, g.splits, g.weights, g.c.add[0], g.c.w, pool);
}

static const struct conv_impl impl = {.workspace = float_workspace, .run = float_run};

static size_t workspace(const struct conv *c, int threads)
{
    return slab_needed(c) ? slab_workspace(c, CONV_BACKWARD_W, &impl, threads)
                          : float_workspace(c, threads);
}

static void conv_backward_w_backward_w(const struct conv *c, void *work, struct pool *pool)
{
    if (slab_needed(c))
        slab_run(c, CONV_BACKWARD_W, &impl, work, pool);
    else
        float_run(c, work, pool);
}

const struct conv_impl ISA(conv_direct_backward_w) = {
    .name = "direct", .fits = fits, .workspace = workspace, .run = conv_backward_w_backward_w};
