/* SPDX-License-Identifier: Apache-2.0 */
/* Products of bfloat16 tiles (fast_half_tile.c): by the processor's matrix unit (AMX), or without
 * it, with the same bits. A tile of A is 16 pixels of 32 channels, one of B 16 pairs of channels by
 * 16 outputs, one of C 16 pixels of 16 outputs. docs/numerics.md has the order of the sums. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/fast_vec.h"

#define half_products ISA(half_products)
#define half_outer_sums ISA(half_outer_sums)
#define half_tiles_begin ISA(half_tiles_begin)
#define half_tiles_end ISA(half_tiles_end)

enum {
    HALF_DEPTH = 2 * LANES, /* channels of one product */
    HALF_ROWS = 16,         /* pixels of a tile */
    HALF_TILES = 4          /* of C: as many as hide the latency of a product */
};

enum half_unit {
    HALF_PLAIN,
    HALF_PAIRS, /* instructions for pairs of bfloat16 (AVX512-BF16); takes A from half_swap */
    HALF_MATRIX
};

/* C = the sum over `pairs` blocks of 32 channels, then over `taps`. `blocks` blocks of outputs (1
 * or 2) times HALF_TILES / blocks groups of 16 pixels. */
struct half_product {
    const uint16_t *a;   /* the first pixel; neighbours follow */
    ptrdiff_t a_pair;    /* between blocks of 32 channels */
    const ptrdiff_t *at; /* of each tap, added to a */
    const uint16_t *b;   /* tiles of B in the order of the sum */
    ptrdiff_t b_block;   /* between blocks of outputs */
    int pairs, taps, blocks;
    int groups; /* of pixels that are wanted; others may be anything */
};

/* c: [group of pixels][block][HALF_ROWS][LANES]. */
void half_products(const struct half_product *p, enum half_unit unit, float c[]);

/* c[i][j] (+)= sum over `runs`, then over the tiles of each, of tile a[i] times tile b[j]. A tile
 * of A is 16 channels of 32 pixels here, one of B 16 pairs of pixels by 16 channels. */
struct half_run {
    ptrdiff_t a, b; /* added to all a, to all b */
    int tiles;
};
struct half_outer {
    const uint16_t *a[2], *b[HALF_TILES];
    int na, nb; /* na: 1 or 2; na * nb <= HALF_TILES */
    const struct half_run *runs;
    int count;
    bool add;
    float *c[HALF_TILES]; /* [a][b], each [HALF_ROWS][LANES] */
};
void half_outer_sums(const struct half_outer *o, enum half_unit unit);

/* Around the products of one thread. */
void half_tiles_begin(enum half_unit unit);
void half_tiles_end(enum half_unit unit);
