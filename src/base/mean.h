/* SPDX-License-Identifier: Apache-2.0 */
/* A mean that ignores NaN (cases without a value). */
#pragma once

#include <math.h>

struct mean { /* zero before use */
    double sum;
    int count; /* without NaN */
};

static inline void mean_add(struct mean *m, double x)
{
    if (isnan(x)) return;
    m->sum += x;
    m->count++;
}

/* NaN if empty. */
static inline double mean_of(const struct mean *m)
{
    return m->count ? m->sum / m->count : (double)NAN;
}
