/* SPDX-License-Identifier: Apache-2.0 */
/* A Parzen estimate of one dimension: J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, Algorithms for
 * Hyper-Parameter Optimization, NIPS 2011, section 4.  In [0, 1]: a mixture, with equal weights, of
 * the uniform density and one Gaussian for each point, cut off at 0 and 1, whose deviation is the
 * larger one of the distances to its neighbours (0 and 1 count as such), at least 1/min(100, 1 + n)
 * and at most 1, as in hyperopt.  For words: (n_i + 1)/(n + K), the counts under a uniform prior.
 */
#ifndef TUNE_PARZEN_H
#define TUNE_PARZEN_H

#include "base/rng.h"
#include "tune/space.h"

enum { PARZEN_POINTS = 512 };

struct parzen {
    int n, choices; /* choices 0: of numbers */
    double mean[PARZEN_POINTS], deviation[PARZEN_POINTS],
        mass[PARZEN_POINTS]; /* sorted; mass: of a Gaussian within [0, 1] */
    double weight[SPACE_CHOICES];
};

/* Of the values x of one dimension, at most PARZEN_POINTS; the newest count where there are more.
 */
void parzen_fit(struct parzen *p, const struct dimension *d, const double *x, int n);
/* A place in [0, 1), of words the middle of a word's part; and the density (of words, the
 * probability) there. */
double parzen_draw(const struct parzen *p, struct rng *r);
double parzen_density(const struct parzen *p, double u);

#endif
