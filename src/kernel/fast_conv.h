/* SPDX-License-Identifier: Apache-2.0 */
/* Direct convolution, and its tiles for other kernels. Forward and backward by input are one
 * algorithm (fast_conv_gather.c): an output pixel gathers source pixels times weight blocks over
 * source blocks and taps. The register tile (fast_conv_tile.c) only sees a list of such terms,
 * which expresses padding in d and h, strides, phases and concatenation. Backward by weight:
 * fast_conv_backward_w.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/ints.h"
#include "kernel/conv.h"
#include "kernel/fast_vec.h"

#define tile_kernel ISA(tile_kernel)
#define tile_sum ISA(tile_sum)
#define tile_no_bias ISA(tile_no_bias)
#define transpose_blocks ISA(transpose_blocks)
#define add_splits ISA(add_splits)
#define add_all_splits ISA(add_all_splits)
#define outer_sum ISA(outer_sum)
#define longer_rows ISA(longer_rows)

enum { BLOCK = LANES * LANES }; /* one tap's weights between two blocks */

/* Source pixel times weights; `lanes` channels are adjacent. */
struct term {
    /* the source pixel of output 0; outside the row where the tap is */
    const float *x;
    ptrdiff_t w; /* weights [lanes][LANES], relative to tile.w */
    int lanes;
    int tap; /* along w: index into tile.edge */
};

/* The pixels of a tile that a tap reaches: a row's first or last may be outside. */
enum edge { EDGE_NONE, EDGE_FIRST_OUT, EDGE_LAST_OUT, EDGE_ALL_OUT };

/* Neighbouring pixels of one row times some output blocks, summed in registers. */
struct tile {
    const struct term *terms;
    int count;
    ptrdiff_t x_at; /* added to all x */
    const unsigned char *edge;
    const float *w;
    ptrdiff_t w_block; /* between output blocks */
    const float *b;    /* LANES per block: initial sums */
    float *y;
    ptrdiff_t y_block, y_pixel;
    bool add;
};
typedef void tile_fn(const struct tile *t);

/* between source pixels of neighbouring outputs. */
enum tile_step { STEP_1, STEP_16, STEP_32, TILE_STEPS };

/* Maximum pixels of tiles of `blocks` output blocks: accumulators, weights and one pixel fill the
 * registers. One-pixel tiles serve any step. */
#if defined(ATT_ISA_avx512)
enum { TILE_WIDE = 2, TILE_WIDE_PIXELS = 14, TILE_NARROW = 4, TILE_NARROW_PIXELS = 6 };
#else
enum { TILE_WIDE = 1, TILE_WIDE_PIXELS = 6, TILE_NARROW = 2, TILE_NARROW_PIXELS = 3 };
#endif

/* NULL: none. */
tile_fn *tile_kernel(enum tile_step step, int blocks, int pixels);
extern const float tile_no_bias[TILE_NARROW * LANES];
/* Runs a tile over all terms, in parts short enough for float sums. */
void tile_sum(tile_fn *run, struct tile *t);

/* ---- backward by weight */

/* A row of x and the matching row of dy. */
struct row_pair {
    const float *x, *dy;
};

/* dw[c][k] (+)= sum over rows and pixels of x[c] * dy[k], for one block of x and 1 to OUTER_BLOCKS
 * blocks of dy. */
struct outer {
    const struct row_pair *rows;
    int count, pixels;
    ptrdiff_t x_at, x_step; /* added to all x; between pixels */
    ptrdiff_t dy_at, dy_block;
    float *dw;
    ptrdiff_t w_block; /* between output blocks */
    bool add;
};
enum { OUTER_BLOCKS = TILE_WIDE };
/* Reads only the first `lanes` channels of x; other rows of dw become zero, or stay when adding. */
void outer_sum(const struct outer *o, int blocks, int lanes);

/* ---- bfloat16 (fast_conv_slab.c) */

#define slab_needed ISA(slab_needed)
#define slab_reads ISA(slab_reads)
#define slab_workspace ISA(slab_workspace)
#define slab_run ISA(slab_run)
/* Whether a tensor is half; then slabs are computed by `impl` in float. */
bool slab_needed(const struct conv *c);
bool slab_reads(const struct conv *c); /* whether an x is */
size_t slab_workspace(
    const struct conv *c, enum conv_slot slot, const struct conv_impl *impl, int threads);
void slab_run(const struct conv *c, enum conv_slot slot, const struct conv_impl *impl,
    void *workspace, struct pool *pool);

/* ---- both (fast_conv_layout.c) */

/* Transposes `count` blocks [c][k] to [k][c]. */
void transpose_blocks(const float *from, float *to, int count);
/* to[i] = sum of sums[s * apart + i] over s < splits, in order, plus to[i] with `add`; i < count,
 * whole vectors. */
void add_splits(const float *sums, int splits, size_t stride, size_t count, bool add, float *to);
/* With parallel tasks and apart = count. */
void add_all_splits(
    const float *sums, int splits, size_t count, bool add, float *to, struct pool *pool);
/* A convolution with one tap and no strides becomes one with fewer, longer rows. Others are
 * unchanged. */
struct conv longer_rows(const struct conv *c);

/* The start of the i-th of `parts` nearly equal parts of `whole`. */
static inline int part_of(int whole, int parts, int i)
{
    return whole / parts * i + min_int(whole % parts, i);
}
static inline int lane_blocks(const struct tensor *t) { return divide_up(t->s.c, LANES); }

/* A row of a map. */
struct place {
    int n, d, h;
};
static inline struct place place_of(struct shape s, int row)
{
    return (struct place){row / s.h / s.d, row / s.h % s.d, row % s.h};
}
