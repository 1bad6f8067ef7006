/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of src/policy: made-up scores and sums over tiles, and every choice there is, one by
 * one, with its probability by definition.
 */
#ifndef POLICY_TEST_H
#define POLICY_TEST_H

#include "unit/expect.h"

#include <math.h>
#include <string.h>

#include "policy/plackett.h"
#include "policy/tile_sums.h"

enum { POLICY_TEST_MOST = 8 };

static inline void near(double got, double want, double within, const char *what)
{
    if (!(fabs(got - want) <= within)) fail_msg("%s is %.17g instead of %.17g", what, got, want);
}

/* Called for every choice: its items, its probability. */
typedef void each_fn(void *arg, const int *item, int k, double probability);

struct every {
    const struct plackett *p;
    each_fn *fn;
    void *arg;
    int item[POLICY_TEST_MOST];
    uint8_t taken[POLICY_TEST_MOST];
};

static inline void every_next(struct every *v, int k, double probability)
{
    const struct plackett *p = v->p;
    double sum = p->stop ? exp(p->score[p->items]) : 0;
    for (int i = 0; i < p->items; i++) sum += v->taken[i] ? 0 : exp(p->score[i]);
    if (k == p->max || !(sum > 0)) {
        v->fn(v->arg, v->item, k, probability);
        return;
    }
    if (p->stop) v->fn(v->arg, v->item, k, probability * exp(p->score[p->items]) / sum);
    for (int i = 0; i < p->items; i++) {
        if (v->taken[i] || !(exp(p->score[i]) > 0)) continue;
        v->taken[i] = 1;
        v->item[k] = i;
        every_next(v, k + 1, probability * exp(p->score[i]) / sum);
        v->taken[i] = 0;
    }
}

static inline void every_choice(const struct plackett *p, each_fn *fn, void *arg)
{
    struct every v = {.p = p, .fn = fn, .arg = arg};
    every_next(&v, 0, 1);
}

static inline void some_scores(struct rng *r, int n, double spread, double *score)
{
    for (int i = 0; i < n; i++) score[i] = spread * rng_normal(r);
}

/* Tiles of 1000 voxels: coarse labels are middling, fine ones mostly better, sometimes worse; some
 * tiles have nothing. */
static inline void some_sums(struct rng *r, int tiles, int classes, struct tile_sums *s)
{
    struct err e = {0};
    if (tile_sums_create(s, tiles, classes, &e) != ATT_OK) fail_msg("%s", e.text);
    for (int i = 0; i < tiles * classes; i++) {
        double truth = rng_below(r, 3) ? rng_below(r, 400) : 0,
               found = floor(truth * rng_uniform(r)), more = rng_below(r, 100);
        s->truth[i] = truth;
        s->coarse[2 * i] = found;
        s->coarse[2 * i + 1] = found + more;
        s->fine[2 * i] = floor(found + (truth - found) * rng_range(r, -0.2, 1));
        if (s->fine[2 * i] < 0) s->fine[2 * i] = 0;
        s->fine[2 * i + 1] = s->fine[2 * i] + floor(more * rng_uniform(r));
    }
    tile_sums_total(s);
}

#endif
