/* SPDX-License-Identifier: Apache-2.0 */
/* The effect of each item, times the density of its change. */
#include "policy/local.h"

#include "base/kmath.h"

enum { NONE = -1 };

/* Derivative of P(score + G > key) by the score, G Gumbel distributed. */
static double density(double score, double key)
{
    const double u = score - key;
    /* without a rival u is infinite, and inf - inf is NaN */
    return u < 40 ? kmath_exp(u - kmath_exp(u)) : 0;
}

/* What would take an item's place: another item or, if there is room, none. */
struct rival {
    int item;
    double key;
};

/* For an item that is not chosen. */
static struct rival last_one(const struct plackett *p, const struct choice *c)
{
    if (c->count < p->max) return (struct rival){NONE, c->stop};
    return (struct rival){c->item[c->count - 1], c->key[c->count - 1]};
}

/* For a chosen item. */
static struct rival next_one(const struct plackett *p, const struct choice *c)
{
    if (c->count < p->max || c->count == c->ranked || !(c->key[c->count] > c->stop))
        return (struct rival){NONE, c->stop};
    return (struct rival){c->item[c->count], c->key[c->count]};
}

/* The stop token may come at any position and cuts off the items after it. */
static double stop_token_gradient(
    const struct plackett *p, const struct choice *c, const struct rewards *r)
{
    double sum = 0, before = r->of(r->arg, c->item, 0);
    for (int k = 0; k < c->ranked && k < p->max; k++) {
        const double with = r->change(r->arg, c->item[k], NONE, true);
        sum -= density(p->score[p->items], c->key[k]) * (with - before);
        before = with;
    }
    return sum;
}

void local_gradient(const struct plackett *p, const struct choice *c, const struct rewards *rewards,
    double reward, double weight, double *gradient)
{
    if (p->max == 0) return;
    const struct rival last = last_one(p, c), next = next_one(p, c);
    for (int i = 0; i < p->items; i++) {
        const struct rival *rival = c->taken[i] ? &next : &last;
        const double chance =
            p->score[i] > -(double)INFINITY ? density(p->score[i], rival->key) : 0;
        if (chance <= 0) continue;
        const double gain = c->taken[i]
            ? reward - rewards->change(rewards->arg, rival->item, i, false)
            : rewards->change(rewards->arg, i, rival->item, false) - reward;
        gradient[i] += weight * chance * gain;
    }
    if (p->stop) gradient[p->items] += weight * stop_token_gradient(p, c, rewards);
}
