/* SPDX-License-Identifier: Apache-2.0 */
/* What convolutions with products in bfloat16 share: their plan along the axes, a pure function of
 * the problem's shape (fast_half_plan.c), and how they read maps. */
#pragma once

#include <float.h>

#include "kernel/fast_conv.h"
#include "kernel/fast_half_tile.h"
#include "kernel/fast_map.h"

#define half_plan ISA(half_plan)
#define half_block_at ISA(half_block_at)
#define half_source ISA(half_source)
#define half_pixels ISA(half_pixels)

/* Outputs j*out_step + phase along an axis. Under its i-th tap, output j reads place j + shift[i]
 * of source phase from[i]. */
struct half_phase {
    int outputs, taps;
    int tap[CONV_BF16_KERNEL], from[CONV_BF16_KERNEL], shift[CONV_BF16_KERNEL];
};

/* Place q of source phase p along an axis is the source's q*in_step + p - before. */
struct half_axis {
    int in_step, out_step, before;
    int outputs, reach; /* of the largest phase; the largest shift */
    struct half_phase phase[CONV_BF16_KERNEL];
};

struct half_conv {
    struct conv c;
    bool backward;
    enum half_unit unit;
    const struct tensor *src, *dst;
    int nsrc, ndst;
    bool paired;                       /* a block is two taps: conv_bf16_pairs */
    int src_blocks, dst_blocks, pairs; /* dst_blocks: of the wanted ones; pairs of source blocks */
    struct half_axis axis[3];
    /* Slabs of an image have so many outputs along d and h. `apart`: each worker has its own slab,
     * of which it keeps `ring` planes; else all share one. */
    bool apart;
    int each[2], ring;
    int chunk; /* pixels of a task that shares */
    /* numbers of bfloat16: one source phase of a slab, one pair, all; weights of a block of outputs
     */
    size_t plane, a_pair, a_size, w_block;
    uint16_t *a, *w;
};

/* conv_bf16_fits, and this processor has the unit. */
bool half_pairs_fits(const struct conv *c);
bool half_matrix_fits(const struct conv *c);
void half_plan(struct half_conv *g, const struct conv *c, bool backward, int threads);

/* The place of a block among all of the convolution's, and its tensor. `wanted`: `at` counts only
 * tensors that are not skipped. */
struct half_block {
    const struct tensor *t;
    int x, block, base;
};
struct half_block half_block_at(
    const struct half_conv *g, const struct tensor *list, int count, int at, bool wanted);
/* Where a phase's place is in a source of `size` along an axis, or -1. */
int half_source(const struct half_axis *a, int phase, int place, int size);
/* `count` pixels of a block of the source, `step` apart, rounded, through the norm that is made on
 * load; `apart`: between pixels of `to`. */
void half_pixels(const struct half_conv *g, int n, const struct half_block *b, size_t pixel,
    int step, int count, uint16_t *to, int apart);

/* For HALF_PAIRS: numbers 0, 1, 2, 3 become 2, 0, 3, 1, so that a word has two of one chain.
 * `count`: a multiple of HALF_DEPTH. */
INLINE void half_swap(const struct half_conv *g, uint16_t *a, int count)
{
#if defined(ATT_ISA_avx512)
    const __m512i order =
        _mm512_broadcast_i32x4(_mm_setr_epi8(4, 5, 0, 1, 6, 7, 2, 3, 12, 13, 8, 9, 14, 15, 10, 11));
    for (int i = 0; i < count && g->unit == HALF_PAIRS; i += HALF_DEPTH)
        _mm512_storeu_si512(a + i, _mm512_shuffle_epi8(_mm512_loadu_si512(a + i), order));
#endif
    (void)g, (void)a, (void)count;
}

/* Rounded; subnormal numbers become 0. HALF_PAIRS and HALF_MATRIX have an instruction for it,
 * written as assembly as the tiles' are. */
INLINE void half_put(uint16_t *to, vec v, const bool fast)
{
#if defined(ATT_ISA_avx512)
    if (fast) {
        __m256i h;
        __asm__("vcvtneps2bf16 %1, %0" : "=x"(h) : "v"(v));
        _mm256_storeu_si256((void *)to, h);
        return;
    }
#endif
    (void)fast;
    const vec least = vec_set(FLT_MIN);
    half_store(to, 0, vec_pick(vec_greater(least, vec_abs(v)), vec_zero(), v));
}
