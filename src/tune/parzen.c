/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/parzen.h"

#include <math.h>
#include <stdlib.h>

#include "base/order.h"

static const double LAST = 1 - 1e-9; /* the largest position drawn */

static double parzen_below(double z) { return .5 * erfc(-z * M_SQRT1_2); }

static void fit_words(struct parzen *p, const double *x, int n)
{
    for (int i = 0; i < p->choices; i++) p->weight[i] = 1. / (n + p->choices);
    for (int i = 0; i < n; i++) p->weight[(int)x[i]] += 1. / (n + p->choices);
}

void parzen_fit(struct parzen *p, const struct dimension *d, const double *x, int n)
{
    if (n > PARZEN_POINTS) {
        x += n - PARZEN_POINTS;
        n = PARZEN_POINTS;
    }
    p->n = n;
    p->choices = d->kind == DIMENSION_CHOICE ? d->choices : 0;
    if (p->choices) {
        fit_words(p, x, n);
        return;
    }
    const double min = 1. / (n + 1 < 100 ? n + 1 : 100);
    for (int i = 0; i < n; i++) p->mean[i] = dimension_unit(d, x[i]);
    qsort(p->mean, (size_t)n, sizeof *p->mean, order_doubles);
    for (int i = 0; i < n; i++) {
        double left = p->mean[i] - (i > 0 ? p->mean[i - 1] : 0),
               right = (i < n - 1 ? p->mean[i + 1] : 1) - p->mean[i];
        p->deviation[i] = fmin(fmax(fmax(left, right), min), 1);
        p->mass[i] = parzen_below((1 - p->mean[i]) / p->deviation[i]) -
            parzen_below(-p->mean[i] / p->deviation[i]);
    }
}

static double draw_word(const struct parzen *p, struct rng *r)
{
    double u = rng_uniform(r), sum = 0;
    int i = 0;
    while (i < p->choices - 1 && (sum += p->weight[i]) <= u) i++;
    return (i + .5) / p->choices;
}

double parzen_draw(const struct parzen *p, struct rng *r)
{
    if (p->choices) return draw_word(p, r);
    int i = (int)rng_below(r, (uint32_t)p->n + 1);
    double u = i < p->n ? -1 : rng_uniform(r);
    while (u < 0 || u >= 1) u = p->mean[i] + p->deviation[i] * rng_normal(r);
    return fmin(u, LAST);
}

double parzen_density(const struct parzen *p, double u)
{
    if (p->choices) return p->weight[(int)fmin(u * p->choices, p->choices - 1)];
    double sum = 1;
    for (int i = 0; i < p->n; i++) {
        double z = (u - p->mean[i]) / p->deviation[i];
        sum += exp(-.5 * z * z) / (p->deviation[i] * sqrt(2 * M_PI) * p->mass[i]);
    }
    return sum / (p->n + 1);
}
