/* SPDX-License-Identifier: Apache-2.0 */
/* The fast direct convolution: what its files share with each other, and its tiles with the other
 * kernels.  Forward and backward by input are one thing (fast_conv_gather.c): every output pixel
 * gathers, over blocks of source channels and over taps, source pixels times blocks of weights. The
 * register tile that does it (fast_conv_tile.c) knows nothing but a list of such terms, so padding
 * in d and h, strides, phases of a transposed convolution and concatenated sources are all a matter
 * of which terms are in the list.  Backward by weight is fast_conv_backward_w.c. */
#ifndef KERNEL_FAST_CONV_H
#define KERNEL_FAST_CONV_H

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

enum { BLOCK = LANES * LANES }; /* weights of one tap between two blocks of channels */

/* One term: source pixel times weights.  `lanes` channels lie side by side at each pixel. */
struct term {
    const float
        *x;      /* the source pixel for output 0 of the row; outside of the row where the tap is */
    ptrdiff_t w; /* its weights [lanes][LANES], from tile.w */
    int lanes;
    int tap; /* along w: an index to tile.edge */
};

/* Which pixels of a tile a tap can reach: a row's first or last output may lie one pixel too far
 * out. */
enum edge { EDGE_NONE, EDGE_FIRST_OUT, EDGE_LAST_OUT, EDGE_ALL_OUT };

/* Some neighbouring pixels of one row times some blocks of output channels, summed in registers. */
struct tile {
    const struct term *terms;
    int count;
    ptrdiff_t x_at; /* added to every term's x */
    const unsigned char *edge;
    const float *w;
    ptrdiff_t w_block; /* from one output block's weights to the next one's */
    const float *b;    /* LANES per block: what the sums begin with */
    float *y;
    ptrdiff_t y_block, y_pixel;
    bool add;
};
typedef void tile_fn(const struct tile *t);

/* Distance of the source pixels of neighbouring outputs. */
enum tile_step { STEP_1, STEP_16, STEP_32, TILE_STEPS };

/* Tiles of `blocks` output blocks go up to TILE_WIDE_PIXELS or TILE_NARROW_PIXELS; accumulators,
 * weights and one pixel fill the registers. Tiles of one pixel serve any step. */
#if defined(ATT_ISA_avx512)
enum { TILE_WIDE = 2, TILE_WIDE_PIXELS = 14, TILE_NARROW = 4, TILE_NARROW_PIXELS = 6 };
#else
enum { TILE_WIDE = 1, TILE_WIDE_PIXELS = 6, TILE_NARROW = 2, TILE_NARROW_PIXELS = 3 };
#endif

/* NULL where there is none. */
tile_fn *tile_kernel(enum tile_step step, int blocks, int pixels);
extern const float tile_no_bias[TILE_NARROW * LANES];
/* Runs a tile over all its terms, in parts short enough for float sums. */
void tile_sum(tile_fn *run, struct tile *t);

/* ---- backward by weight */

/* A row of x and the row of dy that meets it. */
struct row_pair {
    const float *x, *dy;
};

/* dw[c][k] (+)= sum over rows and pixels of x[c] * dy[k], for one block of x and `blocks` (1 to
 * OUTER_BLOCKS) of dy. */
struct outer {
    const struct row_pair *rows;
    int count, pixels;
    ptrdiff_t x_at, x_step; /* added to every row's x; from pixel to pixel */
    ptrdiff_t dy_at, dy_block;
    float *dw;
    ptrdiff_t w_block; /* from one output block's weights to the next one's */
    bool add;
};
enum { OUTER_BLOCKS = TILE_WIDE };
/* Only the first `lanes` channels of x are looked at; the other rows of dw become zero, or stay
 * where adding. */
void outer_sum(const struct outer *o, int blocks, int lanes);

/* ---- bfloat16 (fast_conv_slab.c) */

#define slab_needed ISA(slab_needed)
#define slab_workspace ISA(slab_workspace)
#define slab_run ISA(slab_run)
/* Whether some tensor is half; then the problem is cut into slabs, which `impl` computes in float.
 */
bool slab_needed(const struct conv *c);
size_t slab_workspace(
    const struct conv *c, enum conv_slot slot, const struct conv_impl *impl, int threads);
void slab_run(const struct conv *c, enum conv_slot slot, const struct conv_impl *impl,
    void *workspace, struct pool *pool);

/* ---- both (fast_conv_layout.c) */

/* Each of `count` blocks [c][k] becomes [k][c]. */
void transpose_blocks(const float *from, float *to, int count);
/* to[i] = sum of sums[s * apart + i] over s < splits, in their order, and with `add` what was
 * there; i < count, whole vectors. */
void add_splits(const float *sums, int splits, size_t apart, size_t count, bool add, float *to);
/* The same of all that lie `count` apart, by the pool. */
void add_all_splits(
    const float *sums, int splits, size_t count, bool add, float *to, struct pool *pool);
/* A convolution with one tap and no strides knows no grid: the same problem with fewer and longer
 * rows.  Others are returned as they are.
 */
struct conv longer_rows(const struct conv *c);

/* Where the i-th of `parts` nearly equal parts of `whole` begins. */
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

#endif
