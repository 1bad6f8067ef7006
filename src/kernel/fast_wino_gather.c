/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd for few tiles and many weights: transforms a slab of source planes first. A task is some
 * tiles times some destination blocks; it transforms its own weights, a few source blocks at a
 * time, and sums in M. */
#include "kernel/fast_wino_run.h"

struct gathering {
    const struct wino *w;
    struct slab slab;
    int phase;
    int tile_tasks, block_tasks, images; /* images: contiguous sequences of tiles */
};

/* The index of source plane `plane` of a slab's image, from 0. */
static int place_of_plane(const struct wino *w, const struct slab *b, int plane)
{
    return plane % w->in_d * planes_separate(w, b) + plane / w->in_d;
}

static void slab_task(void *arg, int task, int worker)
{
    const struct gathering *g = arg;
    const struct wino *w = g->w;
    const struct slab *b = &g->slab;
    (void)worker;
    int planes = slab_planes(w, b), block = task % w->src_blocks,
        plane = task / w->src_blocks % planes, n = task / w->src_blocks / planes;
    float *v = w->v + block * w->v_block;
    if (flat(w))
        v += n * (b->z_end - b->z) * w->v_plane;
    else
        v += n * w->freqs * w->v_freq;
    v += place_of_plane(w, b, plane) * w->v_plane;
    wino_load_tiles(
        w, b->n + n, b->z * w->in_d + w->first_off + plane, g->phase, block, b->t, b->t_end, v);
}

/* Tiles first..end-1 of a sequence of planes, to their places. */
static void store_sequence(const struct gathering *g, int image, int f, int first, int end,
    const float *m, int block, int blocks)
{
    const struct wino *w = g->w;
    const struct slab *b = &g->slab;
    const int tiles = b->t_end - b->t, steps = b->z_end - b->z;
    for (int at = first; at < end;) {
        int plane = at / tiles, t = at % tiles, count = min_int(tiles - t, end - at);
        int n = flat(w) ? plane / steps : image, z = flat(w) ? plane % steps : plane;
        struct wino_result r = {b->n + n, (b->z + z) * w->out_d + f, g->phase, b->t + t, count,
            block, blocks, m + (ptrdiff_t)(at - first) * LANES};
        if (b->z + z < w->depth[f].planes) wino_store_tiles(w, &r);
        at += count;
    }
}

static void wino_gather_task(void *arg, int task, int worker)
{
    const struct gathering *g = arg;
    const struct wino *w = g->w;
    const struct slab *b = &g->slab;
    int tile_task = task % g->tile_tasks, left = task / g->tile_tasks, f = left % w->out_d;
    left /= w->out_d;
    int block = left % g->block_tasks * w->blocks_at_once, image = left / g->block_tasks;
    const struct depth_phase *d = &w->depth[f];
    int all = (b->t_end - b->t) * (b->z_end - b->z) * (flat(w) ? b->n_end - b->n : 1);
    int first = part_of(all, g->tile_tasks, tile_task),
        end = part_of(all, g->tile_tasks, tile_task + 1);
    float *u = w->u + (size_t)worker * w->u_size, *m = w->m + (size_t)worker * w->m_size;
    const float *v = w->v + (flat(w) ? 0 : image * w->freqs * w->v_freq) + (ptrdiff_t)first * LANES;
    struct wino_product p = {.u = u,
        .taps = d->taps,
        .u_freq = w->u_freq,
        .u_block = w->u_block,
        .tiles = end - first,
        .blocks = min_int(w->blocks_at_once, w->dst_blocks - block),
        .m = m};
    for (int i = 0; i < d->taps; i++) {
        p.tap[i] = i;
        p.v[i] = v + place_of_plane(w, b, d->off[i] - w->first_off) * w->v_plane;
    }
    for (p.first = 0; p.first < w->src_blocks; p.first = p.end) {
        p.end = min_int(w->src_blocks, p.first + w->chunk);
        p.tap_step = (ptrdiff_t)(p.end - p.first) * BLOCK;
        for (int i = 0; i < p.blocks; i++)
            wino_turn_weights(
                w, g->phase, d, block + i, p.first, p.end, u + i * w->u_block, w->u_freq);
        wino_multiply(w, &p);
        p.add = true;
    }
    store_sequence(g, image, f, first, end, m, block, p.blocks);
}

static void gather_slab(const struct wino *plan, struct slab slab, struct pool *pool)
{
    struct wino own = *plan, *w = &own;
    struct gathering g = {.w = w, .slab = slab};
    /* the last slab may have fewer tiles; planes stay contiguous */
    w->v_plane = (ptrdiff_t)(slab.t_end - slab.t) * LANES;
    int n = slab.n_end - slab.n,
        all = (slab.t_end - slab.t) * (slab.z_end - slab.z) * (flat(w) ? n : 1);
    g.images = flat(w) ? 1 : n;
    g.tile_tasks = divide_up(all, w->per_task);
    g.block_tasks = divide_up(w->dst_blocks, w->blocks_at_once);
    for (g.phase = 0; g.phase < w->s->phases; g.phase++) {
        pool_run(pool, w->src_blocks * slab_planes(w, &slab) * n, slab_task, &g);
        pool_run(pool, g.tile_tasks * w->out_d * g.block_tasks * g.images, wino_gather_task, &g);
    }
}

void wino_gather(const struct wino *w, struct pool *pool)
{
    const struct slab *b = &w->slab;
    for (int n = 0; n < w->dst[0].s.n; n += b->n_end)
        for (int z = 0; z < w->steps; z += b->z_end)
            for (int t = 0; t < w->tiles; t += b->t_end) {
                struct slab part = {n, min_int(w->dst[0].s.n, n + b->n_end), z,
                    min_int(w->steps, z + b->z_end), t, min_int(w->tiles, t + b->t_end)};
                gather_slab(w, part, pool);
            }
}
