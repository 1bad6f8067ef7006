/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors for the fast kernels (fast_*.c), compiled once per instruction set. A block of LANES
 * channels is BLOCK_VECS vectors. ISA() names the external symbols. */
#pragma once

/* An editor or a syntax check names no instruction set; the build always does. */
#if !defined(ATT_ISA_avx512) && !defined(ATT_ISA_avx2) && !defined(__clang__)
#define ATT_ISA_avx512 1
#pragma GCC target("avx2,fma,avx512f,avx512dq,avx512bw,avx512vl")
#endif

#include <immintrin.h>

#include "kernel/tensor.h"

#ifdef ATT_F64
#error "the fast kernels compute in float"
#endif

#if defined(ATT_ISA_avx512)
#define ISA(name) name##_avx512
#define ISA_NAME "avx512"
#define ISA_NEEDS (CPU_AVX2 | CPU_FMA | CPU_AVX512F | CPU_AVX512DQ | CPU_AVX512BW | CPU_AVX512VL)
enum { VEC_LANES = 16 };
typedef __m512 vec;
#elif defined(ATT_ISA_avx2)
#define ISA(name) name##_avx2
#define ISA_NAME "avx2"
#define ISA_NEEDS (CPU_AVX2 | CPU_FMA)
enum { VEC_LANES = 8 };
typedef __m256 vec;
#else
#error "define ATT_ISA_avx2 or ATT_ISA_avx512"
#endif

enum { BLOCK_VECS = LANES / VEC_LANES };

#define INLINE static inline __attribute__((always_inline))
/* Unrolls loops with a constant trip count, so that arrays become registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* The build does not contract a*b + c (-ffp-contract=off); fused ones are explicit. */
#if defined(ATT_ISA_avx512)
INLINE vec vec_zero(void) { return _mm512_setzero_ps(); }
INLINE vec vec_set(float v) { return _mm512_set1_ps(v); }
INLINE vec vec_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void vec_store(float *p, vec v) { _mm512_storeu_ps(p, v); }
INLINE vec vec_add(vec a, vec b) { return _mm512_add_ps(a, b); }
INLINE vec vec_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
#else
INLINE vec vec_zero(void) { return _mm256_setzero_ps(); }
INLINE vec vec_set(float v) { return _mm256_set1_ps(v); }
INLINE vec vec_load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void vec_store(float *p, vec v) { _mm256_storeu_ps(p, v); }
INLINE vec vec_add(vec a, vec b) { return _mm256_add_ps(a, b); }
INLINE vec vec_fma(vec a, vec b, vec c) { return _mm256_fmadd_ps(a, b, c); }
#endif

/* Numbers from `at` on of bfloat16 (tensor.h) at p. The rounding instructions would flush
 * subnormals. */
#if defined(ATT_ISA_avx512)
INLINE vec half_load(const void *p, size_t at)
{
    __m256i h = _mm256_loadu_si256((const void *)((const uint16_t *)p + at));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(h), 16));
}
INLINE void half_store(void *p, size_t at, vec v)
{
    __m512i u = _mm512_castps_si512(v), high = _mm512_srli_epi32(u, 16);
    __m512i even = _mm512_and_si512(high, _mm512_set1_epi32(1)),
            near = _mm512_add_epi32(_mm512_add_epi32(u, even), _mm512_set1_epi32(0x7fff));
    __mmask16 nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    __m512i h =
        _mm512_mask_or_epi32(_mm512_srli_epi32(near, 16), nan, high, _mm512_set1_epi32(0x40));
    _mm256_storeu_si256((void *)((uint16_t *)p + at), _mm512_cvtepi32_epi16(h));
}
#else
INLINE vec half_load(const void *p, size_t at)
{
    __m128i h = _mm_loadu_si128((const void *)((const uint16_t *)p + at));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(h), 16));
}
INLINE void half_store(void *p, size_t at, vec v)
{
    __m256i u = _mm256_castps_si256(v), high = _mm256_srli_epi32(u, 16);
    __m256i even = _mm256_and_si256(high, _mm256_set1_epi32(1)),
            near = _mm256_add_epi32(_mm256_add_epi32(u, even), _mm256_set1_epi32(0x7fff));
    __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    __m256i h = _mm256_blendv_epi8(
        _mm256_srli_epi32(near, 16), _mm256_or_si256(high, _mm256_set1_epi32(0x40)), nan);
    h = _mm256_permute4x64_epi64(_mm256_packus_epi32(h, h), 0x08);
    _mm_storeu_si128((void *)((uint16_t *)p + at), _mm256_castsi256_si128(h));
}
#endif

/* 2 * VEC_LANES numbers of bfloat16: those at even and at odd places. */
INLINE void half_split(vec v, vec *even, vec *odd)
{
#if defined(ATT_ISA_avx512)
    __m512i u = _mm512_castps_si512(v);
    *even = _mm512_castsi512_ps(_mm512_slli_epi32(u, 16));
    *odd = _mm512_castsi512_ps(_mm512_and_si512(u, _mm512_set1_epi32(-65536)));
#else
    __m256i u = _mm256_castps_si256(v);
    *even = _mm256_castsi256_ps(_mm256_slli_epi32(u, 16));
    *odd = _mm256_castsi256_ps(_mm256_and_si256(u, _mm256_set1_epi32(-65536)));
#endif
}

/* `count`: a multiple of LANES. */
INLINE void half_expand(const void *p, size_t count, float *to)
{
    for (size_t i = 0; i < count; i += VEC_LANES) vec_store(to + i, half_load(p, i));
}
INLINE void half_narrow(const float *from, size_t count, void *p)
{
    for (size_t i = 0; i < count; i += VEC_LANES) half_store(p, i, vec_load(from + i));
}

/* Fetches the cache line at p. In assembly: gcc 12 drops calls of functions that only prefetch. */
INLINE void fetch_to_l1(const float *p) { __asm__ volatile("prefetcht0 %0" : : "m"(*p)); }
INLINE void fetch_to_write(const void *p)
{
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)p));
}
INLINE void fetch_to_l2(const void *p)
{
    __asm__ volatile("prefetcht1 %0" : : "m"(*(const char *)p));
}

/* Loads once: the compiler may reload for every use. */
INLINE vec vec_once(vec v)
{
    __asm__("" : "+v"(v));
    return v;
}
