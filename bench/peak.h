/* SPDX-License-Identifier: Apache-2.0 */
/* The roof that timings are held against: fused multiply-adds in registers, enough of them
 * independent to hide their latency. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

enum { PEAK_SUMS = 12 };

#if defined(__x86_64__)
#define PEAK_FMAS(r)                                                                               \
    "vfmadd231ps %%" r "13,%%" r "14,%%" r "0\n vfmadd231ps %%" r "13,%%" r "14,%%" r              \
    "1\n vfmadd231ps %%" r "13,%%" r "14,%%" r "2\n"                                               \
    "vfmadd231ps %%" r "13,%%" r "14,%%" r "3\n vfmadd231ps %%" r "13,%%" r "14,%%" r              \
    "4\n vfmadd231ps %%" r "13,%%" r "14,%%" r "5\n"                                               \
    "vfmadd231ps %%" r "13,%%" r "14,%%" r "6\n vfmadd231ps %%" r "13,%%" r "14,%%" r              \
    "7\n vfmadd231ps %%" r "13,%%" r "14,%%" r "8\n"                                               \
    "vfmadd231ps %%" r "13,%%" r "14,%%" r "9\n vfmadd231ps %%" r "13,%%" r "14,%%" r              \
    "10\n vfmadd231ps %%" r "13,%%" r "14,%%" r "11\n"
#define PEAK_LOOP(r)                                                                               \
    __asm__ volatile("vzeroall\n 1:\n" PEAK_FMAS(r) "dec %0\n jnz 1b\n"                            \
                     : "+r"(turns)                                                                 \
                     :                                                                             \
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",     \
                     "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc")

/* The width of its vectors, in floats, that this machine can be asked for; 0 for none. */
static int peak_lanes(void)
{
    if (__builtin_cpu_supports("avx512f")) return 16;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 8 : 0;
}

/* turns x PEAK_SUMS multiply-adds of vectors. */
static void peak_run(int lanes, long turns)
{
    if (lanes == 16)
        PEAK_LOOP("zmm");
    else
        PEAK_LOOP("ymm");
}
#else
static int peak_lanes(void) { return 0; }
static void peak_run(int lanes, long turns)
{
    (void)lanes;
    (void)turns;
}
#endif

#endif
