/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of fast_conv_gather.c, a pure function of the problem's shape
 * (fast_conv_gather_plan.c). */
#pragma once

#include "kernel/fast_conv.h"

#define gather_plan ISA(gather_plan)
#define gather_fits ISA(gather_fits)
#define gather_group ISA(gather_group)

enum {
    GATHER_MAX_KERNEL = 8, /* taps and phases along an axis */
    GATHER_MAX_TERMS = 1024,
    GATHER_CHUNK_WEIGHTS = 128 * 1024 /* 512 KiB: half of a small L2 */
};

/* Outputs of a row that are `phase` modulo the output step; the j-th reads source j*in_step +
 * off[i] under the i-th tap. */
struct row_phase {
    int outputs, taps;
    int tap[GATHER_MAX_KERNEL], off[GATHER_MAX_KERNEL];
    int first[GATHER_MAX_KERNEL], end[GATHER_MAX_KERNEL]; /* outputs with a source inside */
    int left, right;                                      /* margins cut into single pixels */
    int pieces, piece, longer; /* tiles between them: number, pixels, and how many have one more */
};

struct gather {
    struct conv c;
    bool backward;
    const struct tensor *src, *dst;
    int nsrc, ndst;
    int src_blocks;
    int in_step, out_step; /* along w */
    struct row_phase phase[GATHER_MAX_KERNEL];
    enum tile_step step;
    int tile_blocks;     /* of a full group */
    int groups, bundles; /* a group is the output blocks of one tile */
    int chunk, chunks;
    int rows, runs; /* runs of rows */
    bool finish;    /* a scale, map or activation follows complete rows */
    /* backward: transposes all weights before the tasks; else each task transposes its own by
     * chunks */
    bool turn_first;
    const float *w; /* [output block][source block][tap], or NULL */
    float *scratch; /* transposed weights: all, or task_weights per worker */
    size_t task_weights;
    float *apart; /* bfloat16 maps: `row` floats per worker, or NULL */
    size_t row;
};

/* One tile's output blocks. */
struct group {
    const struct tensor *t;
    int first, count; /* of t */
    int base;         /* index of `first` among all output blocks */
    bool add;
    const float *w, *scale, *b; /* NULL: none */
    float *y;                   /* current row in block `first` */
    ptrdiff_t w_block, y_block;
};

bool gather_fits(const struct conv *c, bool backward);
void gather_plan(struct gather *g, const struct conv *c, bool backward);
/* The index-th group of output blocks, without pointers. False: past the last. */
bool gather_group(const struct gather *g, int index, struct group *found);
