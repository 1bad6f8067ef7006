/* SPDX-License-Identifier: Apache-2.0 */
/* How fast_conv_gather.c goes about a problem; planned by fast_conv_gather_plan.c, a pure function
 * of the problem's shape. */
#ifndef KERNEL_FAST_CONV_GATHER_H
#define KERNEL_FAST_CONV_GATHER_H

#include "kernel/fast_conv.h"

#define gather_plan ISA(gather_plan)
#define gather_fits ISA(gather_fits)
#define gather_group ISA(gather_group)

enum {
    GATHER_MAX_KERNEL = 8, /* taps and phases along one axis */
    GATHER_MAX_TERMS = 1024,
    GATHER_CHUNK_WEIGHTS = 128 * 1024 /* 512 KiB, half of a small L2 */
};

/* The outputs of a row that are `phase` modulo the output step: j-th output under the i-th tap
 * reads source j*in_step + off[i]. */
struct row_phase {
    int outputs, taps;
    int tap[GATHER_MAX_KERNEL], off[GATHER_MAX_KERNEL];
    int first[GATHER_MAX_KERNEL], end[GATHER_MAX_KERNEL]; /* outputs whose source is inside */
    int left, right; /* margins that are cut into single pixels */
    int pieces, piece,
        longer; /* tiles between them: their number, their pixels, and how many have one more */
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
    int rows, runs;  /* runs of rows */
    bool finish;     /* a scale, a map or an activation follows the sums, once a row is complete */
    bool turn_first; /* backward: all weights are transposed before the tasks; else every task does
                        it for its own, chunk by chunk */
    const float *w;  /* [output block][source block][tap], fit for use, or NULL */
    float *scratch;  /* for transposed weights: all of them, or task_weights per worker */
    size_t task_weights;
};

/* One tile's worth of output blocks. */
struct group {
    const struct tensor *t;
    int first, count; /* blocks of t */
    int base;         /* of `first` among all output blocks */
    bool add;
    const float *w, *scale, *b; /* scale, b: NULL where there are none */
    float *y;                   /* the row at hand, in block `first` */
    ptrdiff_t w_block, y_block;
};

bool gather_fits(const struct conv *c, bool backward);
void gather_plan(struct gather *g, const struct conv *c, bool backward);
/* The index-th group of output blocks; of its pointers none is set.  False: there are fewer. */
bool gather_group(const struct gather *g, int index, struct group *found);

#endif
