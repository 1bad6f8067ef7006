/* SPDX-License-Identifier: Apache-2.0 */
/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC11). Of
 * libm only the exact sqrt: equal numbers on every machine. */
#include "base/rng.h"

#include <math.h>
#include <string.h>

static void philox_round(uint32_t c[4], uint32_t k0, uint32_t k1)
{
    uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t c1 = c[1], c3 = c[3];
    c[0] = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c[1] = (uint32_t)p1;
    c[2] = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c[3] = (uint32_t)p0;
}

/* Wraps after 2^32 blocks. */
static void next_block(struct rng *r)
{
    uint32_t k0 = r->key[0], k1 = r->key[1];
    memcpy(r->out, r->counter, sizeof r->out);
    for (int round = 0; round < 10; round++) {
        philox_round(r->out, k0, k1);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    r->counter[0]++;
    r->used = 0;
}

struct rng rng_stream(uint64_t seed, uint32_t purpose, uint32_t a, uint32_t b)
{
    return (struct rng){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)}, .counter = {0, purpose, a, b}, .used = 4};
}

/* Eight blocks at once, for vectorisation. */
enum { SIDE = 8 };

static void philox_rounds(uint32_t c[4][SIDE], uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < SIDE; i++) {
            uint64_t p0 = (uint64_t)0xD2511F53u * c[0][i], p1 = (uint64_t)0xCD9E8D57u * c[2][i];
            c[0][i] = (uint32_t)(p1 >> 32) ^ c[1][i] ^ k0;
            c[2][i] = (uint32_t)(p0 >> 32) ^ c[3][i] ^ k1;
            c[1][i] = (uint32_t)p1;
            c[3][i] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

void rng_blocks(const struct rng *r, uint32_t first, int blocks, uint32_t *out)
{
    for (int b = 0; b < blocks; b += SIDE) {
        uint32_t c[4][SIDE];
        int n = blocks - b < SIDE ? blocks - b : SIDE;
        for (int i = 0; i < SIDE; i++) {
            c[0][i] = first + (uint32_t)(b + i);
            for (int k = 1; k < 4; k++) c[k][i] = r->counter[k];
        }
        philox_rounds(c, r->key[0], r->key[1]);
        for (int i = 0; i < n; i++)
            for (int k = 0; k < 4; k++) out[4 * (b + i) + k] = c[k][i];
    }
}

uint32_t rng_u32(struct rng *r)
{
    if (r->used >= 4) next_block(r);
    return r->out[r->used++];
}

double rng_uniform(struct rng *r) { return rng_u32(r) * 0x1p-32; }

double rng_range(struct rng *r, double lo, double hi) { return lo + (hi - lo) * rng_uniform(r); }

/* Lemire, Fast random integer generation in an interval (ACM TOMACS 2019): rejects low halves below
 * 2^32 mod n. */
uint32_t rng_below(struct rng *r, uint32_t n)
{
    uint64_t product = (uint64_t)rng_u32(r) * n;
    if ((uint32_t)product < n) {
        uint32_t reject = (0u - n) % n;
        while ((uint32_t)product < reject) product = (uint64_t)rng_u32(r) * n;
    }
    return (uint32_t)(product >> 32);
}

/* ln x for 0 < x < 1: with x = m 2^k, m in [sqrt 1/2, sqrt 2], and t = (m - 1) / (m + 1), ln m = 2
 * (t + t^3/3 + t^5/5 + ...). */
static double natural_log(double x)
{
    int k;
    double m = frexp(x, &k);
    if (m < 0.70710678118654752) {
        m *= 2;
        k--;
    }
    double t = (m - 1) / (m + 1), tt = t * t, sum = 0;
    for (int i = 23; i >= 1; i -= 2) sum = sum * tt + 1.0 / i;
    return 2 * t * sum + k * 0.69314718055994531;
}

/* The polar method (Marsaglia, Bray 1964). */
double rng_normal(struct rng *r)
{
    double u, s;
    do {
        u = 2 * rng_uniform(r) - 1;
        double v = 2 * rng_uniform(r) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s <= 0);
    return u * sqrt(-2 * natural_log(s) / s);
}
