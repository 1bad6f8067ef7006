/* SPDX-License-Identifier: Apache-2.0 */
/* Products of tiles. The matrix unit's instructions are written as assembly: the compilers' own
 * functions need other flags, and gcc 12 does not tell its optimiser which memory they read. */
#include <string.h>

#include "kernel/fast_half_tile.h"

enum {
    TILE = LANES * HALF_DEPTH, /* numbers of a tile of A or B */
    C_TILE = HALF_ROWS * LANES
};

/* ---- without a matrix unit */

enum {
    SUMS = 8 / BLOCK_VECS, /* of each chain in registers */
    WIDE = 2 / BLOCK_VECS  /* tiles of B at a time */
};

/* Adds one product, or two: an instruction for pairs of bfloat16 adds the odd one first. It is
 * written as assembly as the tiles' are. */
INLINE vec chain_add(vec x, vec y, vec sum, const bool pairs)
{
#if defined(ATT_ISA_avx512)
    if (pairs) {
        __asm__("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(x), "v"(y));
        return sum;
    }
#endif
    (void)pairs;
    return vec_fma(x, y, sum);
}

/* Rows of a tile of B: numbers of the even and of the odd chain, or two of them a word, the second
 * one below. */
INLINE void chain_b(const uint16_t *b, const bool pairs, vec *even, vec *odd)
{
#if defined(ATT_ISA_avx512)
    if (pairs) {
        enum { LOWER = 0x55555555 };
        const float *rows = (const float *)(const void *)b;
        const __m512i first = _mm512_castps_si512(vec_once(vec_load(rows))),
                      second = _mm512_castps_si512(vec_once(vec_load(rows + LANES)));
        *even =
            _mm512_castsi512_ps(_mm512_mask_mov_epi16(_mm512_slli_epi32(first, 16), LOWER, second));
        *odd =
            _mm512_castsi512_ps(_mm512_mask_mov_epi16(first, LOWER, _mm512_srli_epi32(second, 16)));
        return;
    }
#endif
    (void)pairs;
    half_split(vec_load((const float *)(const void *)b), even, odd);
}

/* The same of one pixel; for pairs, half_swap has put them there. */
INLINE void chain_a(const uint16_t *a, const bool pairs, vec *even, vec *odd)
{
    float word;
    memcpy(&word, a, sizeof word);
    if (pairs) {
        *even = vec_once(vec_set(word));
        memcpy(&word, a + 2, sizeof word);
        *odd = vec_once(vec_set(word));
    } else {
        half_split(vec_set(word), even, odd);
    }
}

/* Some rows of a tile of A, from row `at` on, by one or two tiles of B. The sum of both chains is
 * added to C once. */
INLINE void chain_rows(const uint16_t *a, const uint16_t *const tiles[], float *const to[], int at,
    const int wide, const bool pairs)
{
    const uint16_t *const b[] = {tiles[0], tiles[wide - 1]};
    float *const c[] = {to[0] + at * LANES, to[wide - 1] + at * LANES};
    const int vecs = wide * BLOCK_VECS, step = pairs ? 4 : 2;
    vec even[SUMS], odd[SUMS];
    UNROLL for (int i = 0; i < SUMS; i++) even[i] = odd[i] = vec_zero();
    a += at * HALF_DEPTH;
    for (int p = 0; p < HALF_DEPTH; p += step) {
        vec low[2], high[2];
        UNROLL for (int v = 0; v < vecs; v++)
            chain_b(b[v / BLOCK_VECS] + p * LANES + v % BLOCK_VECS * 2 * VEC_LANES, pairs, &low[v],
                &high[v]);
        UNROLL for (int i = 0; i < SUMS; i += vecs)
        {
            vec first, second;
            chain_a(a + i / vecs * HALF_DEPTH + p, pairs, &first, &second);
            UNROLL for (int v = 0; v < vecs; v++)
            {
                even[i + v] = chain_add(first, low[v], even[i + v], pairs);
                odd[i + v] = chain_add(second, high[v], odd[i + v], pairs);
            }
        }
    }
    UNROLL for (int i = 0; i < SUMS; i++)
    {
        const int v = i % vecs;
        float *sum = c[v / BLOCK_VECS] + i / vecs * LANES + v % BLOCK_VECS * VEC_LANES;
        vec_store(sum, vec_add(vec_load(sum), vec_add(even[i], odd[i])));
    }
}

/* A tile of A by each of B. */
INLINE void chain_tiles(
    const uint16_t *a, const uint16_t *const b[], float *const c[], int count, const bool pairs)
{
    for (int i = 0; i < count;) {
        const int wide = i + WIDE <= count ? WIDE : 1;
        for (int r = 0; r < HALF_ROWS; r += SUMS / BLOCK_VECS / wide) {
            if (wide == WIDE)
                chain_rows(a, b + i, c + i, r, WIDE, pairs);
            else
                chain_rows(a, b + i, c + i, r, 1, pairs);
        }
        i += wide;
    }
}

INLINE void chain_products(const struct half_product *p, const bool pairs, float *c)
{
    for (int i = 0; i < HALF_TILES * C_TILE; i += VEC_LANES) vec_store(c + i, vec_zero());
    const uint16_t *first = p->b;
    for (int pair = 0; pair < p->pairs; pair++)
        for (int t = 0; t < p->taps; t++, first += TILE) {
            const uint16_t *a = p->a + pair * p->a_pair + p->at[t];
            const uint16_t *const b[] = {first, first + (p->blocks - 1) * p->b_block};
            for (int i = 0; i < p->groups; i++) {
                float *to = c + i * p->blocks * C_TILE, *const both[] = {to, to + C_TILE};
                chain_tiles(a + i * TILE, b, both, p->blocks, pairs);
            }
        }
}

INLINE void chain_outer(const struct half_outer *o, const bool pairs)
{
    for (int i = 0; i < o->na * o->nb && !o->add; i++)
        for (int k = 0; k < C_TILE; k += VEC_LANES) vec_store(o->c[i] + k, vec_zero());
    for (const struct half_run *r = o->runs; r < o->runs + o->count; r++)
        for (int t = 0; t < r->tiles; t++) {
            const uint16_t *b[HALF_TILES];
            for (int i = 0; i < o->nb; i++) b[i] = o->b[i] + r->b + t * TILE;
            for (int i = 0; i < o->na; i++)
                chain_tiles(o->a[i] + r->a + t * TILE, b, o->c + i * o->nb, o->nb, pairs);
        }
}

/* ---- the matrix unit */

#if defined(ATT_ISA_avx512)
/* All eight tiles have 16 rows of 64 bytes. */
static const struct {
    uint8_t palette, start_row, none[14];
    uint16_t bytes[16];
    uint8_t rows[16];
} tile_shapes = {.palette = 1,
    .bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

#define LOAD(tile, p)                                                                              \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #tile : : "r"(p), "r"((ptrdiff_t)64) : "memory")
#define STORE(tile, p)                                                                             \
    __asm__ volatile("tilestored %%tmm" #tile ", (%0,%1,1)"                                        \
                     :                                                                             \
                     : "r"(p), "r"((ptrdiff_t)64)                                                  \
                     : "memory")
#define ZERO(tile) __asm__ volatile("tilezero %%tmm" #tile ::: "memory")
#define MULTIPLY(a, b, c)                                                                          \
    __asm__ volatile("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #c ::: "memory")

/* Below, four tiles are C, one is A and one is B. Beside a busy neighbour on its core, a thread is
 * slower with more tiles: with two of A and two of B a product took 26 ns instead of 16. Alone it
 * takes 5.9 ns either way, although four products load one tile more. */

/* One or two groups of pixels by two blocks. */
INLINE void matrix_by_2(const struct half_product *p, const int groups)
{
    const uint16_t *b = p->b, *second = p->b + p->b_block;
    for (int pair = 0; pair < p->pairs; pair++)
        for (int t = 0; t < p->taps; t++, b += TILE, second += TILE) {
            const uint16_t *a = p->a + pair * p->a_pair + p->at[t];
            LOAD(5, b);
            LOAD(4, a);
            MULTIPLY(4, 5, 0);
            if (groups == 2) {
                LOAD(4, a + TILE);
                MULTIPLY(4, 5, 2);
            }
            LOAD(5, second);
            if (groups == 2) {
                MULTIPLY(4, 5, 3);
                LOAD(4, a);
            }
            MULTIPLY(4, 5, 1);
        }
}

/* Two or four groups of pixels by one block. */
INLINE void matrix_by_1(const struct half_product *p, const int groups)
{
    const uint16_t *b = p->b;
    for (int pair = 0; pair < p->pairs; pair++)
        for (int t = 0; t < p->taps; t++, b += TILE) {
            const uint16_t *a = p->a + pair * p->a_pair + p->at[t];
            LOAD(5, b);
            LOAD(4, a);
            MULTIPLY(4, 5, 0);
            LOAD(4, a + TILE);
            MULTIPLY(4, 5, 1);
            if (groups == 2) continue;
            LOAD(4, a + 2 * TILE);
            MULTIPLY(4, 5, 2);
            LOAD(4, a + 3 * TILE);
            MULTIPLY(4, 5, 3);
        }
}

static void matrix_products(const struct half_product *p, float *c)
{
    ZERO(0);
    ZERO(1);
    ZERO(2);
    ZERO(3);
    if (p->blocks == 2 && p->groups == 2)
        matrix_by_2(p, 2);
    else if (p->blocks == 2)
        matrix_by_2(p, 1);
    else if (p->groups > 2)
        matrix_by_1(p, 4);
    else
        matrix_by_1(p, 2);
    STORE(0, c);
    STORE(1, c + C_TILE);
    STORE(2, c + 2 * C_TILE);
    STORE(3, c + 3 * C_TILE);
}

/* One tile of A by up to four of B. */
static void matrix_outer_1(const struct half_outer *o, const struct half_run *r)
{
    const uint16_t *a = o->a[0] + r->a;
    for (ptrdiff_t at = r->b, end = at + (ptrdiff_t)r->tiles * TILE; at < end; at += TILE) {
        LOAD(4, a);
        a += TILE;
        LOAD(5, o->b[0] + at);
        MULTIPLY(4, 5, 0);
        if (o->nb == 1) continue;
        LOAD(5, o->b[1] + at);
        MULTIPLY(4, 5, 1);
        if (o->nb == 2) continue;
        LOAD(5, o->b[2] + at);
        MULTIPLY(4, 5, 2);
        if (o->nb == 3) continue;
        LOAD(5, o->b[3] + at);
        MULTIPLY(4, 5, 3);
    }
}

/* Two of A by up to two of B. */
static void matrix_outer_2(const struct half_outer *o, const struct half_run *r)
{
    const uint16_t *a = o->a[0] + r->a, *second = o->a[1] + r->a;
    for (ptrdiff_t at = r->b, end = at + (ptrdiff_t)r->tiles * TILE; at < end; at += TILE) {
        LOAD(5, o->b[0] + at);
        LOAD(4, a);
        MULTIPLY(4, 5, 0);
        LOAD(4, second);
        MULTIPLY(4, 5, 2);
        if (o->nb == 2) {
            LOAD(5, o->b[1] + at);
            MULTIPLY(4, 5, 3);
            LOAD(4, a);
            MULTIPLY(4, 5, 1);
        }
        a += TILE;
        second += TILE;
    }
}

/* Tile i of C is a[i / 2], b[i % 2] or a[0], b[i]. */
static void matrix_outer(const struct half_outer *o)
{
    const int wide = o->na == 2 ? 2 : HALF_TILES;
    float *c[HALF_TILES] = {NULL};
    for (int i = 0; i < o->na * o->nb; i++) c[i / o->nb * wide + i % o->nb] = o->c[i];
#define START(tile)                                                                                \
    if (c[tile] && o->add)                                                                         \
        LOAD(tile, c[tile]);                                                                       \
    else                                                                                           \
        ZERO(tile)
#define END(tile)                                                                                  \
    if (c[tile]) STORE(tile, c[tile])
    START(0);
    START(1);
    START(2);
    START(3);
    for (const struct half_run *r = o->runs; r < o->runs + o->count; r++) {
        if (o->na == 2)
            matrix_outer_2(o, r);
        else
            matrix_outer_1(o, r);
    }
    END(0);
    END(1);
    END(2);
    END(3);
#undef START
#undef END
}
#endif

/* The matrix unit takes subnormal numbers as 0 and makes none. Returns the state before. */
static unsigned flush_begin(void)
{
    enum { FLUSH = 0x8040, MASKED = 0x1f80 };
    const unsigned before = _mm_getcsr();
    _mm_setcsr(MASKED | FLUSH);
    __asm__ volatile("" ::: "memory");
    return before;
}

static void flush_end(unsigned before)
{
    __asm__ volatile("" ::: "memory");
    _mm_setcsr(before);
}

void half_products(const struct half_product *p, enum half_unit unit, float c[])
{
#if defined(ATT_ISA_avx512)
    if (unit == HALF_MATRIX) {
        matrix_products(p, c);
        return;
    }
#endif
    const unsigned before = flush_begin();
    if (unit == HALF_PAIRS)
        chain_products(p, true, c);
    else
        chain_products(p, false, c);
    flush_end(before);
}

void half_outer_sums(const struct half_outer *o, enum half_unit unit)
{
#if defined(ATT_ISA_avx512)
    if (unit == HALF_MATRIX) {
        matrix_outer(o);
        return;
    }
#endif
    const unsigned before = flush_begin();
    if (unit == HALF_PAIRS)
        chain_outer(o, true);
    else
        chain_outer(o, false);
    flush_end(before);
}

void half_tiles_begin(enum half_unit unit)
{
#if defined(ATT_ISA_avx512)
    if (unit == HALF_MATRIX) __asm__ volatile("ldtilecfg %0" : : "m"(tile_shapes));
#endif
    (void)unit;
}

void half_tiles_end(enum half_unit unit)
{
#if defined(ATT_ISA_avx512)
    if (unit == HALF_MATRIX) __asm__ volatile("tilerelease" ::: "memory");
#endif
    (void)unit;
}
