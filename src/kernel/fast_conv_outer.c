/* SPDX-License-Identifier: Apache-2.0 */
/* The register tile of backward by weight: outer products of the channels of x and dy at each
 * pixel, summed over pixels. Also for the transformed numbers in fast_wino_w.c. */
#include "kernel/fast_conv.h"

enum {
    MAX_PART = 16,
    MAX_VECS = OUTER_BLOCKS * BLOCK_VECS,
    /* pixels to prefetch: after a tile's row usually comes the next tile's */
    AHEAD = 96
};

INLINE float *weights_at(float *dw, ptrdiff_t w_block, int c, int v)
{
    return dw + v / BLOCK_VECS * w_block + c * LANES + v % BLOCK_VECS * VEC_LANES;
}

/* Channels first..first+channels-1 of x. */
INLINE void sum_part(const struct outer *o, const int first, const int channels, const int blocks)
{
    const int vecs = blocks * BLOCK_VECS;
    const ptrdiff_t x_step = o->x_step, dy_block = o->dy_block, w_block = o->w_block;
    float *const dw = o->dw;
    vec acc[MAX_PART * MAX_VECS];
    UNROLL for (int i = 0; i < channels * vecs; i++) acc[i] = vec_zero();
    for (int r = 0; r < o->count; r++) {
        const float *x = o->rows[r].x + o->x_at + first, *dy = o->rows[r].dy + o->dy_at;
        for (int p = 0; p < o->pixels; p++, x += x_step, dy += LANES) {
            vec d[MAX_VECS];
            if (first == 0) { /* the first part on a row fetches for the others */
                fetch_to_l1(x + AHEAD * x_step);
                UNROLL for (int b = 0; b < blocks; b++)
                    fetch_to_l1(dy + b * dy_block + AHEAD * LANES);
            }
            UNROLL for (int v = 0; v < vecs; v++) d[v] =
                vec_load(dy + v / BLOCK_VECS * dy_block + v % BLOCK_VECS * VEC_LANES);
            UNROLL for (int c = 0; c < channels; c++)
            {
                vec xv = vec_set(x[c]);
                UNROLL for (int v = 0; v < vecs; v++) acc[c * vecs + v] =
                    vec_fma(xv, d[v], acc[c * vecs + v]);
            }
        }
    }
    if (o->add) { /* sums of sums lose less precision than one long sum */
        UNROLL for (int i = 0; i < channels * vecs; i++) acc[i] =
            vec_add(acc[i], vec_load(weights_at(dw, w_block, first + i / vecs, i % vecs)));
    }
    UNROLL for (int i = 0; i < channels * vecs; i++)
        vec_store(weights_at(dw, w_block, first + i / vecs, i % vecs), acc[i]);
}

static void zero_part(const struct outer *o, int first, int blocks)
{
    for (int v = 0; v < blocks * BLOCK_VECS && !o->add; v++)
        for (int c = first; c < LANES; c++)
            vec_store(weights_at(o->dw, o->w_block, c, v), vec_zero());
}

#if defined(ATT_ISA_avx512)
static void part_0_8_2(const struct outer *o) { sum_part(o, 0, 8, 2); }
static void part_8_8_2(const struct outer *o) { sum_part(o, 8, 8, 2); }
static void part_0_16_1(const struct outer *o) { sum_part(o, 0, 16, 1); }

void outer_sum(const struct outer *o, int blocks, int lanes)
{
    if (blocks == 1) {
        part_0_16_1(o);
        return;
    }
    part_0_8_2(o);
    if (lanes > 8)
        part_8_8_2(o);
    else
        zero_part(o, 8, blocks);
}
#else
static void part_0_6_1(const struct outer *o) { sum_part(o, 0, 6, 1); }
static void part_6_5_1(const struct outer *o) { sum_part(o, 6, 5, 1); }
static void part_11_5_1(const struct outer *o) { sum_part(o, 11, 5, 1); }

void outer_sum(const struct outer *o, int blocks, int lanes)
{
    part_0_6_1(o);
    if (lanes <= 6) {
        zero_part(o, 6, blocks);
        return;
    }
    part_6_5_1(o);
    if (lanes > 11)
        part_11_5_1(o);
    else
        zero_part(o, 11, blocks);
}
#endif
