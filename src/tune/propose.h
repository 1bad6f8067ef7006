/* SPDX-License-Identifier: Apache-2.0 */
/* Proposals of the next point, from the seed, its number and the results so far. */
#pragma once

#include "tune/space.h"

/* Uniform in [0, 1) per dimension. draw: number of earlier draws for this number. */
void propose_random(const struct space *s, uint64_t seed, int number, int draw, double *x);

/* Number 0..n-1 of a Latin hypercube (M. McKay, R. Beckman, W. Conover, Technometrics 21(2), 1979):
 * each dimension has one of the n points in every n-th of its range, in its own order. Number 0
 * takes the `first` values of dimensions that have them. */
void propose_start(const struct space *s, uint64_t seed, int number, int n, double *x);

/* Points with results; larger is better. */
struct observations {
    const double *x; /* [count][stride] */
    const double *y;
    int count, stride;
    /* number of the best that are comparable, a share of which is good; all others are bad */
    int compared;
};

/* The tree-structured Parzen estimator (Bergstra et al. 2011; parzen.h): the best share GAMMA =
 * 0.15 of the comparable points (rounded up, at least 2) gives a dimension's density l, the others
 * g; of 24 positions drawn from l (hyperopt's number) take the largest l/g. Dimension by dimension;
 * dependent ones follow their parents, from points where they were active. With probability
 * SHARE_RANDOM = 1/4 the proposal is random, so that no region is abandoned (S. Falkner, A. Klein,
 * F. Hutter, BOHB, ICML 2018, use 1/3). */
att_status propose_tpe(const struct space *s, uint64_t seed, int number,
    const struct observations *t, double *x, struct err *e);
