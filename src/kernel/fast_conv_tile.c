/* SPDX-License-Identifier: Apache-2.0 */
/* The direct convolution's register tile, instantiated per source step, output blocks and pixels,
 * so that accumulator loops have constant bounds and stay in registers. Also for Winograd and the
 * attention gate. */
#include "kernel/fast_conv.h"

/* acc[p][v] += x[p][c] * w[c][v] for `pixels` pixels from `first` on. */
INLINE void add_term(const int step, const int vecs, const int first, const int pixels,
    const struct term *e, const struct tile *t, vec *acc)
{
    const float *x = e->x + t->x_at, *w = t->w + e->w;
    const ptrdiff_t w_block = t->w_block;
    const int lanes = step == 1 ? 1 : e->lanes; /* planar: a term is one channel */
    for (int c = 0; c < lanes; c++, x++, w += LANES) {
        if (vecs > pixels) { /* keep the smaller set in registers, stream the other */
            vec xv[8];
            UNROLL for (int p = 0; p < pixels; p++) xv[p] =
                vec_once(vec_set(x[(first + p) * step]));
            UNROLL for (int v = 0; v < vecs; v++)
            {
                vec wv =
                    vec_once(vec_load(w + v / BLOCK_VECS * w_block + v % BLOCK_VECS * VEC_LANES));
                UNROLL for (int p = 0; p < pixels; p++) acc[(first + p) * vecs + v] =
                    vec_fma(xv[p], wv, acc[(first + p) * vecs + v]);
            }
        } else {
            vec wv[8];
            UNROLL for (int v = 0; v < vecs; v++) wv[v] =
                vec_once(vec_load(w + v / BLOCK_VECS * w_block + v % BLOCK_VECS * VEC_LANES));
            UNROLL for (int p = first; p < first + pixels; p++)
            {
                vec xv = vec_set(x[p * step]);
                UNROLL for (int v = 0; v < vecs; v++) acc[p * vecs + v] =
                    vec_fma(xv, wv[v], acc[p * vecs + v]);
            }
        }
    }
}

INLINE float *place(float *y, ptrdiff_t y_block, ptrdiff_t y_pixel, int p, int v)
{
    return y + v / BLOCK_VECS * y_block + v % BLOCK_VECS * VEC_LANES + p * y_pixel;
}

INLINE void run_tile(
    const int step, const int blocks, const int pixels, const struct tile *t, vec *acc)
{
    const int vecs = blocks * BLOCK_VECS;
    UNROLL for (int i = 0; i < pixels * vecs; i++) acc[i] = vec_load(t->b + i % vecs * VEC_LANES);
    for (int i = 0; i < t->count; i++) {
        const struct term *e = &t->terms[i];
        switch (t->edge[e->tap]) {
        case EDGE_NONE:
            if (step == LANES && i + 1 < t->count) {
                UNROLL for (int p = 0; p < pixels; p++) fetch_to_l1(e[1].x + t->x_at + p * step);
            }
            add_term(step, vecs, 0, pixels, e, t, acc);
            break;
        case EDGE_FIRST_OUT:
            add_term(step, vecs, 1, pixels - 1, e, t, acc);
            break;
        case EDGE_LAST_OUT:
            add_term(step, vecs, 0, pixels - 1, e, t, acc);
            break;
        default:
            break;
        }
    }
    const ptrdiff_t y_block = t->y_block, y_pixel = t->y_pixel;
    float *y = t->y;
    if (t->add) {
        UNROLL for (int i = 0; i < pixels * vecs; i++) acc[i] =
            vec_add(acc[i], vec_load(place(y, y_block, y_pixel, i / vecs, i % vecs)));
    }
    UNROLL for (int i = 0; i < pixels * vecs; i++)
        vec_store(place(y, y_block, y_pixel, i / vecs, i % vecs), acc[i]);
}

#define NAME(step, blocks, pixels) tile_##step##_##blocks##_##pixels
#define TILE(step, blocks, pixels)                                                                 \
    static void NAME(step, blocks, pixels)(const struct tile *t)                                   \
    {                                                                                              \
        vec acc[(pixels) * (blocks)*BLOCK_VECS];                                                   \
        run_tile(step, blocks, pixels, t, acc);                                                    \
    }

#define TILES_3(make, step, blocks)                                                                \
    make(step, blocks, 1) make(step, blocks, 2) make(step, blocks, 3)
#define TILES_6(make, step, blocks)                                                                \
    TILES_3(make, step, blocks) make(step, blocks, 4) make(step, blocks, 5) make(step, blocks, 6)
#define TILES_14(make, step, blocks)                                                               \
    TILES_6(make, step, blocks)                                                                    \
    make(step, blocks, 7) make(step, blocks, 8) make(step, blocks, 9) make(step, blocks, 10) make( \
        step, blocks, 11) make(step, blocks, 12) make(step, blocks, 13) make(step, blocks, 14)

#if defined(ATT_ISA_avx512)
#define TILES(make, step) TILES_14(make, step, 1) TILES_14(make, step, 2) TILES_6(make, step, 4)
#else
#define TILES(make, step) TILES_6(make, step, 1) TILES_3(make, step, 2)
#endif

TILES(TILE, 1)
TILES(TILE, 16)
TILES(TILE, 32)

#define ENTRY(step, blocks, pixels) [blocks][pixels] = NAME(step, blocks, pixels),
static tile_fn *const tiles[TILE_STEPS][TILE_NARROW + 1][TILE_WIDE_PIXELS + 1] = {
    [STEP_1] = {TILES(ENTRY, 1)}, [STEP_16] = {TILES(ENTRY, 16)}, [STEP_32] = {TILES(ENTRY, 32)}};

tile_fn *tile_kernel(enum tile_step step, int blocks, int pixels)
{
    return tiles[step][blocks][pixels];
}

enum { PART_LENGTH = 128 /* multiply-adds per partial sum */ };

const float tile_no_bias[TILE_NARROW * LANES];

/* Sums in two levels: a long chain of float additions loses precision, so partial sums of a few
 * terms are added in memory. That leaves a third to a half of the error for 1-2 % of the time. */
void tile_sum(tile_fn *run, struct tile *t)
{
    const struct term *terms = t->terms;
    const float *b = t->b;
    const int count = t->count,
              each = count ? max_int(1, PART_LENGTH / max_int(terms->lanes, terms[count - 1].lanes))
                           : 1;
    const bool add = t->add;
    for (int i = 0; i == 0 || i < count; i += each) {
        t->terms = terms + i;
        t->count = min_int(each, count - i);
        run(t);
        t->add = true;
        t->b = tile_no_bias;
    }
    t->terms = terms;
    t->count = count;
    t->add = add;
    t->b = b;
}
