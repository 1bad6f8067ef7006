/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd convolution, forward and backward by input, for every scheme of fast_wino.h.
 *
 * Source planes are transformed patch by patch (V), weights block by block (U); M = V U is a product of matrices per frequency, done by the
 * register tile of the direct convolution; its results are transformed back.  In 3D the transforms stay in the plane and the product sums
 * over the taps along z.  Two ways to go about it, chosen by shape:
 *
 * - marching (many tiles, few weights): all weights are transformed first.  A task is a run of tiles; it walks along z with a ring of
 *   transformed source planes that stay in its L2, and makes all destination blocks of each plane.
 * - gathering (few tiles, many weights): a slab of source planes is transformed first.  A task is some tiles times some destination blocks;
 *   it transforms its own weights, a few source blocks at a time, and sums up in M. */
#include <string.h>

#include "kernel/fast_wino_run.h"

static struct wino_block src_block(const struct wino *w, int index) { return wino_block_of(w->src, NULL, index); }
static struct wino_block dst_block(const struct wino *w, int index) { return wino_block_of(w->dst, w->backward ? w->c.skip : NULL, index); }

/* ---- weights */

/* One plane of weights between two blocks, [tap][source][destination]; what is not in place already is turned into `turned`. */
static const float *plane_of_weights(const struct wino *w, int phase, int src, int dst, int tap_d, float *turned)
{
    const ptrdiff_t taps = w->s->taps, in_blocks = conv_in_blocks(&w->c), depth = w->c.kernel[0];
    ptrdiff_t pair = w->backward ? src * in_blocks + dst : dst * in_blocks + src;
    const float *plane = w->c.w + (pair * depth + tap_d) * taps * BLOCK;
    if (!w->backward) return plane;
    for (ptrdiff_t t = 0; t < taps; t++)
        if (w->s->reads[phase] >> t & 1) transpose_blocks(plane + t * BLOCK, turned + (w->s->reverse ? taps - 1 - t : t) * BLOCK, 1);
    return turned;
}

/* The same of w3 (kernel.h, up_expand): a tap along z is one plane or the sum of two; forward wants the others from the end. */
static const float *plane_of_w3(const struct wino *w, int src, int dst, int tap_d, float *turned)
{
    enum { TAPS = 9 };
    static const int first[] = {2, 1, 0, 0};
    const bool flat_kernel = w->c.kernel[0] == 1, two = !flat_kernel && (tap_d == 1 || tap_d == 2);
    const ptrdiff_t pair = (ptrdiff_t)(w->backward ? dst : src) * conv_out_blocks(&w->c) + (w->backward ? src : dst);
    const float *plane = w->c.w3 + (flat_kernel ? pair : pair * 3 + first[tap_d]) * TAPS * BLOCK;
    if (w->backward && !two) return plane;
    for (int t = 0; t < TAPS; t++, plane += BLOCK) {
        float both[BLOCK], *sum = w->backward ? turned + t * BLOCK : both;
        for (int i = 0; two && i < BLOCK; i++) sum[i] = plane[i] + plane[TAPS * BLOCK + i];
        if (!w->backward) transpose_blocks(two ? sum : plane, turned + (TAPS - 1 - t) * BLOCK, 1);
    }
    return turned;
}

/* The weights of one destination block for source blocks first..end-1 and the z taps of `p` (or all, where it is NULL):
 * [frequency][tap][source block][BLOCK]. */
static void turn_weights(const struct wino *w, int phase, const struct depth_phase *p, int dst, int first, int end, float *u,
                         ptrdiff_t u_freq)
{
    enum { MOST_TAPS = 16 };
    float turned[MOST_TAPS * BLOCK];
    const int taps = p ? p->taps : w->c.kernel[0], base = dst_block(w, dst).base;
    for (int i = 0; i < taps; i++)
        for (int b = first; b < end; b++, u += BLOCK) {
            int tap = p ? p->tap[i] : i;
            if (w->c.w3)
                w->s->weights3(plane_of_w3(w, b, base, tap, turned), phase, u, u_freq);
            else
                w->s->weights(plane_of_weights(w, phase, b, base, tap, turned), phase, u, u_freq);
        }
}

static void weights_task(void *arg, int task, int worker)
{
    const struct wino *w = arg;
    (void)worker;
    int phase = task % w->s->phases, dst = task / w->s->phases;
    turn_weights(w, phase, NULL, dst, 0, w->src_blocks, w->u + phase * w->u_phase + dst * w->u_block, w->u_freq);
}

/* ---- patches */

/* Tiles t..t_end-1 of one plane and one source block; a plane outside of the source is zero. */
static void load_tiles(const struct wino *w, int n, int d, int phase, int block, int t, int t_end, float *v)
{
    float copy[WINO_MOST_PATCH * WINO_MOST_PATCH * LANES];
    if (d < 0 || d >= w->src[0].s.d) {
        for (int f = 0; f < w->freqs; f++) memset(v + f * w->v_freq, 0, (size_t)(t_end - t) * LANES * sizeof *v);
        return;
    }
    struct wino_block b = src_block(w, block);
    const struct wino_scheme *s = w->s;
    const struct wino_plane plane = wino_plane_of(b.t, &w->c.load, n, d, b.block);
    for (; t < t_end; t++, v += LANES) {
        ptrdiff_t row;
        int h = t / w->columns * s->patch_step + s->patch_from + phase / s->out_step;
        int x = t % w->columns * s->patch_step + s->patch_from + phase % s->out_step;
        const float *patch = wino_patch(&plane, h, x, s->patch, copy, &row);
        s->load(patch, row, v, w->v_freq);
    }
}

/* ---- products */

/* M (+)= V U for `tiles` tiles and `blocks` destination blocks.  v[i]: the first tile of the source plane under the i-th tap; u: weights of
 * the first destination block, tap_step apart for taps[i], for source blocks first..end-1 of V. */
struct product {
    const float *v[WINO_MAX_KERNEL_D], *u;
    int tap[WINO_MAX_KERNEL_D], taps;
    ptrdiff_t u_freq, u_block, tap_step;
    int first, end;
    int tiles, blocks;
    float *m;
    bool add;
    const struct result *result; /* where sums go that are complete after this, for fetch_results; or NULL */
};

/* Tiles of a plane of some destination blocks. */
struct result {
    int n, d, phase;
    int tile, tiles;
    int block, blocks;
    const float *m; /* the first tile */
};

/* The number with which a plane begins. */
static size_t plane_of_result(const struct result *r, const struct wino_block *b)
{
    return tensor_first(b->t, r->n, b->block * LANES) + (size_t)r->d * (size_t)b->t->s.h * (size_t)b->t->s.w * LANES;
}

/* A tile's place in a plane, cut off at its edges. */
struct spot {
    size_t at; /* the number with which it begins */
    ptrdiff_t row, pixel;
    int rows, columns;
};

static struct spot find_spot(const struct wino *w, size_t plane, int phase, int tile)
{
    const struct wino_scheme *s = w->s;
    const struct shape size = w->dst[0].s;
    const int side = s->tile * s->out_step, line = tile / w->columns;
    const int h = line * side + phase / s->out_step, x = (tile - line * w->columns) * side + phase % s->out_step;
    return (struct spot){.at = plane + ((size_t)h * (size_t)size.w + (size_t)x) * LANES,
                         .row = (ptrdiff_t)size.w * LANES * s->out_step,
                         .pixel = (ptrdiff_t)s->out_step * LANES,
                         .rows = smaller(s->tile, up(size.h - h, s->out_step)),
                         .columns = smaller(s->tile, up(size.w - x, s->out_step))};
}

/* While a product runs memory is idle: the lines that its results go to come into L2, one of `parts` parts of them at a time. */
static void fetch_results(const struct wino *w, const struct result *r, int part, int parts)
{
    const int all = r->tiles * r->blocks;
    for (int i = all * part / parts; i < all * (part + 1) / parts; i++) {
        const struct wino_block b = dst_block(w, r->block + i / r->tiles);
        const struct spot at = find_spot(w, plane_of_result(r, &b), r->phase, r->tile + i % r->tiles);
        for (int j = 0; j < at.rows; j++)
            for (int k = 0; k < at.columns; k++) fetch_to_l2(tensor_at(b.t, at.at + (size_t)(j * at.row + k * at.pixel)));
    }
}

static int list_products(const struct wino *w, const struct product *p, struct term *to)
{
    int count = 0;
    for (int part = 0; part < w->s->parts; part++)
        for (int i = 0; i < p->taps; i++)
            for (int b = p->first; b < p->end; b++) {
                struct wino_block s = src_block(w, b);
                to[count++] =
                    (struct term){.x = p->v[i] + part * w->s->freqs * w->v_freq + b * w->v_block,
                                  .w = part * w->s->freqs * p->u_freq + p->tap[i] * p->tap_step + (ptrdiff_t)(b - p->first) * BLOCK,
                                  .lanes = smaller(LANES, s.t->s.c - s.block * LANES)};
            }
    return count;
}

static void multiply(const struct wino *w, const struct product *p)
{
    static const unsigned char edge[1] = {EDGE_NONE};
    struct term terms[WINO_MAX_TERMS];
    struct tile t = {
        .terms = terms, .edge = edge, .w_block = p->u_block, .b = tile_no_bias, .y_block = w->m_block, .y_pixel = LANES, .add = p->add};
    t.count = list_products(w, p, terms);
    const int pieces = up(p->tiles, TILE_WIDE_PIXELS);
    const int calls = w->s->freqs * up(p->blocks, TILE_WIDE) * pieces;
    int call = 0;
    for (int f = 0; f < w->s->freqs; f++)
        for (int block = 0; block < p->blocks; block += TILE_WIDE)
            for (int i = 0; i < pieces; i++, call++) {
                if (p->result) fetch_results(w, p->result, call, calls);
                int at = part_of(p->tiles, pieces, i), pixels = part_of(p->tiles, pieces, i + 1) - at;
                t.x_at = f * w->v_freq + (ptrdiff_t)at * LANES;
                t.w = p->u + f * p->u_freq + block * p->u_block;
                t.y = p->m + f * w->m_freq + block * w->m_block + (ptrdiff_t)at * LANES;
                tile_sum(tile_kernel(STEP_16, smaller(TILE_WIDE, p->blocks - block), pixels), &t);
            }
}

/* ---- results */

enum { MOST_TILE = 4 };

/* The pixels of a tile that are inside, one way or the other; `whole` holds all of it. */
static void read_spot(const struct tensor *t, const struct spot *at, ptrdiff_t line, float *whole)
{
    for (int i = 0; i < at->rows; i++)
        for (int j = 0; j < at->columns; j++) {
            const void *y = tensor_at(t, at->at + (size_t)(i * at->row + j * at->pixel));
            for (size_t v = 0; v < LANES; v += VEC_LANES) vec_store(whole + i * line + j * LANES + v, map_get(y, v, VEC_LANES, t->half));
        }
}

static void write_spot(const struct tensor *t, const struct spot *at, ptrdiff_t line, const float *whole)
{
    for (int i = 0; i < at->rows; i++)
        for (int j = 0; j < at->columns; j++) {
            void *y = tensor_at(t, at->at + (size_t)(i * at->row + j * at->pixel));
            for (size_t v = 0; v < LANES; v += VEC_LANES) map_put(y, v, vec_load(whole + i * line + j * LANES + v), VEC_LANES, t->half);
        }
}

static void store_tile(const struct wino *w, const float *m, const struct wino_end *end, const struct tensor *t, size_t plane, int phase,
                       int tile)
{
    const struct wino_scheme *s = w->s;
    const struct spot at = find_spot(w, plane, phase, tile);
    if (at.rows == s->tile && at.columns == s->tile && !t->half) {
        s->store(m, w->m_freq, end, t->p + at.at, at.row, at.pixel);
        return;
    }
    float whole[MOST_TILE * MOST_TILE * LANES] = {0};
    const ptrdiff_t line = s->tile * LANES;
    if (end->add) read_spot(t, &at, line, whole);
    s->store(m, w->m_freq, end, whole, line, LANES);
    write_spot(t, &at, line, whole);
}

static void store_tiles(const struct wino *w, const struct result *r)
{
    for (int i = 0; i < r->blocks; i++) {
        struct wino_block b = dst_block(w, r->block + i);
        struct wino_end end = {.scale = w->c.scale ? w->c.scale + b.base * LANES : NULL,
                               .b = w->c.b ? w->c.b + b.base * LANES : NULL,
                               .act = w->c.act,
                               .add = w->c.add[b.tensor]};
        const size_t plane = plane_of_result(r, &b);
        const float *m = r->m + i * w->m_block;
        for (int t = 0; t < r->tiles; t++, m += LANES) store_tile(w, m, &end, b.t, plane, r->phase, r->tile + t);
    }
}

/* ---- marching */

static int slot_of(const struct wino *w, int d) { return (d - w->first_off) % w->ring; }

static void march_plane(const struct wino *w, int n, int z, int f, int phase, int t, int tiles, const float *ring, float *m)
{
    const struct depth_phase *d = &w->depth[f];
    for (int block = 0; block < w->dst_blocks; block += w->blocks_at_once) {
        struct product p = {.u = w->u + phase * w->u_phase + block * w->u_block,
                            .taps = d->taps,
                            .u_freq = w->u_freq,
                            .u_block = w->u_block,
                            .tap_step = (ptrdiff_t)w->src_blocks * BLOCK,
                            .tiles = tiles,
                            .blocks = smaller(w->blocks_at_once, w->dst_blocks - block),
                            .m = m};
        for (int i = 0; i < d->taps; i++) {
            p.tap[i] = d->tap[i];
            p.v[i] = ring + slot_of(w, z * w->in_d + d->off[i]) * w->v_plane;
        }
        const int most = WINO_MAX_TERMS / (w->s->parts * d->taps);
        const struct result r = {n, z * w->out_d + f, phase, t, tiles, block, p.blocks, m};
        for (p.first = 0; p.first < w->src_blocks; p.first = p.end) {
            p.end = smaller(w->src_blocks, p.first + most);
            p.result = p.end == w->src_blocks ? &r : NULL;
            multiply(w, &p);
            p.u += (p.end - p.first) * BLOCK;
            p.add = true;
        }
        store_tiles(w, &r);
    }
}

static void march_task(void *arg, int task, int worker)
{
    const struct wino *w = arg;
    int run = task % w->runs, left = task / w->runs, tile_run = left % w->tile_runs;
    left /= w->tile_runs;
    int phase = left % w->s->phases, n = left / w->s->phases;
    int z = part_of(w->steps, w->runs, run), z_end = part_of(w->steps, w->runs, run + 1);
    int t = part_of(w->tiles, w->tile_runs, tile_run), t_end = part_of(w->tiles, w->tile_runs, tile_run + 1);
    float *ring = w->v + (size_t)worker * w->v_size, *m = w->m + (size_t)worker * w->m_size;
    for (int next = z * w->in_d + w->first_off; z < z_end; z++) {
        for (; next < z * w->in_d + w->first_off + w->ring; next++)
            for (int b = 0; b < w->src_blocks; b++)
                load_tiles(w, n, next, phase, b, t, t_end, ring + slot_of(w, next) * w->v_plane + b * w->v_block);
        for (int f = 0; f < w->out_d; f++)
            if (z < w->depth[f].planes) march_plane(w, n, z, f, phase, t, t_end - t, ring, m);
    }
}

/* ---- gathering */

struct gathering {
    const struct wino *w;
    struct slab slab;
    int phase;
    int tile_tasks, block_tasks, images; /* images: sequences of tiles without a gap */
};

/* Where source plane `plane` of a slab's image stands among its planes, from 0 on. */
static int place_of_plane(const struct wino *w, const struct slab *b, int plane)
{
    return plane % w->in_d * planes_apart(w, b) + plane / w->in_d;
}

static void slab_task(void *arg, int task, int worker)
{
    const struct gathering *g = arg;
    const struct wino *w = g->w;
    const struct slab *b = &g->slab;
    (void)worker;
    int planes = slab_planes(w, b), block = task % w->src_blocks, plane = task / w->src_blocks % planes, n = task / w->src_blocks / planes;
    float *v = w->v + block * w->v_block;
    if (flat(w))
        v += n * (b->z_end - b->z) * w->v_plane;
    else
        v += n * w->freqs * w->v_freq;
    v += place_of_plane(w, b, plane) * w->v_plane;
    load_tiles(w, b->n + n, b->z * w->in_d + w->first_off + plane, g->phase, block, b->t, b->t_end, v);
}

/* Tiles first..end-1 of a sequence of planes, plane by plane, to their places. */
static void store_sequence(const struct gathering *g, int image, int f, int first, int end, const float *m, int block, int blocks)
{
    const struct wino *w = g->w;
    const struct slab *b = &g->slab;
    const int tiles = b->t_end - b->t, steps = b->z_end - b->z;
    for (int at = first; at < end;) {
        int plane = at / tiles, t = at % tiles, count = smaller(tiles - t, end - at);
        int n = flat(w) ? plane / steps : image, z = flat(w) ? plane % steps : plane;
        struct result r = {b->n + n, (b->z + z) * w->out_d + f,          g->phase, b->t + t, count, block,
                           blocks,   m + (ptrdiff_t)(at - first) * LANES};
        if (b->z + z < w->depth[f].planes) store_tiles(w, &r);
        at += count;
    }
}

static void gather_task(void *arg, int task, int worker)
{
    const struct gathering *g = arg;
    const struct wino *w = g->w;
    const struct slab *b = &g->slab;
    int tile_task = task % g->tile_tasks, left = task / g->tile_tasks, f = left % w->out_d;
    left /= w->out_d;
    int block = left % g->block_tasks * w->blocks_at_once, image = left / g->block_tasks;
    const struct depth_phase *d = &w->depth[f];
    int all = (b->t_end - b->t) * (b->z_end - b->z) * (flat(w) ? b->n_end - b->n : 1);
    int first = part_of(all, g->tile_tasks, tile_task), end = part_of(all, g->tile_tasks, tile_task + 1);
    float *u = w->u + (size_t)worker * w->u_size, *m = w->m + (size_t)worker * w->m_size;
    const float *v = w->v + (flat(w) ? 0 : image * w->freqs * w->v_freq) + (ptrdiff_t)first * LANES;
    struct product p = {.u = u,
                        .taps = d->taps,
                        .u_freq = w->u_freq,
                        .u_block = w->u_block,
                        .tiles = end - first,
                        .blocks = smaller(w->blocks_at_once, w->dst_blocks - block),
                        .m = m};
    for (int i = 0; i < d->taps; i++) {
        p.tap[i] = i;
        p.v[i] = v + place_of_plane(w, b, d->off[i] - w->first_off) * w->v_plane;
    }
    for (p.first = 0; p.first < w->src_blocks; p.first = p.end) {
        p.end = smaller(w->src_blocks, p.first + w->chunk);
        p.tap_step = (ptrdiff_t)(p.end - p.first) * BLOCK;
        for (int i = 0; i < p.blocks; i++) turn_weights(w, g->phase, d, block + i, p.first, p.end, u + i * w->u_block, w->u_freq);
        multiply(w, &p);
        p.add = true;
    }
    store_sequence(g, image, f, first, end, m, block, p.blocks);
}

static void gather_slab(const struct wino *plan, struct slab slab, struct pool *pool)
{
    struct wino own = *plan, *w = &own;
    struct gathering g = {.w = w, .slab = slab};
    w->v_plane =
        (ptrdiff_t)(slab.t_end - slab.t) * LANES; /* the last slab may have fewer tiles, and planes follow each other without gaps */
    int n = slab.n_end - slab.n, all = (slab.t_end - slab.t) * (slab.z_end - slab.z) * (flat(w) ? n : 1);
    g.images = flat(w) ? 1 : n;
    g.tile_tasks = up(all, w->per_task);
    g.block_tasks = up(w->dst_blocks, w->blocks_at_once);
    for (g.phase = 0; g.phase < w->s->phases; g.phase++) {
        pool_run(pool, w->src_blocks * slab_planes(w, &slab) * n, slab_task, &g);
        pool_run(pool, g.tile_tasks * w->out_d * g.block_tasks * g.images, gather_task, &g);
    }
}

static void gather_slabs(const struct wino *w, struct pool *pool)
{
    const struct slab *b = &w->slab;
    for (int n = 0; n < w->dst[0].s.n; n += b->n_end)
        for (int z = 0; z < w->steps; z += b->z_end)
            for (int t = 0; t < w->tiles; t += b->t_end) {
                struct slab part = {n, smaller(w->dst[0].s.n, n + b->n_end), z, smaller(w->steps, z + b->z_end),
                                    t, smaller(w->tiles, t + b->t_end)};
                gather_slab(w, part, pool);
            }
}

/* ---- both */

size_t wino_run_workspace(const struct wino_scheme *s, const struct conv *c, bool backward, int threads)
{
    struct wino w;
    wino_plan(&w, s, c, backward);
    size_t workers = (size_t)threads;
    return (w.march ? w.u_size + workers * (w.v_size + w.m_size) : w.v_size + workers * (w.u_size + w.m_size)) * sizeof(float);
}

void wino_run(const struct wino_scheme *s, const struct conv *c, bool backward, void *workspace, struct pool *pool)
{
    struct wino w;
    wino_plan(&w, s, c, backward);
    size_t workers = (size_t)pool_threads(pool);
    if (w.march) {
        w.u = workspace;
        w.v = w.u + w.u_size;
        w.m = w.v + workers * w.v_size;
        pool_run(pool, s->phases * w.dst_blocks, weights_task, &w);
        pool_run(pool, w.runs * w.tile_runs * s->phases * w.dst[0].s.n, march_task, &w);
    } else {
        w.v = workspace;
        w.u = w.v + w.v_size;
        w.m = w.u + workers * w.u_size;
        gather_slabs(&w, pool);
    }
}
