/* SPDX-License-Identifier: Apache-2.0 */
/* Which point is tried next.  A proposal is a function of the seed, its number and the results so
 * far. */
#ifndef TUNE_PROPOSE_H
#define TUNE_PROPOSE_H

#include "tune/space.h"

/* Uniform in [0, 1) of every dimension. draw: 0, or how often this number was drawn before. */
void propose_random(const struct space *s, uint64_t seed, int number, int draw, double *x);

/* Number 0..n-1 of a Latin hypercube (M. McKay, R. Beckman, W. Conover, Technometrics 21(2), 1979):
 * of the n points each dimension has one in every n-th of its range, in an order of its own. Number
 * 0 takes the `first` values where dimensions have them. */
void propose_start(const struct space *s, uint64_t seed, int number, int n, double *x);

/* Points with a result each; larger is better. */
struct tried {
    const double *x; /* [count][stride] */
    const double *y;
    int count, stride;
    int compared; /* so many of the best of them are of one kind, of which a share is good; the
                     others are bad in any case */
};

/* The tree-structured Parzen estimator (Bergstra et al. 2011; parzen.h): the better share GAMMA =
 * 0.15 of the points that can be compared (their value; rounded up, at least 2) gives the density l
 * of a dimension, the others give g; 24 places are drawn from l (hyperopt's number), and the one
 * with the largest l/g is taken; dimension by dimension, those that depend on another after it,
 * from the points where they were active.  With probability SHARE_RANDOM = 1/4 the proposal is
 * random instead, so that no part of the space is given up (S. Falkner, A. Klein, F. Hutter, BOHB,
 * ICML 2018, who take 1/3). */
att_status propose_tpe(const struct space *s, uint64_t seed, int number, const struct tried *t,
    double *x, struct err *e);

#endif
