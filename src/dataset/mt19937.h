/* SPDX-License-Identifier: Apache-2.0 */
/* The Mersenne Twister as numpy's RandomState uses it, so that folds equal those that scikit-learn
 * and nnU-Net make; for split_cut.c and stratify.c. Nothing else draws from it: the numbers of this
 * program come from base/rng.h. */
#ifndef DATASET_MT19937_H
#define DATASET_MT19937_H

#include <stdint.h>

enum { MT19937_WORDS = 624 };

struct mt19937 {
    uint32_t word[MT19937_WORDS];
    int used; /* how many words of the state are spent */
};

/* numpy's legacy seeding with an integer, which is the reference implementation's init_genrand. */
void mt19937_seed(struct mt19937 *r, uint32_t seed);
uint32_t mt19937_next(struct mt19937 *r);
/* 0..max: draws are masked to the bits of max and refused while too large (numpy's
 * random_interval). */
uint32_t mt19937_interval(struct mt19937 *r, uint32_t max);
/* RandomState.shuffle of a one-dimensional array. */
void mt19937_shuffle(struct mt19937 *r, int *x, int n);

#endif
