/* SPDX-License-Identifier: Apache-2.0 */
/* MT19937: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998); seeding of 2002. numpy
 * keeps RandomState's streams fixed (NEP 19), and so the folds. */
#include "dataset/mt19937.h"

enum { N = MT19937_WORDS, M = 397 };

void mt19937_seed(struct mt19937 *r, uint32_t seed)
{
    r->word[0] = seed;
    for (uint32_t i = 1; i < N; i++)
        r->word[i] = 1812433253u * (r->word[i - 1] ^ (r->word[i - 1] >> 30)) + i;
    r->used = N;
}

/* The next N words of x[k + N] = x[k + M] ^ (upper bit of x[k], lower bits of x[k + 1]) A. */
static void refill(struct mt19937 *r)
{
    for (int k = 0; k < N; k++) {
        uint32_t y = (r->word[k] & 0x80000000u) | (r->word[(k + 1) % N] & 0x7fffffffu);
        r->word[k] = r->word[(k + M) % N] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
    }
    r->used = 0;
}

uint32_t mt19937_next(struct mt19937 *r)
{
    if (r->used == N) refill(r);
    uint32_t y = r->word[r->used++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

uint32_t mt19937_interval(struct mt19937 *r, uint32_t max)
{
    uint32_t mask = max, value;
    if (max == 0) return 0; /* numpy draws nothing here */
    for (int shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
    do {
        value = mt19937_next(r) & mask;
    } while (value > max);
    return value;
}

void mt19937_shuffle(struct mt19937 *r, int *x, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int j = (int)mt19937_interval(r, (uint32_t)i), kept = x[i];
        x[i] = x[j];
        x[j] = kept;
    }
}
