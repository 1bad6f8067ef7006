/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in order: what qsort is given, and what is read off sorted numbers. */
#ifndef BASE_ORDER_H
#define BASE_ORDER_H

#include <stdint.h>

int order_ints(const void *a, const void *b);
int order_sizes(const void *a, const void *b); /* int64_t */
int order_floats(const void *a, const void *b);
int order_doubles(const void *a, const void *b);

/* The number that a share of the others lies below, linear between neighbours: numpy's percentile,
 * and so nnU-Net's. */
double order_quantile(const double *sorted, int n, double share);
double order_quantile_floats(const float *sorted, int n, double share);
double order_quantile_sizes(const int64_t *sorted, int n, double share);
double order_median(
    const double *sorted, int n); /* share .5: the mean of both middles of an even count */

/* The same of n numbers in any order that are made one by one, as often as needed; NaN: there is no
 * such number. 0 of none. */
typedef double order_value(const void *arg, int i);
double order_quantile_each(order_value *value, const void *arg, int n, double share);

#endif
