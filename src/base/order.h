/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison functions for qsort, and quantiles. */
#pragma once

#include <stdint.h>

int order_ints(const void *a, const void *b);
int order_sizes(const void *a, const void *b); /* int64_t */
int order_doubles(const void *a, const void *b);

/* Quantile with linear interpolation, as numpy's and nnU-Net's. */
double order_quantile(const double *sorted, int n, double share);
double order_quantile_sizes(const int64_t *sorted, int n, double share);
double order_quantile_floats(float *x, int n, double share); /* unsorted; they change places */
double order_median(const double *sorted, int n); /* the mean of both middle numbers if n is even */

/* The same for unsorted numbers, computed repeatedly one by one; NaN is skipped, 0 without any. */
typedef double order_value(const void *arg, int i);
double order_quantile_each(order_value *value, const void *arg, int n, double share);
