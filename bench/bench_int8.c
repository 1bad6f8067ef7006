/* SPDX-License-Identifier: Apache-2.0 */
/* What products in int8 (AVX-VNNI, AVX512-VNNI) would bring: one 3x3 layer, computed directly, with
 * inputs in 8 bits without a sign, weights in 8 bits, and outputs scaled back to 8 bits. attunet
 * has no such prediction; docs/performance.md sets this beside its float kernels.
 *
 *   bench_int8 [CHANNELS SIDE]          64 and 256: processor time of one core */
#include <cpuid.h>
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAPS = 9, REPEAT = 15, MOST_PIXELS = 12, SPARE = MOST_PIXELS + 2 };

struct layer {
    int channels, side;
    size_t pitch; /* bytes of a row */
    uint8_t *x;   /* [row][column][channel], with a border of zeros */
    int8_t *w;    /* [block of outputs][tap][4 channels][output][channel] */
    uint8_t *y;   /* [row][column][channel] */
    float scale;
};

/* 16 outputs. */
__attribute__((target("avx2"))) static void scale_back(
    const struct layer *l, const int32_t *sums, uint8_t *y)
{
    const __m256 scale = _mm256_set1_ps(l->scale);
    __m256i half[2];
    for (int i = 0; i < 2; i++)
        half[i] = _mm256_cvtps_epi32(_mm256_mul_ps(
            scale, _mm256_cvtepi32_ps(_mm256_loadu_si256((const void *)(sums + 8 * i)))));
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(half[0], half[1]), 0xd8);
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(words, words), 0xd8);
    _mm_storeu_si128((void *)y, _mm256_castsi256_si128(bytes));
}

/* PIXELS pixels by two vectors of outputs at a time. */
#define EACH_PIXEL(count) _Pragma("GCC unroll 12") for (int p = 0; p < count; p++)
#define LAYER(NAME, TARGET, VEC, LANES, PIXELS, ZERO, LOAD, SPREAD, DOT, STORE)                    \
    __attribute__((target(TARGET))) static void NAME(const struct layer *l, int row, int block)    \
    {                                                                                              \
        const size_t c = (size_t)l->channels;                                                      \
        for (int column = 0; column < l->side; column += PIXELS) {                                 \
            const int8_t *w = l->w + (size_t)block * TAPS * c;                                     \
            VEC sum[PIXELS][2];                                                                    \
            int32_t out[2 * LANES];                                                                \
            EACH_PIXEL(PIXELS) sum[p][0] = sum[p][1] = ZERO();                                     \
            for (int tap = 0; tap < TAPS; tap++) {                                                 \
                const uint8_t *x =                                                                 \
                    l->x + (size_t)(row + tap / 3) * l->pitch + (size_t)(column + tap % 3) * c;    \
                for (size_t i = 0; i < c; i += 4, w += 8 * LANES) {                                \
                    const VEC a = LOAD((const void *)w), b = LOAD((const void *)(w + 4 * LANES));  \
                    EACH_PIXEL(PIXELS)                                                             \
                    {                                                                              \
                        int four;                                                                  \
                        memcpy(&four, x + (size_t)p * c + i, 4);                                   \
                        const VEC v = SPREAD(four);                                                \
                        sum[p][0] = DOT(sum[p][0], v, a);                                          \
                        sum[p][1] = DOT(sum[p][1], v, b);                                          \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
            EACH_PIXEL(PIXELS)                                                                     \
            {                                                                                      \
                STORE((void *)out, sum[p][0]);                                                     \
                STORE((void *)(out + LANES), sum[p][1]);                                           \
                for (int i = 0; i < 2 * LANES; i += 16)                                            \
                    scale_back(l, out + i,                                                         \
                        l->y + (size_t)row * l->pitch + (size_t)(column + p) * c + block + i);     \
            }                                                                                      \
        }                                                                                          \
    }
LAYER(narrow, "avx2,avxvnni", __m256i, 8, 6, _mm256_setzero_si256, _mm256_loadu_si256,
    _mm256_set1_epi32, _mm256_dpbusd_avx_epi32, _mm256_storeu_si256)
LAYER(wide, "avx512f,avx512vnni", __m512i, 16, 12, _mm512_setzero_si512, _mm512_loadu_si512,
    _mm512_set1_epi32, _mm512_dpbusd_epi32, _mm512_storeu_si512)

/* One output with plain loops. */
static uint8_t plain(const struct layer *l, int lanes, int row, int column, int k)
{
    int32_t sum = 0;
    const int channels = l->channels, block = k / (2 * lanes) * 2 * lanes;
    for (int tap = 0; tap < TAPS; tap++)
        for (int i = 0; i < channels; i++) {
            const size_t at =
                ((size_t)block * TAPS + (size_t)tap * 2 * (size_t)lanes) * (size_t)channels +
                (size_t)(i / 4) * 8 * (size_t)lanes + (size_t)(k - block) * 4 + (size_t)(i % 4);
            sum += l->w[at] *
                l->x[(size_t)(row + tap / 3) * l->pitch +
                    (size_t)(column + tap % 3) * (size_t)channels + (size_t)i];
        }
    const float y = rintf((float)sum * l->scale);
    return (uint8_t)(y < 0 ? 0 : y > 255 ? 255 : y);
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int measure(const struct layer *l, const char *name, int lanes,
    void (*run)(const struct layer *l, int row, int block))
{
    double best = INFINITY;
    for (int i = 0; i < REPEAT; i++) {
        const double begin = seconds_now();
        for (int row = 0; row < l->side; row++)
            for (int block = 0; block < l->channels; block += 2 * lanes) run(l, row, block);
        best = fmin(best, seconds_now() - begin);
    }
    for (int i = 0; i < 10000; i++) {
        const int row = rand() % l->side, column = rand() % l->side, k = rand() % l->channels;
        if (l->y[(size_t)row * l->pitch + (size_t)column * (size_t)l->channels + (size_t)k] !=
            plain(l, lanes, row, column, k)) {
            fprintf(stderr, "bench_int8: %s is wrong at %d, %d, %d\n", name, row, column, k);
            return 1;
        }
    }
    const double products = (double)l->side * l->side * l->channels * l->channels * TAPS;
    printf("%s: %.2f ms, %.0f billion operations a second\n", name, best * 1e3,
        2e-9 * products / best);
    return 0;
}

static int has_avx_vnni(void)
{
    unsigned a = 0, b, c, d;
    return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) &&
        (a >> 4 & 1);
}

static int layer_make(struct layer *l)
{
    const size_t c = (size_t)l->channels, all = (size_t)(l->side + 2) * l->pitch;
    l->x = calloc(all, 1);
    l->y = calloc(all, 1);
    l->w = malloc(TAPS * c * c);
    if (!l->x || !l->y || !l->w) return 1;
    l->scale = 4.F / (float)(TAPS * l->channels);
    for (size_t i = 0; i < TAPS * c * c; i++) l->w[i] = (int8_t)(rand() % 255 - 127);
    for (int row = 1; row <= l->side; row++)
        for (size_t i = c; i < (size_t)(l->side + 1) * c; i++)
            l->x[(size_t)row * l->pitch + i] = (uint8_t)(rand() % 256);
    return 0;
}

int main(int argc, char **argv)
{
    struct layer l = {
        .channels = argc > 2 ? atoi(argv[1]) : 64, .side = argc > 2 ? atoi(argv[2]) : 256};
    if (l.channels < 32 || l.channels % 32 || l.side < 1 || l.side > 4096 || l.channels > 4096) {
        fputs("usage: bench_int8 [CHANNELS SIDE], channels in blocks of 32\n", stderr);
        return 2;
    }
    l.pitch = (size_t)(l.side + SPARE) * (size_t)l.channels;
    int status = layer_make(&l);
    __builtin_cpu_init();
    if (!status && has_avx_vnni()) status = measure(&l, "AVX-VNNI", 8, narrow);
    if (!status && __builtin_cpu_supports("avx512vnni"))
        status = measure(&l, "AVX512-VNNI", 16, wide);
    free(l.x);
    free(l.y);
    free(l.w);
    return status;
}
