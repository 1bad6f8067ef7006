/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in order: what qsort is given, and what is read off sorted numbers. */
#ifndef BASE_ORDER_H
#define BASE_ORDER_H

int order_ints(const void *a, const void *b);
int order_sizes(const void *a, const void *b); /* int64_t */
int order_floats(const void *a, const void *b);
int order_doubles(const void *a, const void *b);

double order_median(const double *sorted, int n); /* the mean of both middles of an even count */
/* The number that a share of the others lies below, linear between neighbours (numpy's percentile). */
double order_quantile(const double *sorted, int n, double share);

#endif
