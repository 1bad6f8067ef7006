/* SPDX-License-Identifier: Apache-2.0 */
/* The tree-structured Parzen estimator; called by search.c. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/order.h"
#include "base/rng.h"
#include "tune/parzen.h"
#include "tune/propose.h"

enum { MIN_GOOD = 2, CANDIDATES = 24, CHANCE = 2 };
static const double GAMMA = .15, SHARE_RANDOM = .25;

struct rated {
    int index; /* first, for order_ints */
    double y;
};

/* Best first; among equals the earlier. */
static int by_result(const void *a, const void *b)
{
    const struct rated *p = a, *q = b;
    return p->y != q->y ? (p->y < q->y) - (p->y > q->y)
                        : (p->index > q->index) - (p->index < q->index);
}

struct tpe {
    const struct space *space;
    const struct observations *observed;
    struct rated *order;
    double *value; /* [count] of one dimension */
    struct parzen good, bad;
    int best; /* number of good ones */
};

/* Fit values of dimension k among order[from..to-1], where it was active. */
static void tpe_fit(struct tpe *t, struct parzen *p, int k, int from, int to)
{
    int n = 0;
    for (int i = from; i < to; i++) {
        double x =
            t->observed->x[(size_t)t->order[i].index * (size_t)t->observed->stride + (size_t)k];
        if (!isnan(x)) t->value[n++] = x;
    }
    parzen_fit(p, &t->space->dim[k], t->value, n);
}

static double tpe_choose(struct tpe *t, int k, struct rng *r)
{
    double best = -1, chosen = 0;
    tpe_fit(t, &t->good, k, 0, t->best);
    tpe_fit(t, &t->bad, k, t->best, t->observed->count);
    for (int i = 0; i < CANDIDATES; i++) {
        double u = parzen_draw(&t->good, r),
               ratio = parzen_density(&t->good, u) / parzen_density(&t->bad, u);
        if (!(ratio > best)) continue;
        best = ratio;
        chosen = u;
    }
    return chosen;
}

att_status propose_tpe(const struct space *s, uint64_t seed, int number,
    const struct observations *observed, double *x, struct err *e)
{
    struct rng r = rng_stream(seed, RNG_TUNE, (uint32_t)number, CHANCE);
    if (observed->count < 1 || rng_uniform(&r) < SHARE_RANDOM) {
        propose_random(s, seed, number, 0, x);
        return ATT_OK;
    }
    size_t n = (size_t)observed->count,
           bytes = sizeof(struct tpe) + n * (sizeof(struct rated) + sizeof(double));
    struct tpe *t;
    TRY(MEM_BYTES(t, bytes, "the estimator of the next trial", e));
    t->space = s;
    t->observed = observed;
    t->order = (struct rated *)(t + 1);
    t->value = (double *)(t->order + n);
    for (int i = 0; i < observed->count; i++) t->order[i] = (struct rated){i, observed->y[i]};
    qsort(t->order, n, sizeof *t->order, by_result);
    t->best = (int)ceil(GAMMA * observed->compared);
    if (t->best < MIN_GOOD) t->best = MIN_GOOD;
    if (t->best > observed->count) t->best = observed->count;
    /* parzen_fit uses the newest */
    qsort(t->order, (size_t)t->best, sizeof *t->order, order_ints);
    qsort(t->order + t->best, n - (size_t)t->best, sizeof *t->order, order_ints);
    for (int k = 0; k < s->count; k++)
        x[k] = space_active(s, x, k) ? dimension_value(&s->dim[k], tpe_choose(t, k, &r)) : NAN;
    mem_free(t);
    return ATT_OK;
}
