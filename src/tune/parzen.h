/* SPDX-License-Identifier: Apache-2.0 */
/* Parzen estimate of one dimension: J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, Algorithms for
 * Hyper-Parameter Optimization, NIPS 2011, section 4. In [0, 1]: an equal mixture of the uniform
 * density and one Gaussian per point, cut off at 0 and 1, with the larger distance to its
 * neighbours (0 and 1 included) as deviation, within 1/min(100, 1 + n)..1, as in hyperopt. Words:
 * (n_i + 1)/(n + K), counts under a uniform prior. */
#pragma once

#include "base/rng.h"
#include "tune/space.h"

enum { PARZEN_POINTS = 512 };

struct parzen {
    int n, choices; /* choices 0: numbers */
    double mean[PARZEN_POINTS], deviation[PARZEN_POINTS],
        mass[PARZEN_POINTS]; /* sorted; mass: of a Gaussian within [0, 1] */
    double weight[SPACE_CHOICES];
};

/* Fit to values x of one dimension, the newest PARZEN_POINTS of them. */
void parzen_fit(struct parzen *p, const struct dimension *d, const double *x, int n);
/* Draw a position in [0, 1), for words the middle of a word's part; and the density (words:
 * probability) there. */
double parzen_draw(const struct parzen *p, struct rng *r);
double parzen_density(const struct parzen *p, double u);
