/* SPDX-License-Identifier: Apache-2.0 */
/* A mean of the numbers that are there: cases where a metric has no value (NaN) do not count. */
#ifndef BASE_MEAN_H
#define BASE_MEAN_H

#include <math.h>

struct mean { /* zeroed at first */
    double sum;
    int count; /* of numbers that are not NaN */
};

static inline void mean_add(struct mean *m, double x)
{
    if (isnan(x)) return;
    m->sum += x;
    m->count++;
}

/* NaN when there was none. */
static inline double mean_of(const struct mean *m)
{
    return m->count ? m->sum / m->count : (double)NAN;
}

#endif
