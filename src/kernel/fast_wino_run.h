/* SPDX-License-Identifier: Apache-2.0 */
/* How fast_wino_run.c goes about a problem; planned by fast_wino_plan.c, a pure function of the problem's shape but for the workspace,
 * which grows with the number of threads. */
#ifndef KERNEL_FAST_WINO_RUN_H
#define KERNEL_FAST_WINO_RUN_H

#include "kernel/fast_wino.h"

#define wino_plan ISA(wino_plan)

enum { WINO_MAX_KERNEL_D = 4, WINO_MAX_TERMS = 1024 };

/* Planes of the destination that are `phase` modulo out_d: plane z*out_d + phase reads source planes z*in_d + off[i] under tap[i]. */
struct depth_phase {
    int taps, planes;
    int tap[WINO_MAX_KERNEL_D], off[WINO_MAX_KERNEL_D];
};

/* A part of the source that is transformed at a time, or of a task: images, steps z along the depth, tiles of a plane. */
struct slab {
    int n, n_end, z, z_end, t, t_end;
};

struct wino {
    const struct wino_scheme *s;
    struct conv c;
    bool backward;
    const struct tensor *src, *dst;
    int ndst, src_blocks, dst_blocks; /* dst_blocks: of those that are wanted */
    int rows, columns, tiles;         /* tiles of a plane */
    int freqs;                        /* vectors per patch and block, of one phase */
    int in_d, out_d, steps;           /* along the depth; steps: z counts up to it */
    struct depth_phase depth[2];
    int first_off, ring; /* source planes of one step: z*in_d + first_off and the following */
    bool march;
    int per_task;        /* tiles */
    int runs, tile_runs; /* marching: tasks along z, and in the plane */
    int blocks_at_once;  /* destination blocks of one M */
    int chunk;           /* gathering: source blocks at a time */
    struct slab slab;    /* gathering: the size of one */
    /* floats from frequency to frequency, to the next source plane, to the next source block */
    ptrdiff_t v_freq, v_plane, v_block;
    ptrdiff_t m_freq, m_block;
    ptrdiff_t u_phase, u_freq, u_block; /* marching */
    size_t v_size, m_size, u_size;      /* floats: marching: v, m per worker; gathering: m, u per worker */
    float *v, *m, *u;
};

void wino_plan(struct wino *w, const struct wino_scheme *s, const struct conv *c, bool backward);

static inline int slab_planes(const struct wino *w, const struct slab *b) { return (b->z_end - b->z - 1) * w->in_d + w->ring; }
/* Planes lie in the order of z modulo in_d, so that the planes of consecutive steps follow each other. */
static inline int planes_apart(const struct wino *w, const struct slab *b) { return up(slab_planes(w, b), w->in_d); }

/* Images that follow each other without a gap, as planes of one sequence: only where no step reads more than its own plane. */
static inline bool flat(const struct wino *w) { return w->ring == 1; }

#endif
