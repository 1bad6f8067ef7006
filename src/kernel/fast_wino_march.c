/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd for many tiles and few weights: transforms all weights first. A task is a run of tiles;
 * it walks along z with a ring of transformed source planes in its L2, and makes all destination
 * blocks of each plane. */
#include "kernel/fast_wino_run.h"

static void weights_task(void *arg, int task, int worker)
{
    const struct wino *w = arg;
    (void)worker;
    int phase = task % w->s->phases, dst = task / w->s->phases;
    wino_turn_weights(w, phase, NULL, dst, 0, w->src_blocks,
        w->u + phase * w->u_phase + dst * w->u_block, w->u_freq);
}

static int slot_of(const struct wino *w, int d) { return (d - w->first_off) % w->ring; }

static void march_plane(const struct wino *w, int n, int z, int f, int phase, int t, int tiles,
    const float *ring, float *m)
{
    const struct depth_phase *d = &w->depth[f];
    for (int block = 0; block < w->dst_blocks; block += w->blocks_at_once) {
        struct wino_product p = {.u = w->u + phase * w->u_phase + block * w->u_block,
            .taps = d->taps,
            .u_freq = w->u_freq,
            .u_block = w->u_block,
            .tap_step = (ptrdiff_t)w->src_blocks * BLOCK,
            .tiles = tiles,
            .blocks = min_int(w->blocks_at_once, w->dst_blocks - block),
            .m = m};
        for (int i = 0; i < d->taps; i++) {
            p.tap[i] = d->tap[i];
            p.v[i] = ring + slot_of(w, z * w->in_d + d->off[i]) * w->v_plane;
        }
        const int max = WINO_MAX_TERMS / (w->s->parts * d->taps);
        const struct wino_result r = {n, z * w->out_d + f, phase, t, tiles, block, p.blocks, m};
        for (p.first = 0; p.first < w->src_blocks; p.first = p.end) {
            p.end = min_int(w->src_blocks, p.first + max);
            p.result = p.end == w->src_blocks ? &r : NULL;
            wino_multiply(w, &p);
            p.u += (p.end - p.first) * BLOCK;
            p.add = true;
        }
        wino_store_tiles(w, &r);
    }
}

static void march_task(void *arg, int task, int worker)
{
    const struct wino *w = arg;
    int run = task % w->runs, left = task / w->runs, tile_run = left % w->tile_runs;
    left /= w->tile_runs;
    int phase = left % w->s->phases, n = left / w->s->phases;
    int z = part_of(w->steps, w->runs, run), z_end = part_of(w->steps, w->runs, run + 1);
    int t = part_of(w->tiles, w->tile_runs, tile_run),
        t_end = part_of(w->tiles, w->tile_runs, tile_run + 1);
    float *ring = w->v + (size_t)worker * w->v_size, *m = w->m + (size_t)worker * w->m_size;
    for (int next = z * w->in_d + w->first_off; z < z_end; z++) {
        for (; next < z * w->in_d + w->first_off + w->ring; next++)
            for (int b = 0; b < w->src_blocks; b++)
                wino_load_tiles(w, n, next, phase, b, t, t_end,
                    ring + slot_of(w, next) * w->v_plane + b * w->v_block);
        for (int f = 0; f < w->out_d; f++)
            if (z < w->depth[f].planes) march_plane(w, n, z, f, phase, t, t_end - t, ring, m);
    }
}

void wino_march(struct wino *w, struct pool *pool)
{
    pool_run(pool, w->s->phases * w->dst_blocks, weights_task, w);
    pool_run(pool, w->runs * w->tile_runs * w->s->phases * w->dst[0].s.n, march_task, w);
}
