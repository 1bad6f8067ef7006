/* SPDX-License-Identifier: Apache-2.0 */
/* Counter-based random numbers (Philox4x32-10; Salmon et al., SC11): a draw depends on (seed,
 * stream, position) only, not on threads, order or resuming. */
#pragma once

#include <stdint.h>

struct rng {
    uint32_t key[2];     /* seed */
    uint32_t counter[4]; /* [0] block number, [1..3] the stream */
    uint32_t out[4];     /* current block */
    int used;            /* of `out` */
};

/* A stream per (seed, purpose RNG_*, a, b), such as step and sample. */
struct rng rng_stream(uint64_t seed, uint32_t purpose, uint32_t a, uint32_t b);
uint32_t rng_u32(struct rng *r);
double rng_uniform(struct rng *r); /* [0, 1), 32 bits */
double rng_range(struct rng *r, double lo, double hi);
uint32_t rng_below(struct rng *r, uint32_t n); /* 0..n-1, unbiased; n >= 1 */
double rng_normal(struct rng *r);              /* mean 0, variance 1 */
/* Writes blocks first, first + 1, ... of the stream, four numbers each, independent of its
 * position. */
void rng_blocks(const struct rng *r, uint32_t first, int blocks, uint32_t *out);

enum rng_purpose {
    RNG_INIT = 1,
    RNG_SAMPLE = 2,
    RNG_AUGMENT = 3,
    RNG_NOISE = 4,
    RNG_PHANTOM = 5,
    RNG_TEST = 6,
    RNG_BEND = 7,
    RNG_STATS = 8,
    RNG_POLICY = 9,
    RNG_VIEW = 10,
    RNG_TUNE = 11
};
