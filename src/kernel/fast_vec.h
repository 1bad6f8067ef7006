/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors for the fast kernels (fast_*.c), which are compiled once per instruction set.  A block of LANES channels is BLOCK_VECS vectors.
 * Every symbol that another file sees is named through ISA(). */
#ifndef KERNEL_FAST_VEC_H
#define KERNEL_FAST_VEC_H

#include <immintrin.h>

#include "kernel/tensor.h"

#ifdef ATT_F64
#error "the fast kernels compute in float"
#endif

#if defined(ATT_ISA_avx512)
#define ISA(name) name##_avx512
enum { VEC_LANES = 16 };
typedef __m512 vec;
#elif defined(ATT_ISA_avx2)
#define ISA(name) name##_avx2
enum { VEC_LANES = 8 };
typedef __m256 vec;
#else
#error "define ATT_ISA_avx2 or ATT_ISA_avx512"
#endif

enum { BLOCK_VECS = LANES / VEC_LANES };

#define INLINE static inline __attribute__((always_inline))
/* For loops whose trip count is a constant once their function is inlined: all of it, so that arrays become registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* The build does not contract a*b + c (-ffp-contract=off): where a fused one is meant, it is written. */
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

/* Asks for the cache line at p.  In assembly, since gcc 12 drops calls of functions that do nothing else. */
INLINE void fetch_to_l1(const float *p) { __asm__ volatile("prefetcht0 %0" : : "m"(*p)); }
INLINE void fetch_to_l2(const float *p) { __asm__ volatile("prefetcht1 %0" : : "m"(*p)); }

/* Loads once: else the compiler may read memory anew for every use. */
INLINE vec vec_once(vec v)
{
    __asm__("" : "+v"(v));
    return v;
}

#endif
