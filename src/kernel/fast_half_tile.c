/* SPDX-License-Identifier: Apache-2.0 */
/* Products of tiles. The matrix unit's instructions are written as assembly: the compilers' own
 * functions need other flags, and gcc 12 does not tell its optimiser which memory they read. */
#include "kernel/fast_half_tile.h"

enum {
    TILE = LANES * HALF_DEPTH, /* numbers of a tile of A or B */
    C_TILE = HALF_ROWS * LANES
};

/* ---- the model */

/* An even and an odd chain of 16 fused products each, then their sum, added to C once. The products
 * of one pair of channels: the lower half of a word is the even one. */
INLINE void model_rows(const uint16_t *a, const uint16_t *b, float *c)
{
    enum { ROWS = 4 };
    vec even[ROWS][BLOCK_VECS], odd[ROWS][BLOCK_VECS];
    UNROLL for (int r = 0; r < ROWS; r++)
    {
        UNROLL for (int v = 0; v < BLOCK_VECS; v++) even[r][v] = odd[r][v] = vec_zero();
    }
    for (int p = 0; p < HALF_DEPTH; p += 2, b += 2 * LANES) {
        vec low[BLOCK_VECS], high[BLOCK_VECS];
        UNROLL for (int v = 0; v < BLOCK_VECS; v++)
            half_split(b + v * 2 * VEC_LANES, &low[v], &high[v]);
        UNROLL for (int r = 0; r < ROWS; r++)
        {
            const vec first = vec_set(half_read(a[r * HALF_DEPTH + p])),
                      second = vec_set(half_read(a[r * HALF_DEPTH + p + 1]));
            UNROLL for (int v = 0; v < BLOCK_VECS; v++)
            {
                even[r][v] = vec_fma(first, low[v], even[r][v]);
                odd[r][v] = vec_fma(second, high[v], odd[r][v]);
            }
        }
    }
    UNROLL for (int r = 0; r < ROWS; r++)
    {
        UNROLL for (int v = 0; v < BLOCK_VECS; v++)
        {
            float *to = c + r * LANES + v * VEC_LANES;
            vec_store(to, vec_add(vec_load(to), vec_add(even[r][v], odd[r][v])));
        }
    }
}

static void model(const struct half_product *p, float *c)
{
    for (int i = 0; i < HALF_TILES * C_TILE; i += VEC_LANES) vec_store(c + i, vec_zero());
    for (int group = 0; group < p->groups; group++)
        for (int block = 0; block < p->blocks; block++, c += C_TILE) {
            const uint16_t *b = p->b + block * p->b_block;
            for (int pair = 0; pair < p->pairs; pair++)
                for (int t = 0; t < p->taps; t++, b += TILE) {
                    const uint16_t *a = p->a + pair * p->a_pair + p->at[t] + group * TILE;
                    for (int r = 0; r < HALF_ROWS; r += 4)
                        model_rows(a + r * HALF_DEPTH, b, c + r * LANES);
                }
        }
}

static void model_outer(const struct half_outer *o)
{
    for (int i = 0; i < o->na * o->nb; i++) {
        float *c = o->c[i];
        for (int k = 0; !o->add && k < C_TILE; k += VEC_LANES) vec_store(c + k, vec_zero());
        for (const struct half_run *r = o->runs; r < o->runs + o->count; r++) {
            const uint16_t *a = o->a[i / o->nb] + r->a, *b = o->b[i % o->nb] + r->b;
            for (int t = 0; t < r->tiles; t++, a += TILE, b += TILE)
                for (int row = 0; row < HALF_ROWS; row += 4)
                    model_rows(a + row * HALF_DEPTH, b, c + row * LANES);
        }
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

void half_products(const struct half_product *p, bool matrix, float c[])
{
#if defined(ATT_ISA_avx512)
    if (matrix) {
        matrix_products(p, c);
        return;
    }
#endif
    (void)matrix;
    const unsigned before = flush_begin();
    model(p, c);
    flush_end(before);
}

void half_outer_sums(const struct half_outer *o, bool matrix)
{
#if defined(ATT_ISA_avx512)
    if (matrix) {
        matrix_outer(o);
        return;
    }
#endif
    (void)matrix;
    const unsigned before = flush_begin();
    model_outer(o);
    flush_end(before);
}

void half_tiles_begin(bool matrix)
{
#if defined(ATT_ISA_avx512)
    if (matrix) __asm__ volatile("ldtilecfg %0" : : "m"(tile_shapes));
#endif
    (void)matrix;
}

void half_tiles_end(bool matrix)
{
#if defined(ATT_ISA_avx512)
    if (matrix) __asm__ volatile("tilerelease" ::: "memory");
#endif
    (void)matrix;
}
