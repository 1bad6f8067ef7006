/* SPDX-License-Identifier: Apache-2.0 */
/* exp, log and sigmoid of float vectors, relative error about 1e-7; kmath.h's formulas, shorter. */
#pragma once

#include "kernel/fast_map.h"

#if defined(ATT_ISA_avx512)
typedef __m512i ivec;
INLINE ivec ivec_set(int v) { return _mm512_set1_epi32(v); }
INLINE ivec ivec_add(ivec a, ivec b) { return _mm512_add_epi32(a, b); }
INLINE ivec ivec_and(ivec a, ivec b) { return _mm512_and_si512(a, b); }
INLINE ivec ivec_to_exponent(ivec a) { return _mm512_slli_epi32(a, 23); }
INLINE ivec ivec_from_exponent(ivec a) { return _mm512_srai_epi32(a, 23); }
INLINE ivec ivec_round(vec a) { return _mm512_cvtps_epi32(a); }
INLINE vec ivec_float(ivec a) { return _mm512_cvtepi32_ps(a); }
INLINE vec ivec_as_vec(ivec a) { return _mm512_castsi512_ps(a); }
INLINE ivec vec_as_ivec(vec a) { return _mm512_castps_si512(a); }
#else
typedef __m256i ivec;
INLINE ivec ivec_set(int v) { return _mm256_set1_epi32(v); }
INLINE ivec ivec_add(ivec a, ivec b) { return _mm256_add_epi32(a, b); }
INLINE ivec ivec_and(ivec a, ivec b) { return _mm256_and_si256(a, b); }
INLINE ivec ivec_to_exponent(ivec a) { return _mm256_slli_epi32(a, 23); }
INLINE ivec ivec_from_exponent(ivec a) { return _mm256_srai_epi32(a, 23); }
INLINE ivec ivec_round(vec a) { return _mm256_cvtps_epi32(a); }
INLINE vec ivec_float(ivec a) { return _mm256_cvtepi32_ps(a); }
INLINE vec ivec_as_vec(ivec a) { return _mm256_castsi256_ps(a); }
INLINE ivec vec_as_ivec(vec a) { return _mm256_castps_si256(a); }
#endif

/* The first bits of ln 2, so that small multiples are exact, and the remainder. */
#define LN2_HI 0.693359375f
#define LN2_LO -2.12194440e-4f

/* exp(x) = 2^k exp(r), Taylor to r^7. For x <= 88; results far below the normal range are 0. */
INLINE vec vec_exp(vec x)
{
    static const float inverse[] = {
        1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1, 1};
    x = vec_max(vec_set(-88), x);
    ivec k = ivec_round(vec_mul(x, vec_set(1.44269504f)));
    vec kf = ivec_float(k);
    vec r = vec_fma(kf, vec_set(-LN2_LO), vec_fma(kf, vec_set(-LN2_HI), x));
    vec p = vec_set(inverse[0]);
    UNROLL for (int i = 1; i < 8; i++) p = vec_fma(p, r, vec_set(inverse[i]));
    return vec_mul(p, ivec_as_vec(ivec_to_exponent(ivec_add(k, ivec_set(127)))));
}

/* log(x) for normal x > 0; else NaN. Adding 1 - sqrt(1/2) to the bits rounds the exponent at
 * sqrt(2). */
INLINE vec vec_log(vec x)
{
    static const float inverse[] = {2.0f / 9, 2.0f / 7, 2.0f / 5, 2.0f / 3};
    ivec bits = ivec_add(vec_as_ivec(x), ivec_set(0x3f800000 - 0x3f3504f3));
    ivec e = ivec_add(ivec_from_exponent(bits), ivec_set(-127));
    vec f =
        vec_sub(ivec_as_vec(ivec_add(ivec_and(bits, ivec_set(0x007fffff)), ivec_set(0x3f3504f3))),
            vec_set(1));
    vec s = vec_div(f, vec_add(f, vec_set(2))), z = vec_mul(s, s), r = vec_set(inverse[0]),
        ef = ivec_float(e);
    UNROLL for (int i = 1; i < 4; i++) r = vec_fma(r, z, vec_set(inverse[i]));
    r = vec_mul(r, z);
    vec low = vec_fma(ef, vec_set(LN2_LO), vec_sub(f, vec_mul(s, vec_sub(f, r))));
    return vec_add(vec_fma(ef, vec_set(LN2_HI), low), vec_sub(x, x));
}

/* log(1 + x) = 2 atanh(x / (2 + x)) for 0 <= x <= 1. */
INLINE vec vec_log1p(vec x)
{
    static const float inverse[] = {
        2.0f / 15, 2.0f / 13, 2.0f / 11, 2.0f / 9, 2.0f / 7, 2.0f / 5, 2.0f / 3, 2};
    vec s = vec_div(x, vec_add(x, vec_set(2))), z = vec_mul(s, s), p = vec_set(inverse[0]);
    UNROLL for (int i = 1; i < 8; i++) p = vec_fma(p, z, vec_set(inverse[i]));
    return vec_mul(p, s);
}

INLINE vec vec_sigmoid(vec x)
{
    vec e = vec_exp(vec_sub(vec_zero(), vec_abs(x)));
    vec large = vec_div(vec_set(1), vec_add(vec_set(1), e));
    return vec_pick(vec_greater(vec_zero(), x), vec_mul(e, large), large);
}
