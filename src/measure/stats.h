/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics over cases that two methods were both tried on. Random numbers come from fixed
 * streams, so results can be repeated. */
#ifndef MEASURE_STATS_H
#define MEASURE_STATS_H

#include <stdint.h>

#include "base/status.h"

/* Of fewer cases the percentiles of bootstrap resamples come out too narrow: that is said beside
 * them. */
enum { STATS_FEW = 10 };

/* Up to so many differences all signs are counted. */
enum { STATS_EXACT_RANKS = 50, STATS_EXACT_SIGNS = 16 };

/* a - b, and 0 where they are the same numbers rounded in another order (means over seeds), so that
 * noise does not become ranks. */
double stats_difference(double a, double b);

/* Two-sided p that differences between paired values are symmetric around 0 (Wilcoxon's signed
 * ranks, zeros dropped, ties have their mean rank). Up to STATS_EXACT_RANKS differences: exact over
 * all signs, ties as they are; more: the normal approximation, its variance corrected for ties, no
 * continuity correction. Without a difference p is 1. */
att_status stats_wilcoxon(const double *difference, int n, double *p, struct err *e);

/* Two-sided p of the mean difference under random signs: over all of them up to STATS_EXACT_SIGNS
 * differences, else (1 + as extreme) / (1 + draws). */
double stats_permutation(const double *difference, int n, int draws, uint64_t seed);

/* Holm's step-down correction of m p-values. */
att_status stats_holm(const double *p, int m, double *corrected, struct err *e);

/* Numbers of cases become those of the groups that they are of, which count where cases of one are
 * not independent: x[0 .. groups - 1] are their sums, 0 where they cancel but for rounding, and
 * count[] how many there are.  `group` of each of the n is 0 .. groups - 1, and each group has a
 * case. */
att_status stats_gather(double *x, const int *group, int n, int groups, int *count, struct err *e);

/* The interval that holds a share `level` of the means of `draws` resamples with replacement
 * (percentiles, linear between neighbours). With `count` each x is a sum of so many numbers, over
 * all of which a resample's mean is taken: else the sizes of groups would widen it. */
att_status stats_bootstrap(const double *x, const int *count, int n, int draws, double level,
    uint64_t seed, double *low, double *high, struct err *e);

double stats_mean(const double *x, int n);
double stats_deviation(const double *x, int n); /* of a sample: over n - 1; NaN for fewer than 2 */

#endif
