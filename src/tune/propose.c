/* SPDX-License-Identifier: Apache-2.0 */
/* Random points and a Latin hypercube; tpe.c has the estimator. */
#include "tune/propose.h"

#include <math.h>

#include "base/rng.h"

enum { POINT, ORDER, AGAIN = 16 };

void propose_random(const struct space *s, uint64_t seed, int number, int draw, double *x)
{
    double u[SPACE_MAX];
    struct rng r =
        rng_stream(seed, RNG_TUNE, (uint32_t)number, draw ? AGAIN + (uint32_t)draw : POINT);
    for (int k = 0; k < s->count; k++) u[k] = rng_uniform(&r);
    space_point(s, u, x);
}

/* Part of `number` in dimension k's order of 0..n-1, with number 0 in part `first` (< 0: any). */
static int propose_part_of(uint64_t seed, int k, int number, int n, int first)
{
    enum { MAX = 64 };
    int order[MAX], at = 0;
    struct rng r = rng_stream(seed, RNG_TUNE, (uint32_t)k, ORDER);
    for (int i = 0; i < n; i++) order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int j = (int)rng_below(&r, (uint32_t)i + 1), swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
    while (first >= 0 && order[at] != first) at++;
    if (first >= 0) {
        order[at] = order[0];
        order[0] = first;
    }
    return order[number];
}

void propose_start(const struct space *s, uint64_t seed, int number, int n, double *x)
{
    struct rng r = rng_stream(seed, RNG_TUNE, (uint32_t)number, POINT);
    for (int k = 0; k < s->count; k++) {
        const struct dimension *d = &s->dim[k];
        double at = isnan(d->first) ? -1 : dimension_unit(d, d->first), u = rng_uniform(&r);
        int part = propose_part_of(seed, k, number, n, at < 0 ? -1 : (int)fmin(at * n, n - 1));
        x[k] = dimension_value(d, (part + u) / n);
        if (number == 0 && at >= 0) x[k] = d->first;
        if (!space_active(s, x, k)) x[k] = NAN;
    }
}
