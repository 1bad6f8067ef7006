/* SPDX-License-Identifier: Apache-2.0 */
/* numpy's RandomState, for the same folds as scikit-learn and nnU-Net. Other random numbers come
 * from base/rng.h. */
#pragma once

#include <stdint.h>

enum { MT19937_WORDS = 624 };

struct mt19937 {
    uint32_t word[MT19937_WORDS];
    int used; /* words of the state used */
};

/* numpy's legacy integer seeding: the reference's init_genrand. */
void mt19937_seed(struct mt19937 *r, uint32_t seed);
uint32_t mt19937_next(struct mt19937 *r);
/* 0..max: draws masked to the bits of max, rejected while too large (numpy's random_interval). */
uint32_t mt19937_interval(struct mt19937 *r, uint32_t max);
/* RandomState.shuffle of a one-dimensional array. */
void mt19937_shuffle(struct mt19937 *r, int *x, int n);
