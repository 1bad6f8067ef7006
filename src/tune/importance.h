/* SPDX-License-Identifier: Apache-2.0 */
/* Share of the trials' results that one setting explains. Simpler than functional ANOVA over a
 * random forest (F. Hutter, H. Hoos, K. Leyton-Brown, ICML 2014), whose main effects it
 * approximates: results y of the trials with dimension k active are smoothed over its position u in
 * [0, 1], m(u) = sum w y / sum w, w = exp(-(u - u_i)^2 / (2 h^2)), h = 0.15 (words: the mean of
 * each); importance is the variance of m at the trials over that of y. Since a curve also explains
 * noise, results are shuffled among trials IMPORTANCE_SHUFFLES times: chance is the mean explained,
 * p the share of shuffles (with the result itself) that explain as much; p_holm is corrected for
 * the number of settings. */
#pragma once

#include "tune/space.h"

enum { IMPORTANCE_SHUFFLES = 1000, IMPORTANCE_MIN = 5 };

struct importance {
    int trials;               /* in which it was active */
    double explained, chance; /* NaN: fewer than IMPORTANCE_MIN trials, or equal results */
    double p, p_holm;
};

/* x [count][stride], y [count]; result [s->count]. */
att_status importance_of(const struct space *s, const double *x, int stride, const double *y,
    int count, uint64_t seed, struct importance *result, struct err *e);
