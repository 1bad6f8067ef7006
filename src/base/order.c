/* SPDX-License-Identifier: Apache-2.0 */
#include "base/order.h"

#include <math.h>

int order_ints(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int order_sizes(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int order_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Index below and above, and the fraction between. */
struct place {
    int low, high;
    double part;
};

static struct place order_place_of(int n, double share)
{
    double at = share * (n - 1);
    int low = (int)floor(at);
    return (struct place){low, low + 1 < n ? low + 1 : low, at - low};
}

/* Neighbours may be infinite. */
static double order_between(double low, double high, double part)
{
    return low < high && part > 0 && isfinite(low) ? low + part * (high - low) : low + 0;
}

double order_quantile(const double *sorted, int n, double share)
{
    struct place p = order_place_of(n, share);
    return order_between(sorted[p.low], sorted[p.high], p.part);
}

/* Hoare's selection: x[k] is what it would be if all were sorted, none before it is larger, and
 * none behind it smaller. Pivots are random: where numbers rise and fall again, the middle one
 * would be the largest each time, which takes n * n steps. */
static void select_float(float *x, int n, int k)
{
    uint32_t chance = 1;
    for (int left = 0, right = n - 1; left < right;) {
        chance = chance * 1664525u + 1013904223u;
        const uint64_t share = (uint64_t)chance * (uint32_t)(right - left + 1);
        const float pivot = x[left + (int)(share >> 32)];
        int i = left, j = right;
        while (i <= j) {
            while (x[i] < pivot) i++;
            while (pivot < x[j]) j--;
            if (i > j) break;
            const float other = x[i];
            x[i++] = x[j];
            x[j--] = other;
        }
        if (k <= j)
            right = j;
        else if (k >= i)
            left = i;
        else
            return;
    }
}

double order_quantile_floats(float *x, int n, double share)
{
    const struct place p = order_place_of(n, share);
    select_float(x, n, p.low);
    float high = x[p.high];
    for (int i = p.high; i < n && p.high > p.low; i++) high = x[i] < high ? x[i] : high;
    return order_between((double)x[p.low], (double)high, p.part);
}

double order_quantile_sizes(const int64_t *sorted, int n, double share)
{
    struct place p = order_place_of(n, share);
    return order_between((double)sorted[p.low], (double)sorted[p.high], p.part);
}

double order_median(const double *sorted, int n) { return order_quantile(sorted, n, .5); }

/* The k-th smallest (from 0) of `left` numbers by quickselect: a pivot from the middle of the
 * candidates narrows (min, max). */
static double smallest(order_value *value, const void *arg, int n, int left, int k)
{
    double min = -INFINITY, max = INFINITY; /* exclusive bounds */
    int low = 0, high = 0;
    for (int i = 0; i < n; i++) {
        double x = value(arg, i);
        low += isinf(x) && x < 0;
        high += isinf(x) && x > 0;
    }
    if (k < low) return -INFINITY;
    if (k >= left - high) return INFINITY;
    k -= low;
    left -= low + high;
    for (;;) {
        double pivot = 0;
        int seen = 0, less = 0, equal = 0;
        for (int i = 0; i < n && seen <= left / 2; i++) {
            double x = value(arg, i);
            if (x > min && x < max && seen++ == left / 2) pivot = x;
        }
        for (int i = 0; i < n; i++) {
            double x = value(arg, i);
            less += x > min && x < pivot;
            equal += x == pivot;
        }
        if (k >= less && k < less + equal) return pivot;
        if (k < less) {
            max = pivot;
            left = less;
        } else {
            min = pivot;
            left -= less + equal;
            k -= less + equal;
        }
    }
}

double order_quantile_each(order_value *value, const void *arg, int n, double share)
{
    int count = 0;
    for (int i = 0; i < n; i++) count += !isnan(value(arg, i));
    if (!count) return 0;
    struct place p = order_place_of(count, share);
    double low = smallest(value, arg, n, count, p.low);
    return order_between(
        low, p.high > p.low ? smallest(value, arg, n, count, p.high) : low, p.part);
}
