/* SPDX-License-Identifier: Apache-2.0 */
/* Which problems direct convolution accepts, and how it splits them. */
#include "kernel/fast_conv_gather.h"

#include <string.h>

enum {
    ENOUGH_TASKS = 32,
    TASK_PIXELS = 256, /* minimum: fetching weights is cheap next to their use */
    TURN_PIXELS = 512  /* minimum of uses of a weight, if tasks transpose their own */
};

static void plan_phase(struct gather *g, int f)
{
    struct row_phase *p = &g->phase[f];
    const int pad = g->c.pad[2], stride = g->c.stride[2], in = g->src[0].s.w;
    bool both = false;
    p->outputs = divide_up(g->dst[0].s.w - f, g->out_step);
    for (int t = 0; t < g->c.kernel[2]; t++) {
        if (g->backward && (f + pad - t) % stride != 0) continue;
        int off = g->backward ? (f + pad - t) / stride : t - pad;
        int first = off < 0 ? divide_up(-off, g->in_step) : 0;
        int end = in - 1 - off < 0 ? 0 : min_int(p->outputs, (in - 1 - off) / g->in_step + 1);
        if (first >= end) continue;
        p->tap[p->taps] = t;
        p->off[p->taps] = off;
        p->first[p->taps] = first;
        p->end[p->taps++] = end;
        p->left = max_int(p->left, first);
        p->right = max_int(p->right, p->outputs - end);
        if (first > 0 && end < p->outputs) both = true;
    }
    if (g->step == TILE_STEPS) p->left = p->outputs;
    /* the tile can skip one pixel at one end */
    else if (p->left <= 1 && p->right <= 1 && !both)
        p->left = p->right = 0;
    p->left = min_int(p->left, p->outputs);
    p->right = min_int(p->right, p->outputs - p->left);
}

/* Steps without a tile go pixel by pixel. */
static enum tile_step conv_gather_plan_step_of(int lanes, int in_step)
{
    if (lanes == 1) return in_step == 1 ? STEP_1 : TILE_STEPS;
    return in_step == 1 ? STEP_16 : in_step == 2 ? STEP_32 : TILE_STEPS;
}

/* Output blocks go to tiles of tile_blocks, the remainder to smaller powers of two. */
static int next_group(const struct gather *g, int left)
{
    int count = g->tile_blocks;
    while (count > left) count /= 2;
    return count;
}

bool gather_group(const struct gather *g, int index, struct group *found)
{
    int base = 0;
    for (int i = 0; i < g->ndst; i++) {
        int blocks = lane_blocks(&g->dst[i]);
        for (int first = 0, count; first < blocks; first += count, base += count) {
            count = next_group(g, blocks - first);
            if (g->backward && g->c.skip[i]) continue;
            if (index-- > 0) continue;
            *found = (struct group){
                .t = &g->dst[i], .first = first, .count = count, .base = base, .add = g->c.add[i]};
            return true;
        }
    }
    return false;
}

static int terms_per_block(const struct gather *g)
{
    int max = 0;
    for (int i = 0; i < g->nsrc; i++)
        max = max_int(max, g->src[i].lanes == 1 ? min_int(g->src[i].s.c, LANES) : 1);
    return max * conv_taps(&g->c);
}

static void plan_blocking(struct gather *g)
{
    int longest = 0, taps = conv_taps(&g->c);
    for (int f = 0; f < g->out_step; f++) longest = max_int(longest, g->phase[f].outputs);
    bool narrow = longest <= TILE_NARROW_PIXELS;
    g->tile_blocks = narrow ? TILE_NARROW : TILE_WIDE;
    for (int f = 0; f < g->out_step; f++) {
        struct row_phase *p = &g->phase[f];
        int middle = p->outputs - p->left - p->right;
        p->pieces = divide_up(middle, narrow ? TILE_NARROW_PIXELS : TILE_WIDE_PIXELS);
        p->piece = p->pieces ? middle / p->pieces : 0;
        p->longer = middle - p->pieces * p->piece;
    }
    struct group ignored;
    while (gather_group(g, g->groups, &ignored)) g->groups++;
    int weights = g->tile_blocks * taps * BLOCK; /* of one group and source block */
    g->chunk =
        max_int(1, min_int(GATHER_CHUNK_WEIGHTS / weights, GATHER_MAX_TERMS / terms_per_block(g)));
    g->chunks = divide_up(g->src_blocks, g->chunk);
    g->chunk = divide_up(g->src_blocks, g->chunks);
    int per_bundle = g->chunks > 1 ? 1 : max_int(1, GATHER_CHUNK_WEIGHTS / (weights * g->chunk));
    g->bundles = divide_up(g->groups, per_bundle);
    if (g->bundles)
        g->task_weights =
            (size_t)divide_up(g->groups, g->bundles) * (size_t)weights * (size_t)g->chunk;
}

static void plan_tasks(struct gather *g)
{
    const struct shape s = g->dst[0].s;
    const int *stride = g->c.stride;
    double pixels = (double)s.n * (double)shape_pixels(s);
    g->rows = s.n * s.d * s.h;
    g->runs = min_int(g->rows, divide_up(ENOUGH_TASKS, max_int(1, g->bundles)));
    if (g->runs * (double)TASK_PIXELS > pixels) g->runs = max_int(1, (int)(pixels / TASK_PIXELS));
    double uses = pixels / g->runs / (stride[0] * stride[1] * stride[2]);
    g->turn_first = g->backward && g->runs > 1 && uses < TURN_PIXELS;
}

void gather_plan(struct gather *g, const struct conv *c, bool backward)
{
    memset(g, 0, sizeof *g);
    g->c = longer_rows(c);
    c = &g->c;
    g->backward = backward;
    g->finish = c->scale || c->map || c->act != ACT_NONE;
    g->src = backward ? &c->y : c->x;
    g->dst = backward ? c->x : &c->y;
    g->nsrc = backward ? 1 : c->nx;
    g->ndst = backward ? c->nx : 1;
    g->src_blocks = backward ? conv_out_blocks(c) : conv_in_blocks(c);
    g->in_step = backward ? 1 : c->stride[2];
    g->out_step = backward ? c->stride[2] : 1;
    g->step = conv_gather_plan_step_of(g->src[0].lanes, g->in_step);
    for (int f = 0; f < g->out_step; f++) plan_phase(g, f);
    plan_blocking(g);
    plan_tasks(g);
}

bool gather_fits(const struct conv *c, bool backward)
{
    struct gather g = {.c = *c, .src = backward ? &c->y : c->x, .nsrc = backward ? 1 : c->nx};
    for (int i = 0; i < 3; i++)
        if (c->kernel[i] > GATHER_MAX_KERNEL || c->stride[i] > GATHER_MAX_KERNEL) return false;
    for (int i = 1; i < c->nx; i++)
        if (c->x[i].lanes != c->x[0].lanes) return false;
    return terms_per_block(&g) <= GATHER_MAX_TERMS;
}
