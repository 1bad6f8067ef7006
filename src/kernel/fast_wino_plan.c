/* SPDX-License-Identifier: Apache-2.0 */
/* Which variant fast_wino_run.c uses, how it splits the work, and the memory it needs. */
#include <string.h>

#include "kernel/fast_wino_run.h"

/* Sizes in floats follow from caches (private L2 of 1 to 2 MiB); counts were chosen by bench_conv
 * over bench/shapes/lee.txt and bench/shapes/paper3d.txt on two cores. */
enum {
    MARCH_FLOATS = 256 * 1024,  /* ring and M of a marching task: half of a 2 MiB L2 */
    SMALL_WEIGHTS = 192 * 1024, /* transformed weights in L2 next to them */
    ENOUGH_TILES = 20, /* of a marching task, minimum for larger weights, up to the next limit: */
    /* 6 MiB: with a shared last cache, fetching 9 took up to three times as long as gathering */
    MARCH_WEIGHTS = 1536 * 1024,
    LEAST_TILES = 14,              /* one wide register tile: fewer leave lanes idle */
    MOST_TILES = 84,               /* longer runs balance badly */
    MARCH_BLOCKS = 2,              /* destination blocks of one M */
    GATHER_TILES = 128,            /* of a gathering task: M next to its weights in L2 */
    GATHER_BLOCKS = 2,             /* maximum destination blocks of a gathering task */
    TASK_WEIGHTS = 112 * 1024,     /* transformed weights at a time when gathering */
    SLAB_FLOATS = 4 * 1024 * 1024, /* transformed source at a time: 16 MiB */
    ENOUGH_TASKS = 16,             /* so that no core waits for the last ones */
    /* of a marching task, given enough tasks: each begins with a ring that its neighbour also
     * makes */
    RUN_PLANES = 24
};

/* Streams at multiples of 4096 bytes share a set of L1. */
static ptrdiff_t odd_lines(ptrdiff_t floats)
{
    return floats % (2 * LANES) ? floats : floats + LANES;
}

static void wino_plan_depth(struct wino *w)
{
    const int k = w->c.kernel[0], stride = w->c.stride[0], pad = w->c.pad[0];
    int min = 1 << 30, max = -min;
    w->in_d = w->backward ? 1 : stride;
    w->out_d = w->backward ? stride : 1;
    for (int f = 0; f < w->out_d; f++) {
        struct depth_phase *p = &w->depth[f];
        p->planes = divide_up(w->dst[0].s.d - f, w->out_d);
        w->steps = max_int(w->steps, p->planes);
        for (int t = 0; t < k; t++) {
            if (w->backward && (f + pad - t) % stride != 0) continue;
            int off = w->backward ? (f + pad - t) / stride : t - pad;
            p->tap[p->taps] = t;
            p->off[p->taps++] = off;
            min = min_int(min, off);
            max = max_int(max, off);
        }
    }
    w->first_off = min;
    w->ring = max - min + 1;
}

/* Tiles whose ring and M fit L2. */
static int tiles_of_march(const struct wino *w)
{
    int per_tile = LANES *
        (w->ring * w->freqs * w->src_blocks + w->s->freqs * min_int(w->dst_blocks, MARCH_BLOCKS));
    int max = min_int(MOST_TILES, MARCH_FLOATS / per_tile);
    return max >= TILE_WIDE_PIXELS ? max / TILE_WIDE_PIXELS * TILE_WIDE_PIXELS : max;
}

static void plan_march(struct wino *w)
{
    if (w->steps == 1) { /* nothing to split along z */
        int tasks = divide_up(ENOUGH_TASKS, w->dst[0].s.n * w->s->phases);
        w->per_task = min_int(w->per_task, max_int(LEAST_TILES, divide_up(w->tiles, tasks)));
    }
    w->tile_runs = divide_up(w->tiles, w->per_task);
    w->per_task = divide_up(w->tiles, w->tile_runs);
    w->runs = max_int(1, w->steps * w->in_d / RUN_PLANES);
    while (w->runs < w->steps &&
        w->runs * w->tile_runs * w->dst[0].s.n * w->s->phases < ENOUGH_TASKS &&
        w->runs * 4 <= w->steps)
        w->runs++;
    w->blocks_at_once = min_int(w->dst_blocks, MARCH_BLOCKS);
    w->v_block = (ptrdiff_t)w->per_task * LANES;
    w->v_freq = odd_lines(w->src_blocks * w->v_block);
    w->v_plane = w->freqs * w->v_freq;
    w->v_size = (size_t)(w->ring * w->v_plane);
}

static void plan_slab(struct wino *w)
{
    const double plane = (double)w->freqs * w->src_blocks * LANES * w->tiles;
    struct slab *b = &w->slab;
    *b = (struct slab){.n_end = w->dst[0].s.n, .z_end = w->steps, .t_end = w->tiles};
    if (plane * slab_planes(w, b) * b->n_end <= SLAB_FLOATS) return;
    b->n_end = max_int(1, (int)(SLAB_FLOATS / (plane * slab_planes(w, b))));
    if (plane * slab_planes(w, b) <= SLAB_FLOATS) return;
    int min = w->ring == 1 ? 1 : 8 / w->in_d,
        max = (int)(SLAB_FLOATS / plane - (w->ring - w->in_d)) / w->in_d;
    b->z_end = divide_up(w->steps, divide_up(w->steps, max_int(min, max)));
    const double all = plane * slab_planes(w, b);
    if (all > SLAB_FLOATS) b->t_end = divide_up(w->tiles, (int)(all / SLAB_FLOATS) + 1);
}

static void plan_gathering(struct wino *w)
{
    plan_slab(w);
    const struct slab *b = &w->slab;
    int tiles = b->t_end * b->z_end * (flat(w) ? b->n_end : 1), taps = 0;
    w->per_task = divide_up(tiles, divide_up(tiles, GATHER_TILES * 36 / w->s->freqs));
    for (int f = 0; f < w->out_d; f++) taps = max_int(taps, w->depth[f].taps);
    int tasks = divide_up(tiles, w->per_task) * (flat(w) ? 1 : b->n_end) * w->out_d;
    w->blocks_at_once = min_int(GATHER_BLOCKS, w->dst_blocks);
    while (w->blocks_at_once > TILE_WIDE &&
        tasks * divide_up(w->dst_blocks, w->blocks_at_once) < ENOUGH_TASKS)
        w->blocks_at_once /= 2;
    int weights = w->freqs * taps * w->blocks_at_once * BLOCK;
    w->chunk = min_int(w->src_blocks,
        max_int(1, min_int(TASK_WEIGHTS / weights, WINO_MAX_TERMS / (w->s->parts * taps))));
    int planes = w->in_d * planes_separate(w, b) * (flat(w) ? b->n_end : 1);
    w->v_plane = (ptrdiff_t)b->t_end * LANES;
    w->v_block = planes * w->v_plane;
    w->v_freq = odd_lines(w->src_blocks * w->v_block);
    w->v_size = (size_t)(w->freqs * w->v_freq) * (size_t)(flat(w) ? 1 : b->n_end);
    w->u_block = (ptrdiff_t)taps * w->chunk * BLOCK;
    w->u_freq = odd_lines(w->blocks_at_once * w->u_block);
    w->u_size = (size_t)(w->freqs * w->u_freq);
}

void wino_plan(struct wino *w, const struct wino_scheme *s, const struct conv *c, bool backward)
{
    memset(w, 0, sizeof *w);
    w->s = s;
    w->c = *c;
    w->backward = backward;
    w->src = backward ? &w->c.y : w->c.x;
    w->dst = backward ? w->c.x : &w->c.y;
    w->ndst = backward ? c->nx : 1;
    w->src_blocks = backward ? conv_out_blocks(c) : conv_in_blocks(c);
    for (int i = 0; i < w->ndst; i++)
        if (!backward || !c->skip[i]) w->dst_blocks += tensor_blocks(&w->dst[i]);
    w->rows = divide_up(w->dst[0].s.h, s->tile * s->out_step);
    w->columns = divide_up(w->dst[0].s.w, s->tile * s->out_step);
    w->tiles = w->rows * w->columns;
    w->freqs = s->parts * s->freqs;
    wino_plan_depth(w);
    double weights = (double)w->freqs * c->kernel[0] * w->src_blocks * w->dst_blocks * BLOCK;
    int tiles = tiles_of_march(w);
    w->march = w->tiles >= LEAST_TILES &&
        (weights <= SMALL_WEIGHTS ? tiles >= LEAST_TILES
                                  : tiles >= ENOUGH_TILES && s->phases * weights < MARCH_WEIGHTS);
    w->per_task = tiles;
    if (w->march) {
        plan_march(w);
        w->u_block = (ptrdiff_t)c->kernel[0] * w->src_blocks * BLOCK;
        w->u_freq = odd_lines(w->dst_blocks * w->u_block);
        w->u_phase = w->freqs * w->u_freq;
        w->u_size = (size_t)(s->phases * w->u_phase);
    } else {
        plan_gathering(w);
    }
    w->m_block = (ptrdiff_t)w->per_task * LANES;
    w->m_freq = odd_lines(w->blocks_at_once * w->m_block);
    w->m_size = (size_t)(s->freqs * w->m_freq);
}
