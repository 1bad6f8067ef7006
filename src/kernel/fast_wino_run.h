/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of fast_wino_run.c and the interface between its files. fast_wino_plan.c makes it from
 * the problem's shape; only the workspace depends on the number of threads. */
#pragma once

#include "kernel/fast_wino.h"

enum { WINO_MAX_KERNEL_D = 4, WINO_MAX_TERMS = 1024 };

/* Destination planes that are `phase` modulo out_d: plane z*out_d + phase reads source planes
 * z*in_d + off[i] under tap[i]. */
struct depth_phase {
    int taps, planes;
    int tap[WINO_MAX_KERNEL_D], off[WINO_MAX_KERNEL_D];
};

/* A part of the source or of a task: images, steps z along the depth, tiles of a plane. */
struct slab {
    int n, n_end, z, z_end, t, t_end;
};

struct wino {
    const struct wino_scheme *s;
    struct conv c;
    bool backward;
    const struct tensor *src, *dst;
    int ndst, src_blocks, dst_blocks; /* dst_blocks: of the wanted ones */
    int rows, columns, tiles;         /* per plane */
    int freqs;                        /* per patch and block of one phase */
    int in_d, out_d, steps;           /* along the depth; steps: the end of z */
    struct depth_phase depth[2];
    int first_off, ring; /* source planes of one step: z*in_d + first_off and following */
    bool march;
    int per_task;        /* tiles */
    int runs, tile_runs; /* marching: tasks along z and in the plane */
    int blocks_at_once;  /* destination blocks of one M */
    int chunk;           /* gathering: source blocks at a time */
    struct slab slab;    /* gathering: size of one */
    /* floats between frequencies, source planes, source blocks */
    ptrdiff_t v_freq, v_plane, v_block;
    ptrdiff_t m_freq, m_block;
    ptrdiff_t u_phase, u_freq, u_block; /* marching */
    /* floats: marching: v, m per worker; gathering: m, u per worker */
    size_t v_size, m_size, u_size;
    float *v, *m, *u;
};

static inline int slab_planes(const struct wino *w, const struct slab *b)
{
    return (b->z_end - b->z - 1) * w->in_d + w->ring;
}
/* Planes are ordered by z modulo in_d, so that consecutive steps' planes are adjacent. */
static inline int planes_separate(const struct wino *w, const struct slab *b)
{
    return divide_up(slab_planes(w, b), w->in_d);
}

/* Contiguous images as one sequence of planes: only if each step reads one plane. */
static inline bool flat(const struct wino *w) { return w->ring == 1; }

/* ---- fast_wino_plan.c */

#define wino_plan ISA(wino_plan)
void wino_plan(struct wino *w, const struct wino_scheme *s, const struct conv *c, bool backward);

/* ---- fast_wino_parts.c */

#define wino_turn_weights ISA(wino_turn_weights)
#define wino_load_tiles ISA(wino_load_tiles)
#define wino_multiply ISA(wino_multiply)
#define wino_store_tiles ISA(wino_store_tiles)

/* M (+)= V U for `tiles` tiles and `blocks` destination blocks. v[i]: the first tile of the source
 * plane under tap i; u: weights of the first destination block, tap_step apart for taps[i], for
 * source blocks first..end-1 of V. */
struct wino_product {
    const float *v[WINO_MAX_KERNEL_D], *u;
    int tap[WINO_MAX_KERNEL_D], taps;
    ptrdiff_t u_freq, u_block, tap_step;
    int first, end;
    int tiles, blocks;
    float *m;
    bool add;
    /* the destination of completed sums, for fetch_results; or NULL */
    const struct wino_result *result;
};

/* Tiles of a plane of some destination blocks. */
struct wino_result {
    int n, d, phase;
    int tile, tiles;
    int block, blocks;
    const float *m; /* the first tile */
};

/* Weights of one destination block for source blocks first..end-1 and the z taps of `p` (NULL:
 * all): [frequency][tap][source block][BLOCK]. */
void wino_turn_weights(const struct wino *w, int phase, const struct depth_phase *p, int dst,
    int first, int end, float *u, ptrdiff_t u_freq);
/* Tiles t..t_end-1 of one plane and source block; zero outside the source. */
void wino_load_tiles(
    const struct wino *w, int n, int d, int phase, int block, int t, int t_end, float *v);
void wino_multiply(const struct wino *w, const struct wino_product *p);
void wino_store_tiles(const struct wino *w, const struct wino_result *r);

/* ---- fast_wino_march.c, fast_wino_gather.c */

#define wino_march ISA(wino_march)
#define wino_gather ISA(wino_gather)
void wino_march(struct wino *w, struct pool *pool);
void wino_gather(const struct wino *w, struct pool *pool);
