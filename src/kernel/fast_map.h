/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations and the division of tensors into pieces, for fast pointwise kernels and
 * reductions. They are memory-bound. A piece is a stretch of one plane (a block of channels of one
 * image), large enough to hide the cost of a task; pieces depend on the shape only. */
#pragma once

#include "kernel/fast_vec.h"
#include "kernel/kernel.h"

#if defined(ATT_ISA_avx512)
typedef __mmask16 mask;
INLINE vec vec_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
INLINE vec vec_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
INLINE vec vec_div(vec a, vec b) { return _mm512_div_ps(a, b); }
INLINE vec vec_sqrt(vec a) { return _mm512_sqrt_ps(a); }
/* a > b ? a : b, so b for NaN */
INLINE vec vec_max(vec a, vec b) { return _mm512_max_ps(a, b); }
INLINE vec vec_min(vec a, vec b) { return _mm512_min_ps(a, b); }
INLINE vec vec_abs(vec a) { return _mm512_abs_ps(a); }
INLINE mask vec_greater(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
INLINE mask vec_equal(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
INLINE vec vec_pick(mask m, vec yes, vec no) { return _mm512_mask_blend_ps(m, no, yes); }
INLINE vec vec_keep(mask m, vec a) { return _mm512_maskz_mov_ps(m, a); }
INLINE mask mask_none(void) { return 0; }
INLINE mask mask_or(mask a, mask b) { return (mask)(a | b); }
INLINE mask mask_but(mask a, mask b) { return (mask)(a & ~b); } /* a and not b */
INLINE mask mask_first(size_t n) { return (mask)((1u << n) - 1); }
INLINE vec vec_load_first(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps(mask_first(n), p);
}
INLINE void vec_store_first(float *p, vec v, size_t n)
{
    _mm512_mask_storeu_ps(p, mask_first(n), v);
}
#else
typedef __m256 mask;
INLINE vec vec_sub(vec a, vec b) { return _mm256_sub_ps(a, b); }
INLINE vec vec_mul(vec a, vec b) { return _mm256_mul_ps(a, b); }
INLINE vec vec_div(vec a, vec b) { return _mm256_div_ps(a, b); }
INLINE vec vec_sqrt(vec a) { return _mm256_sqrt_ps(a); }
INLINE vec vec_max(vec a, vec b) { return _mm256_max_ps(a, b); }
INLINE vec vec_min(vec a, vec b) { return _mm256_min_ps(a, b); }
INLINE vec vec_abs(vec a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
INLINE mask vec_greater(vec a, vec b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
INLINE mask vec_equal(vec a, vec b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
INLINE vec vec_pick(mask m, vec yes, vec no) { return _mm256_blendv_ps(no, yes, m); }
INLINE vec vec_keep(mask m, vec a) { return _mm256_and_ps(m, a); }
INLINE mask mask_none(void) { return _mm256_setzero_ps(); }
INLINE mask mask_or(mask a, mask b) { return _mm256_or_ps(a, b); }
INLINE mask mask_but(mask a, mask b) { return _mm256_andnot_ps(b, a); }
INLINE __m256i mask_words(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE mask mask_first(size_t n) { return _mm256_castsi256_ps(mask_words(n)); }
INLINE vec vec_load_first(const float *p, size_t n) { return _mm256_maskload_ps(p, mask_words(n)); }
INLINE void vec_store_first(float *p, vec v, size_t n) { _mm256_maskstore_ps(p, mask_words(n), v); }
#endif

/* The first n lanes; others read as zero and are not written. n < VEC_LANES only at the end of a
 * planar row. */
INLINE vec vec_get(const float *p, size_t n)
{
    return n == VEC_LANES ? vec_load(p) : vec_load_first(p, n);
}
INLINE void vec_put(float *p, vec v, size_t n)
{
    if (n == VEC_LANES)
        vec_store(p, v);
    else
        vec_store_first(p, v, n);
}
INLINE void vec_put_or_add(float *p, vec v, size_t n, bool add)
{
    vec_put(p, add ? vec_add(vec_get(p, n), v) : v, n);
}

/* From number `at` of a tensor on; half tensors are blocked, so n is VEC_LANES there. */
INLINE vec map_get(const void *p, size_t at, size_t n, bool half)
{
    return half ? half_load(p, at) : vec_get((const float *)p + at, n);
}
INLINE void map_put(void *p, size_t at, vec v, size_t n, bool half)
{
    if (half)
        half_store(p, at, v);
    else
        vec_put((float *)p + at, v, n);
}
INLINE void map_put_or_add(void *p, size_t at, vec v, size_t n, bool half, bool add)
{
    map_put(p, at, add ? vec_add(map_get(p, at, n, half), v) : v, n, half);
}

/* Sums all lanes by halving. */
INLINE float vec_sum(vec v)
{
#if defined(ATT_ISA_avx512)
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
#else
    __m256 half = v;
#endif
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

/* The activation of z; NaN stays. */
INLINE vec vec_act(vec z, enum act act)
{
    if (act == ACT_NONE) return z;
    return vec_max(act == ACT_RELU ? vec_zero() : vec_mul(z, vec_set(0.01f)), z);
}

/* g times the derivative, from the value before or after the activation. */
INLINE vec vec_act_dx(vec g, vec z, enum act act)
{
    if (act == ACT_NONE) return g;
    mask above = vec_greater(z, vec_zero());
    return act == ACT_RELU ? vec_keep(above, g) : vec_pick(above, g, vec_mul(g, vec_set(0.01f)));
}

/* Calls `f(act, ...)` with a constant, so that the loop inside is made once per activation. */
#define BY_ACT(act, f, ...)                                                                        \
    switch (act) {                                                                                 \
    case ACT_NONE:                                                                                 \
        f(ACT_NONE, __VA_ARGS__);                                                                  \
        break;                                                                                     \
    case ACT_RELU:                                                                                 \
        f(ACT_RELU, __VA_ARGS__);                                                                  \
        break;                                                                                     \
    default:                                                                                       \
        f(ACT_LEAKY, __VA_ARGS__);                                                                 \
        break;                                                                                     \
    }

/* Also once per storage type: `f(act, half, ...)`. */
#define BY_ACT_HALF(act, half, f, ...)                                                             \
    if (half) {                                                                                    \
        BY_ACT(act, f, true, __VA_ARGS__)                                                          \
    } else {                                                                                       \
        BY_ACT(act, f, false, __VA_ARGS__)                                                         \
    }

/* Walks over `count` numbers of a plane: one(arg, offset, lanes, half, chain). half: the vector's
 * place in its channel block (planar planes: no meaning); chain 0..CHAINS-1: independent sums. */
enum { CHAINS = 4 };
typedef void vec_fn(void *arg, size_t at, size_t lanes, size_t half, size_t chain);

INLINE void each_vec(size_t count, vec_fn *one, void *arg)
{
    size_t i = 0;
    for (; i + CHAINS * LANES <= count; i += CHAINS * LANES) {
        UNROLL for (size_t c = 0; c < CHAINS; c++)
        {
            UNROLL for (size_t v = 0; v < BLOCK_VECS; v++)
                one(arg, i + c * LANES + v * VEC_LANES, VEC_LANES, v, c);
        }
    }
    for (; i + LANES <= count; i += LANES) {
        UNROLL for (size_t v = 0; v < BLOCK_VECS; v++) one(arg, i + v * VEC_LANES, VEC_LANES, v, 0);
    }
    for (; i < count; i += VEC_LANES)
        one(arg, i, count - i < VEC_LANES ? count - i : VEC_LANES, 0, 0);
}

/* A plane's coefficients, one vector per half: a block's, zero in pad lanes, or one number. */
INLINE void load_coef(const float *all, const struct tensor *t, int image, int block,
    bool per_image, vec coef[BLOCK_VECS])
{
    const float *p = all + (per_image ? image * tensor_padded(t) : 0) + block * t->lanes;
    size_t channels = (size_t)(t->s.c - block * t->lanes);
    for (size_t v = 0; v < BLOCK_VECS; v++) {
        size_t first = v * VEC_LANES, left = channels > first ? channels - first : 0;
        coef[v] = t->lanes == 1 ? vec_set(*p)
            : left              ? vec_get(p + first, left < VEC_LANES ? left : VEC_LANES)
                                : vec_zero();
    }
}

/* Splits planes of `size` floats: large ones into pieces, small ones several per task. */
enum { PIECE = 32768 };
struct cut {
    size_t size;
    int planes, pieces /* per plane */, together /* per task */, tasks;
};
struct piece {
    int plane;
    size_t from, count;
};

/* The start of a row of a plane. */
INLINE size_t row_at(const struct tensor *t, int plane, int d, int h)
{
    return (((size_t)plane * (size_t)t->s.d + (size_t)d) * (size_t)t->s.h + (size_t)h) *
        (size_t)t->s.w * (size_t)t->lanes;
}

INLINE struct cut cut_planes(int planes, size_t size)
{
    struct cut c = {size, planes, (int)((size + PIECE - 1) / PIECE), 1, 0};
    if (c.pieces == 1) c.together = (int)(PIECE / size);
    c.tasks = c.pieces > 1 ? planes * c.pieces : (planes + c.together - 1) / c.together;
    return c;
}

INLINE struct cut cut_tensor(const struct tensor *t)
{
    return cut_planes(t->s.n * tensor_blocks(t), tensor_block_size(t));
}

/* The k-th piece of a task; false: no more. */
INLINE bool cut_piece(const struct cut *c, int task, int k, struct piece *p)
{
    if (k >= c->together) return false;
    p->plane = c->pieces > 1 ? task / c->pieces : task * c->together + k;
    if (p->plane >= c->planes) return false;
    p->from = c->pieces > 1 ? (size_t)(task % c->pieces) * PIECE : 0;
    p->count = c->size - p->from < PIECE ? c->size - p->from : PIECE;
    return true;
}
