/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd convolution, backward by weight, for all schemes of fast_wino_w.h (algebra:
 * fast_wino.h):
 *
 * dw = G^T [ sum over tiles of (B^T x B) . (A dy A^T) ] G
 *
 * Transforms are in plane; in 3D each tap along d sums over the planes of dy and the matching
 * planes of x.
 *
 * A task is a part of dw (some blocks of x times some of dy) whose sums fit L2 with the transforms
 * of one turn's tiles. So a patch is transformed again for each part: cheaper than fetching its
 * transform, over twice as large, from a farther cache, and without memory that grows with the
 * image. Few parts are split by tiles, too; each split's dw goes to a copy, and the copies are
 * added in order.
 *
 * A turn is a strip of tiles in some consecutive planes, counted over all images. In 3D turns go
 * along d, and x keeps its last planes in a ring, since a plane of x meets several planes of dy. */
#include "kernel/fast_wino_w.h"

#include <string.h>

enum {
    SUM_FLOATS = 154 * 1024,  /* per task: 616 KiB */
    TASK_FLOATS = 288 * 1024, /* with transforms: 1.1 MiB, half of a large L2 */
    TURN_PLANES = 4,          /* in a 3D turn, before strips become shorter */
    MAX_TURN = 128,           /* tiles */
    MAX_TAPS_D = 3,           /* of one parity */
    ENOUGH_TASKS = 16,
    SPLIT_TILES = 32 /* minimum */
};

/* With stride 2, even and odd planes of x meet different taps: a parity is the problem of one kind;
 * its planes count from 0 in every image, as many as dy has. */
struct parity {
    int first;  /* plane of x that is its plane 0 */
    int before; /* plane z of dy meets planes z-before .. z-before+taps-1 */
};

struct gradient {
    const struct wino_w_scheme *s;
    const struct conv *c;
    int stride, taps; /* along d; taps of one parity */
    struct parity parity[2];
    int freqs; /* numbers in a patch of x */
    int in_blocks, out_blocks;
    int in_part, out_part; /* maximum blocks of a part */
    int in_parts, out_parts;
    int bundle, bundles; /* parts in sequence with the same x in a task */
    int tiles_w, plane_tiles;
    int planes;        /* of all images */
    int strip, strips; /* maximum tiles of a strip; strips per plane */
    int turn, turns;   /* maximum planes of a turn; turns per strip */
    int ring;          /* planes of x */
    int splits;
    /* between numbers; odd counts of cache lines, to spread over the cache's sets */
    ptrdiff_t x_step, dy_step;
    size_t task_size, weights; /* floats */
    float *sums;               /* splits times weights; NULL: c->w itself */
    float *scratch;            /* task_size per worker */
};

/* ---- the plan: a pure function of the shapes */

static void wino_w_plan_depth(struct gradient *g)
{
    g->stride = g->c->stride[0];
    g->taps = g->c->kernel[0] / g->stride;
    for (int p = 0; p < g->stride; p++) {
        int before = divide_up(g->c->pad[0] - p, g->stride);
        g->parity[p] = (struct parity){before * g->stride + p - g->c->pad[0], before};
    }
}

/* Large parts transform less: of those whose sums fit, the ones with the fewest vectors. */
static void wino_w_plan_parts(struct gradient *g)
{
    const int pairs = max_int(1, SUM_FLOATS / (g->taps * g->freqs * BLOCK));
    double best = 0;
    for (int i = 1; i <= min_int(g->in_blocks, pairs); i++) {
        const int in_parts = divide_up(g->in_blocks, i),
                  out_parts = divide_up(g->out_blocks, min_int(g->out_blocks, pairs / i));
        const double vectors = (double)g->in_blocks * out_parts * g->freqs +
            (double)g->out_blocks * in_parts * g->s->dy_freqs;
        if (i > 1 && vectors >= best) continue;
        best = vectors;
        g->in_parts = in_parts;
        g->out_parts = out_parts;
    }
    g->in_part = divide_up(g->in_blocks, g->in_parts);
    g->out_part = divide_up(g->out_blocks, g->out_parts);
}

static void plan_turns(struct gradient *g)
{
    const int more = g->taps - 1, x = g->in_part * g->freqs * LANES,
              dy = g->out_part * g->s->dy_freqs * LANES; /* of a tile */
    const int floats =
        max_int(0, TASK_FLOATS - g->in_part * g->out_part * g->taps * g->freqs * BLOCK);
    const int planes = min_int(g->planes, g->taps > 1 ? TURN_PLANES : 1);
    int strip = min_int(floats / ((planes + more) * x + planes * dy), MAX_TURN / planes);
    g->strips = divide_up(g->plane_tiles, max_int(1, strip));
    g->strip = divide_up(g->plane_tiles, g->strips);
    int turn = min_int((floats / g->strip - more * x) / (x + dy), MAX_TURN / g->strip);
    g->turns = divide_up(g->planes, max_int(1, turn));
    g->turn = divide_up(g->planes, g->turns);
    g->ring = min_int(g->planes, g->turn + more);
}

static void wino_w_plan_gradient(
    struct gradient *g, const struct wino_w_scheme *s, const struct conv *c)
{
    memset(g, 0, sizeof *g);
    g->s = s;
    g->c = c;
    g->freqs = s->x->parts * s->x->freqs;
    g->in_blocks = conv_in_blocks(c);
    g->out_blocks = conv_out_blocks(c);
    g->weights = conv_weights(c);
    g->tiles_w = divide_up(c->y.s.w, s->x->tile);
    g->plane_tiles = g->tiles_w * divide_up(c->y.s.h, s->x->tile);
    g->planes = c->y.s.n * c->y.s.d;
    wino_w_plan_depth(g);
    wino_w_plan_parts(g);
    plan_turns(g);
    const int parts = g->in_parts * g->out_parts * g->stride, units = g->strips * g->turns;
    const double max = (double)g->plane_tiles * g->planes / SPLIT_TILES;
    g->splits = min_int(min_int(units, divide_up(ENOUGH_TASKS, parts)),
        max < ENOUGH_TASKS ? max_int(1, (int)max) : ENOUGH_TASKS);
    g->bundle = units > 1 ? 1 : min_int(g->out_parts, max_int(1, parts / ENOUGH_TASKS));
    g->bundles = divide_up(g->out_parts, g->bundle);
    g->x_step = (g->in_part * g->ring * g->strip | 1) * LANES;
    g->dy_step = (g->out_part * g->turn * g->strip | 1) * LANES;
    g->task_size = (size_t)(g->in_part * g->out_part * g->taps * g->freqs) * BLOCK +
        (size_t)(g->x_step * g->freqs) + (size_t)(g->dy_step * s->dy_freqs);
}

/* ---- transforms */

typedef void load_fn(const float *from, ptrdiff_t row, float *to, ptrdiff_t step);

/* How a plane is cut: tile t's patch begins at t*step + from and is `size` pixels wide. */
struct patches {
    int size, step, from;
    load_fn *load;
};

/* Tiles first..first+count-1 of one plane; zero outside. */
static void load_strip(const struct gradient *g, const struct patches *p,
    const struct wino_plane *plane, int first, int count, float *to, ptrdiff_t to_step)
{
    float copy[WINO_MOST_PATCH * WINO_MOST_PATCH * LANES];
    for (int i = first; i < first + count; i++, to += LANES) {
        ptrdiff_t row;
        const float *patch = wino_patch(plane, i / g->tiles_w * p->step + p->from,
            i % g->tiles_w * p->step + p->from, p->size, copy, &row);
        p->load(patch, row, to, to_step);
    }
}

/* ---- one task */

struct task {
    struct parity parity;
    int in, ins, out, outs; /* blocks of x and dy */
    int first, count;       /* of the strip */
    float *x, *dy;          /* [number][block][plane][tile][LANES] */
    float *sums;            /* [out][in][tap along d][number][c][k] */
};

static void load_x(const struct gradient *g, const struct task *t, int from, int till)
{
    const struct wino_scheme *s = g->s->x;
    const struct patches p = {s->patch, s->patch_step, s->patch_from, s->load};
    for (int b = 0; b < t->ins; b++) {
        const struct wino_block x = wino_block_of(g->c->x, NULL, t->in + b);
        for (int plane = from; plane < till; plane++) {
            const int depth = g->c->y.s.d, z = plane % depth * g->stride + t->parity.first;
            const struct wino_plane at = wino_plane_of(x.t, &g->c->load, plane / depth, z, x.block);
            float *to = t->x + (ptrdiff_t)(b * g->ring + plane % g->ring) * g->strip * LANES;
            load_strip(g, &p, &at, t->first, t->count, to, g->x_step);
        }
    }
}

static void wino_w_load_dy(const struct gradient *g, const struct task *t, int from, int till)
{
    const struct tensor *y = &g->c->y;
    const struct patches p = {g->s->x->tile, g->s->x->tile, 0, g->s->load_dy};
    for (int b = 0; b < t->outs; b++)
        for (int plane = from; plane < till; plane++) {
            const struct wino_plane at =
                wino_plane_of(y, NULL, plane / y->s.d, plane % y->s.d, t->out + b);
            float *to = t->dy + (ptrdiff_t)(b * g->turn + plane - from) * g->strip * LANES;
            load_strip(g, &p, &at, t->first, t->count, to, g->dy_step);
        }
}

/* Planes of x that meet planes from..till-1 of dy under a tap along d. Contiguous planes become one
 * long row. */
static void find_rows(const struct gradient *g, const struct task *t, int from, int till, int tap,
    struct row_pair *rows, struct outer *o)
{
    const int depth = g->c->y.s.d;
    const ptrdiff_t strip = (ptrdiff_t)g->strip * LANES;
    bool joined = t->count == g->strip;
    o->rows = rows;
    o->count = 0;
    o->pixels = t->count;
    for (int plane = from; plane < till; plane++) {
        const int source = plane + tap - t->parity.before, z = source - plane / depth * depth;
        if (z < 0 || z >= depth) continue;
        struct row_pair row = {t->x + source % g->ring * strip, t->dy + (plane - from) * strip};
        /* a skipped plane, or the ring's end */
        if (o->count && row.x - rows[o->count - 1].x != strip) joined = false;
        rows[o->count++] = row;
    }
    if (o->count < 2 || !joined) return;
    o->pixels *= o->count;
    o->count = 1;
}

/* One number of all block pairs. */
static void multiply_number(
    const struct gradient *g, const struct task *t, struct outer *o, int tap, int f)
{
    const ptrdiff_t per_pair = (ptrdiff_t)g->taps * g->freqs * BLOCK,
                    x_block = (ptrdiff_t)g->ring * g->strip * LANES;
    for (int out = 0; out < t->outs; out += OUTER_BLOCKS)
        for (int in = 0; in < t->ins; in++) {
            const struct wino_block x = wino_block_of(g->c->x, NULL, t->in + in);
            o->x_at = f * g->x_step + in * x_block;
            o->dy_at = f % g->s->dy_freqs * g->dy_step + out * o->dy_block;
            o->dw = t->sums + (out * g->in_part + in) * per_pair + (tap * g->freqs + f) * BLOCK;
            outer_sum(o, min_int(OUTER_BLOCKS, t->outs - out),
                min_int(LANES, x.t->s.c - x.block * LANES));
        }
}

static void wino_w_multiply(
    const struct gradient *g, const struct task *t, int from, int till, bool add)
{
    struct row_pair rows[MAX_TAPS_D][MAX_TURN];
    struct outer o[MAX_TAPS_D];
    for (int tap = 0; tap < g->taps; tap++) {
        o[tap] = (struct outer){
            .x_step = LANES, .dy_block = (ptrdiff_t)g->turn * g->strip * LANES, .add = add};
        o[tap].w_block = (ptrdiff_t)g->in_part * g->taps * g->freqs * BLOCK;
        find_rows(g, t, from, till, tap, rows[tap], &o[tap]);
    }
    for (int i = 0; i < g->s->dy_freqs; i++) /* all that meets one number of dy, while cached */
        for (int f = i; f < g->freqs; f += g->s->dy_freqs)
            for (int tap = 0; tap < g->taps; tap++) multiply_number(g, t, &o[tap], tap, f);
}

/* One part of dw over one split's turns. */
static void wino_w_sum_part(const struct gradient *g, struct task *t, int split, bool have_x)
{
    const int units = g->strips * g->turns, begin = part_of(units, g->splits, split),
              end = part_of(units, g->splits, split + 1);
    const int before = t->parity.before, after = g->taps - 1 - before;
    for (int unit = begin; unit < end; unit++) {
        const int strip = unit / g->turns, turn = unit % g->turns;
        const int from = part_of(g->planes, g->turns, turn),
                  till = part_of(g->planes, g->turns, turn + 1);
        const bool fresh = unit == begin || turn == 0;
        t->first = part_of(g->plane_tiles, g->strips, strip);
        t->count = part_of(g->plane_tiles, g->strips, strip + 1) - t->first;
        if (!have_x)
            load_x(g, t, fresh ? max_int(0, from - before) : from + after,
                min_int(g->planes, till + after));
        wino_w_load_dy(g, t, from, till);
        wino_w_multiply(g, t, from, till, unit > begin);
    }
}

static void finish_part(
    const struct gradient *g, const struct task *t, int parity, float *dw, bool add)
{
    const int plane_taps = g->s->x->taps;
    for (int out = 0; out < t->outs; out++)
        for (int in = 0; in < t->ins; in++)
            for (int tap = 0; tap < g->taps; tap++) {
                const int pair = (t->out + out) * g->in_blocks + t->in + in,
                          to = pair * g->c->kernel[0] + tap * g->stride + parity;
                g->s->finish(t->sums +
                        ((ptrdiff_t)(out * g->in_part + in) * g->taps + tap) * g->freqs * BLOCK,
                    dw + (ptrdiff_t)to * plane_taps * BLOCK, add);
            }
}

static void wino_w_run_task(void *arg, int task, int worker)
{
    const struct gradient *g = arg;
    const int in = task % g->in_parts, bundle = task / g->in_parts % g->bundles;
    const int rest = task / g->in_parts / g->bundles, parity = rest % g->stride,
              split = rest / g->stride;
    struct task t = {.parity = g->parity[parity], .in = part_of(g->in_blocks, g->in_parts, in)};
    t.ins = part_of(g->in_blocks, g->in_parts, in + 1) - t.in;
    t.sums = g->scratch + (size_t)worker * g->task_size;
    t.x = t.sums + (ptrdiff_t)g->in_part * g->out_part * g->taps * g->freqs * BLOCK;
    t.dy = t.x + g->freqs * g->x_step;
    const int begin = bundle * g->bundle, end = min_int(g->out_parts, begin + g->bundle);
    for (int out = begin; out < end; out++) {
        t.out = part_of(g->out_blocks, g->out_parts, out);
        t.outs = part_of(g->out_blocks, g->out_parts, out + 1) - t.out;
        wino_w_sum_part(g, &t, split, out > begin);
        finish_part(g, &t, parity, g->sums ? g->sums + (size_t)split * g->weights : g->c->w,
            !g->sums && g->c->add[0]);
    }
}

/* Pairs of an output and a tap with a source inside, along an axis: all but one at each padded
 * end. */
static double wino_w_reach(const struct conv *c, int axis, int size)
{
    return (double)size * c->kernel[axis] - 2 * c->pad[axis];
}

bool wino_w_fits(const struct wino_w_scheme *scheme, const struct conv *c)
{
    const struct wino_scheme *s = scheme->x;
    const int stride = s->patch_step / s->tile, side = s->patch - (s->tile - 1) * stride;
    const struct shape x = c->x[0].s, y = c->y.s;
    const int from[3] = {x.d, x.h, x.w}, to[3] = {y.d, y.h, y.w};
    for (int i = 0; i < 3; i++) {
        const bool flat = i == 0 && c->kernel[0] == 1;
        if (c->kernel[i] != (flat ? 1 : side) || c->pad[i] != (flat ? 0 : -s->patch_from))
            return false;
        if (c->stride[i] != (flat ? 1 : stride) || from[i] != to[i] * c->stride[i]) return false;
    }
    for (int i = 0; i < c->nx; i++)
        if (c->x[i].lanes != LANES) return false;
    return c->y.lanes == LANES;
}

/* Cycles per block pair with AVX-512 (about half with AVX2), fitted to some 250 small problems with
 * one and two images, where the choice is close; wrong choices cost less than a tenth. */
bool wino_w_wins(const struct wino_w_scheme *s, const struct conv *c)
{
    struct gradient g;
    wino_w_plan_gradient(&g, s, c);
    const struct shape y = c->y.s;
    const double depths = y.n * wino_w_reach(c, 0, y.d),
                 tiles = (double)g.plane_tiles * g.planes * g.stride;
    const double direct =
        depths * wino_w_reach(c, 1, y.h) * (8.9 * wino_w_reach(c, 2, y.w) + 4 * c->kernel[2]);
    const double products = 9.0 * depths * g.plane_tiles * g.freqs;
    const double transforms =
        6.0 * tiles * ((double)g.freqs / g.out_part + (double)s->dy_freqs / g.in_part);
    const double ends = 95.0 * g.freqs * c->kernel[0];
    return products + transforms + ends < direct;
}

size_t wino_w_workspace(const struct wino_w_scheme *s, const struct conv *c, int threads)
{
    struct gradient g;
    wino_w_plan_gradient(&g, s, c);
    return ((g.splits > 1 ? (size_t)g.splits * g.weights : 0) + (size_t)threads * g.task_size) *
        sizeof(float);
}

void wino_w_run(
    const struct wino_w_scheme *s, const struct conv *c, void *workspace, struct pool *pool)
{
    struct gradient g;
    wino_w_plan_gradient(&g, s, c);
    g.scratch = workspace;
    if (g.splits > 1) {
        g.sums = workspace;
        g.scratch = g.sums + (size_t)g.splits * g.weights;
    }
    pool_run(pool, g.in_parts * g.bundles * g.stride * g.splits, wino_w_run_task, &g);
    if (g.sums) add_all_splits(g.sums, g.splits, g.weights, g.c->add[0], g.c->w, pool);
}
