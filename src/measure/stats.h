/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics over paired cases of two methods. Random streams are fixed, so results are
 * reproducible. */
#pragma once

#include <stdint.h>

#include "base/status.h"

/* With fewer cases bootstrap percentiles are too narrow; callers warn. */
enum { STATS_FEW = 10 };

/* Up to this many differences all signs are enumerated. */
enum { STATS_EXACT_RANKS = 50, STATS_EXACT_SIGNS = 16 };

/* a - b, or 0 if they differ only by rounding (means over seeds), so that noise gets no rank. */
double stats_difference(double a, double b);

/* Two-sided p of Wilcoxon's signed-rank test (zeros dropped, ties get their mean rank). Exact up to
 * STATS_EXACT_RANKS differences, also with ties; else the normal approximation with tie-corrected
 * variance, no continuity correction. 1 without a difference. */
att_status stats_wilcoxon(const double *difference, int n, double *p, struct err *e);

/* Two-sided p of the mean difference under random signs: all up to STATS_EXACT_SIGNS differences,
 * else (1 + as extreme) / (1 + draws). */
double stats_permutation(const double *difference, int n, int draws, uint64_t seed);

/* The fewest differences with which the smallest p of both tests can be below 0.05 after Holm's
 * correction of m p-values: m 2 / 2^n < 0.05. */
int stats_fewest(int m);

/* Holm's step-down correction of m p-values. */
att_status stats_holm(const double *p, int m, double *corrected, struct err *e);

/* Sums cases by group, for cases that are not independent: x[0 .. groups - 1] become sums, 0 if
 * they cancel up to rounding, count[] the sizes. `group` of each case is 0 .. groups - 1; every
 * group has a case. */
att_status stats_gather(double *x, const int *group, int n, int groups, int *count, struct err *e);

/* Interval with a share `level` of the means of `draws` resamples (percentiles, linear between
 * neighbours). With `count` each x is a sum of that many numbers, and a resample's mean is over all
 * of them, so that different group sizes do not widen it. */
att_status stats_bootstrap(const double *x, const int *count, int n, int draws, double level,
    uint64_t seed, double *low, double *high, struct err *e);

double stats_mean(const double *x, int n);
double stats_deviation(const double *x, int n); /* divides by n - 1; NaN for fewer than 2 */
