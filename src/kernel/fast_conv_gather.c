/* SPDX-License-Identifier: Apache-2.0 */
/* Direct convolution, forward and backward by input.
 *
 * Forward, output o reads source o*stride + t - pad under tap t. Backward by input, output i reads
 * source (i + pad - t)/stride where that is whole: for each i modulo stride (phase) a small
 * convolution with stride 1 and outputs `stride` apart.
 *
 * A task is a run of output rows times some output blocks. Source blocks come in chunks with
 * weights that stay in L2 for all rows of the task. Backward by input needs transposed weights.
 *
 * Forward, bfloat16 maps are expanded and rounded row by row where a row is complete at once
 * (`apart`); all others in slabs (fast_conv_slab.c). */
#include "kernel/fast_conv_gather.h"

#include <string.h>

#include "kernel/fast_map.h"
#include "kernel/kernel_fill.h"

/* Source index of output o under tap t along d or h, or -1. */
static int conv_gather_source_at(const struct gather *g, int axis, int o, int t, int size)
{
    const int stride = g->c.stride[axis], pad = g->c.pad[axis];
    int i = o * stride + t - pad;
    if (g->backward) {
        i = o + pad - t;
        if (i % stride != 0) return -1;
        i /= stride;
    }
    return i >= 0 && i < size ? i : -1;
}

/* One source row's terms for one block: all taps along w. */
static int row_terms(const struct row_phase *p, const struct tensor *t, int block, const float *row,
    ptrdiff_t w, struct term *to)
{
    int count = 0, lanes = min_int(LANES, t->s.c - block * LANES);
    for (int i = 0; i < p->taps; i++) {
        ptrdiff_t at = w + p->tap[i] * BLOCK;
        if (t->lanes == LANES) {
            to[count++] = (struct term){row + (ptrdiff_t)p->off[i] * LANES, at, lanes, i};
            continue;
        }
        for (int c = 0; c < lanes; c++)
            to[count++] = (struct term){
                row + c * (ptrdiff_t)tensor_block_size(t) + p->off[i], at + c * LANES, 1, i};
    }
    return count;
}

/* One output row's terms for `blocks` source blocks of one tensor with weights from w. */
static int tensor_terms(const struct gather *g, const struct row_phase *p, const struct tensor *t,
    int first, int blocks, struct place o, ptrdiff_t w, struct term *to)
{
    const int *k = g->c.kernel;
    int count = 0;
    for (int b = first; b < first + blocks; b++, w += conv_taps(&g->c) * BLOCK) {
        const float *image = tensor_channel(t, o.n, b * LANES);
        for (int td = 0; td < k[0]; td++) {
            int d = conv_gather_source_at(g, 0, o.d, td, t->s.d);
            for (int th = 0; d >= 0 && th < k[1]; th++) {
                int h = conv_gather_source_at(g, 1, o.h, th, t->s.h);
                if (h < 0) continue;
                const float *row = image + ((ptrdiff_t)d * t->s.h + h) * t->s.w * t->lanes;
                count += row_terms(p, t, b, row, w + (td * k[1] + th) * k[2] * BLOCK, to + count);
            }
        }
    }
    return count;
}

static int list_terms(const struct gather *g, const struct tensor src[], const struct row_phase *p,
    struct place o, int first, int end, struct term *to)
{
    int count = 0, base = 0;
    for (int i = 0; i < g->nsrc; i++) {
        int blocks = lane_blocks(&src[i]);
        int from = max_int(first, base), till = min_int(end, base + blocks);
        if (from < till)
            count += tensor_terms(g, p, &src[i], from - base, till - from, o,
                (ptrdiff_t)(from - first) * conv_taps(&g->c) * BLOCK, to + count);
        base += blocks;
    }
    return count;
}

/* The start of the i-th tile: single pixels at the margins, equal pieces between. */
static int conv_gather_cut(const struct row_phase *p, int i)
{
    int middle = p->outputs - p->left - p->right, in = i - p->left;
    if (in < 0) return i;
    return in < p->pieces ? p->left + p->piece * in + min_int(p->longer, in)
                          : p->left + middle + in - p->pieces;
}

static void find_edges(const struct row_phase *p, int at, int pixels, unsigned char *edge)
{
    for (int i = 0; i < p->taps; i++) {
        int first = p->first[i] - at, end = p->end[i] - at;
        edge[i] = first >= pixels || end <= 0 ? EDGE_ALL_OUT
            : first > 0                       ? EDGE_FIRST_OUT
            : end < pixels                    ? EDGE_LAST_OUT
                                              : EDGE_NONE;
    }
}

/* From a tile's memory to planes. */
static void store_planar(const struct group *to, ptrdiff_t pixel, ptrdiff_t step, const float *from,
    int pixels, bool add)
{
    const int channels = min_int(to->count * LANES, to->t->s.c - to->first * LANES);
    const ptrdiff_t plane = to->y_block / LANES;
    float *y = to->y + pixel;
    for (int c = 0; c < channels; c++, y += plane) {
        const float *lane = from + c / LANES * TILE_WIDE_PIXELS * LANES + c % LANES;
        if (add)
            for (int p = 0; p < pixels; p++) y[p * step] += lane[p * LANES];
        else
            for (int p = 0; p < pixels; p++) y[p * step] = lane[p * LANES];
    }
}

static void run_planar(const struct gather *g, const struct group *to, struct tile *t, tile_fn *run,
    ptrdiff_t pixel, int pixels, bool add)
{
    float y[TILE_NARROW * TILE_WIDE_PIXELS * LANES];
    t->y = y;
    t->y_block = TILE_WIDE_PIXELS * LANES;
    t->y_pixel = LANES;
    t->add = false;
    tile_sum(run, t);
    store_planar(to, pixel, g->out_step, y, pixels, add);
}

/* One tile per group for `pixels` outputs of a row, the first at `pixel`. */
static void run_segment(const struct gather *g, const struct group *group, int groups,
    struct tile *t, ptrdiff_t pixel, int pixels, bool first)
{
    for (int i = 0; i < groups; i++) {
        const struct group *to = &group[i];
        tile_fn *run = tile_kernel(pixels == 1 ? STEP_16 : g->step, to->count, pixels);
        bool add = !first || to->add;
        t->w = to->w;
        t->w_block = to->w_block;
        t->b = first && to->b && !g->finish ? to->b : tile_no_bias;
        if (to->t->lanes == 1) {
            run_planar(g, to, t, run, pixel, pixels, add);
            continue;
        }
        t->y = to->y + pixel * LANES;
        t->y_block = to->y_block;
        t->y_pixel = g->out_step * LANES;
        t->add = add;
        tile_sum(run, t);
    }
}

/* A complete row of one block or planar channel: y = act(scale*map*y + b); map: the row's, or
 * NULL. */
static void finish_line(const struct gather *g, const float *scale, const float *b,
    const float *map, size_t lanes, float *y)
{
    vec one[BLOCK_VECS], shift[BLOCK_VECS];
    for (int v = 0; v < BLOCK_VECS; v++) {
        int at = lanes == LANES ? v * VEC_LANES : 0;
        one[v] = !scale ? vec_set(1) : lanes == LANES ? vec_load(scale + at) : vec_set(*scale);
        shift[v] = !b ? vec_zero() : lanes == LANES ? vec_load(b + at) : vec_set(*b);
    }
    size_t count = (size_t)g->dst[0].s.w * lanes;
    for (size_t i = 0, v = 0; i < count; i += VEC_LANES, v = (v + 1) % BLOCK_VECS) {
        size_t n = count - i < VEC_LANES ? count - i : VEC_LANES;
        vec factor = one[v];
        if (map)
            factor =
                vec_mul(factor, lanes == LANES ? vec_set(map[i / LANES]) : vec_get(map + i, n));
        vec_put(y + i, vec_act(vec_fma(factor, vec_get(y + i, n), shift[v]), g->c.act), n);
    }
}

static void finish_row(const struct gather *g, const struct group *group, int groups, int row)
{
    const float *map = g->c.map ? g->c.map + (ptrdiff_t)row * g->dst[0].s.w : NULL;
    for (int i = 0; i < groups; i++) {
        const struct group *to = &group[i];
        const int lanes = to->t->lanes, count = to->count * LANES / lanes;
        for (int k = 0; k < count && to->first * LANES + k * lanes < to->t->s.c; k++)
            finish_line(g, to->scale ? to->scale + k * lanes : NULL,
                to->b ? to->b + k * lanes : NULL, map, (size_t)lanes,
                to->y + k * (lanes == 1 ? to->y_block / LANES : to->y_block));
    }
}

/* Numbers of one block before a row. */
static size_t before_row(const struct tensor *t, struct place o)
{
    return ((size_t)o.d * (size_t)t->s.h + (size_t)o.h) * (size_t)t->s.w * (size_t)t->lanes;
}

/* The row of all sources, in float from `to` on: tensors of one row. */
static void expand_row(const struct gather *g, struct place o, float *to, struct tensor row[])
{
    for (int i = 0; i < g->nsrc; i++) {
        const struct tensor *t = &g->src[i];
        const size_t count = (size_t)t->s.w * LANES;
        row[i] = (struct tensor){.s = {1, t->s.c, 1, 1, t->s.w}, .lanes = LANES, .p = to};
        for (int b = 0; b < lane_blocks(t); b++, to += count) {
            const void *from = tensor_at(t, tensor_first(t, o.n, b * LANES) + before_row(t, o));
            if (t->half)
                half_expand(from, count, to);
            else
                memcpy(to, from, count * sizeof *to);
        }
    }
}

static void narrow_row(const struct group *from, struct place o)
{
    const struct tensor *t = from->t;
    for (int i = 0; i < from->count; i++)
        half_narrow(from->y + i * from->y_block, (size_t)t->s.w * LANES,
            tensor_at(t, tensor_first(t, o.n, (from->first + i) * LANES) + before_row(t, o)));
}

static size_t row_floats(const struct gather *g, int blocks)
{
    return (size_t)blocks * (size_t)g->dst[0].s.w * LANES;
}

static void conv_gather_run_row(
    const struct gather *g, struct group *group, int groups, int row, int chunk, float *scratch)
{
    struct term terms[GATHER_MAX_TERMS];
    unsigned char edge[GATHER_MAX_KERNEL];
    const struct shape s = g->dst[0].s;
    const struct place o = place_of(s, row);
    const bool half = g->apart && g->dst[0].half, expanded = g->apart && slab_reads(&g->c);
    struct tensor row_of[CONV_MAX_X];
    if (expanded) expand_row(g, o, scratch + row_floats(g, conv_out_blocks(&g->c)), row_of);
    for (int i = 0; i < groups; i++) {
        const struct tensor *t = group[i].t;
        group[i].y_block = (ptrdiff_t)(half ? (size_t)s.w : shape_pixels(s)) * LANES;
        group[i].y = half
            ? scratch + group[i].base * group[i].y_block
            : tensor_channel(t, o.n, group[i].first * LANES) + (ptrdiff_t)before_row(t, o);
    }
    int first = chunk * g->chunk, end = min_int(g->src_blocks, first + g->chunk);
    for (int f = 0; f < g->out_step; f++) {
        const struct row_phase *p = &g->phase[f];
        struct tile t = {.terms = terms,
            .edge = edge,
            .count = expanded ? list_terms(g, row_of, p, (struct place){0, 0, 0}, first, end, terms)
                              : list_terms(g, g->src, p, o, first, end, terms)};
        for (int i = 0, at = 0, next; i < p->left + p->pieces + p->right; i++, at = next) {
            next = conv_gather_cut(p, i + 1);
            find_edges(p, at, next - at, edge);
            t.x_at = (ptrdiff_t)at * g->in_step * g->src[0].lanes;
            run_segment(
                g, group, groups, &t, f + (ptrdiff_t)at * g->out_step, next - at, chunk == 0);
        }
    }
    if (g->finish && chunk == g->chunks - 1) finish_row(g, group, groups, row);
    for (int i = 0; half && i < groups; i++) narrow_row(&group[i], o);
}

/* A group's weights for a chunk of source blocks: in place, or transposed into scratch. */
static float *place_weights(
    const struct gather *g, struct group *to, int first, int end, float *scratch)
{
    const ptrdiff_t taps = conv_taps(&g->c), per_block = taps * BLOCK;
    if (g->w) {
        to->w_block = g->src_blocks * per_block;
        to->w = g->w + to->base * to->w_block + first * per_block;
        return scratch;
    }
    const ptrdiff_t in_blocks = conv_in_blocks(&g->c);
    to->w = scratch;
    to->w_block = (end - first) * per_block;
    for (int i = 0; i < to->count; i++)
        for (int b = first; b < end; b++, scratch += per_block)
            transpose_blocks(
                g->c.w + (b * in_blocks + to->base + i) * per_block, scratch, (int)taps);
    return scratch;
}

/* All weights between one output block (the convolution's input block) and all source blocks. */
static void transpose_task(void *arg, int task, int worker)
{
    const struct gather *g = arg;
    const ptrdiff_t taps = conv_taps(&g->c), per_block = taps * BLOCK,
                    in_blocks = conv_in_blocks(&g->c);
    (void)worker;
    for (int b = 0; b < g->src_blocks; b++)
        transpose_blocks(g->c.w + (b * in_blocks + task) * per_block,
            g->scratch + ((ptrdiff_t)task * g->src_blocks + b) * per_block, (int)taps);
}

enum { MAX_BUNDLE = GATHER_CHUNK_WEIGHTS / BLOCK }; /* a group has at least one weight block */

static void conv_gather_run_task(void *arg, int task, int worker)
{
    const struct gather *g = arg;
    int bundle = task % g->bundles, run = task / g->bundles, groups = 0;
    int begin = part_of(g->rows, g->runs, run), end = part_of(g->rows, g->runs, run + 1);
    struct group group[MAX_BUNDLE];
    for (int i = part_of(g->groups, g->bundles, bundle);
         i < part_of(g->groups, g->bundles, bundle + 1); i++)
        gather_group(g, i, &group[groups++]);
    for (int i = 0; i < groups; i++) {
        group[i].b = g->c.b ? g->c.b + group[i].base * LANES : NULL;
        group[i].scale = g->c.scale ? g->c.scale + group[i].base * LANES : NULL;
    }
    for (int chunk = 0; chunk < g->chunks; chunk++) {
        int first = chunk * g->chunk;
        float *scratch = g->scratch ? g->scratch + (size_t)worker * g->task_weights : NULL;
        for (int i = 0; i < groups; i++)
            scratch = place_weights(
                g, &group[i], first, min_int(g->src_blocks, first + g->chunk), scratch);
        for (int row = begin; row < end; row++)
            conv_gather_run_row(
                g, group, groups, row, chunk, g->apart ? g->apart + (size_t)worker * g->row : NULL);
    }
}

/* Slabs of bfloat16 maps lose the position that a multiplied map needs. */
static bool forward_fits(const struct conv *c)
{
    return gather_fits(c, false) && !(c->map && slab_needed(c));
}
static bool backward_fits(const struct conv *c) { return gather_fits(c, true); }

/* Floats of each worker's row of y, then of x, if the convolution needs no slabs for its bfloat16
 * maps, else 0. A row is complete at once if no sum waits for other blocks; a source's row is all
 * that is read if there is one tap. */
static size_t floats_apart(const struct gather *g)
{
    const struct conv *c = &g->c;
    if (!slab_needed(c) || g->chunks > 1 || c->add[0]) return 0;
    if (!slab_reads(c)) return row_floats(g, conv_out_blocks(c));
    for (int i = 0; i < 3; i++)
        if (c->kernel[i] != 1 || c->stride[i] != 1 || c->pad[i] != 0) return 0;
    return row_floats(g, conv_out_blocks(c) + g->src_blocks);
}

static size_t float_forward_workspace(const struct conv *c, int threads)
{
    struct gather g;
    gather_plan(&g, c, false);
    return floats_apart(&g) * (size_t)threads * sizeof(float);
}

static size_t float_backward_workspace(const struct conv *c, int threads)
{
    struct gather g;
    gather_plan(&g, c, true);
    return (g.turn_first ? conv_weights(c) : g.task_weights * (size_t)threads) * sizeof(float);
}

static void run_gather(const struct conv *c, bool backward, void *workspace, struct pool *pool)
{
    struct gather g;
    gather_plan(&g, c, backward);
    if (backward) {
        g.scratch = workspace;
    } else {
        g.w = c->w;
        g.row = floats_apart(&g);
        if (g.row) g.apart = workspace;
    }
    if (g.turn_first) {
        pool_run(pool, conv_in_blocks(c), transpose_task, &g);
        g.w = g.scratch;
    }
    pool_run(pool, g.runs * g.bundles, conv_gather_run_task, &g);
}

static void float_forward(const struct conv *c, void *workspace, struct pool *pool)
{
    run_gather(c, false, workspace, pool);
}
static void float_backward(const struct conv *c, void *workspace, struct pool *pool)
{
    run_gather(c, true, workspace, pool);
}

static const struct conv_impl forward_impl = {
    .workspace = float_forward_workspace, .run = float_forward};
static const struct conv_impl backward_impl = {
    .workspace = float_backward_workspace, .run = float_backward};

/* Whether bfloat16 maps have no rows of their own. */
static bool in_slabs(const struct conv *c, enum conv_slot slot)
{
    return slab_needed(c) && (slot != CONV_FORWARD || float_forward_workspace(c, 1) == 0);
}

static size_t conv_gather_workspace(
    const struct conv *c, enum conv_slot slot, const struct conv_impl *impl, int threads)
{
    return in_slabs(c, slot) ? slab_workspace(c, slot, impl, threads) : impl->workspace(c, threads);
}

static void conv_gather_run(const struct conv *c, enum conv_slot slot, const struct conv_impl *impl,
    void *work, struct pool *pool)
{
    if (in_slabs(c, slot))
        slab_run(c, slot, impl, work, pool);
    else
        impl->run(c, work, pool);
}

static size_t conv_gather_forward_workspace(const struct conv *c, int threads)
{
    return conv_gather_workspace(c, CONV_FORWARD, &forward_impl, threads);
}
static size_t conv_gather_backward_workspace(const struct conv *c, int threads)
{
    return conv_gather_workspace(c, CONV_BACKWARD_X, &backward_impl, threads);
}
static void conv_gather_forward(const struct conv *c, void *work, struct pool *pool)
{
    conv_gather_run(c, CONV_FORWARD, &forward_impl, work, pool);
}
static void conv_gather_backward(const struct conv *c, void *work, struct pool *pool)
{
    conv_gather_run(c, CONV_BACKWARD_X, &backward_impl, work, pool);
}

const struct conv_impl ISA(conv_direct_forward) = {.name = "direct",
    .fits = forward_fits,
    .workspace = conv_gather_forward_workspace,
    .run = conv_gather_forward};
const struct conv_impl ISA(conv_direct_backward_x) = {.name = "direct",
    .fits = backward_fits,
    .workspace = conv_gather_backward_workspace,
    .run = conv_gather_backward};
