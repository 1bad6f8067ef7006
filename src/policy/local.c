/* SPDX-License-Identifier: Apache-2.0 */
/* What every item would change, by its chance to. */
#include "policy/local.h"

#include "base/kmath.h"

enum { NONE = -1 };

/* The derivative by the score of P(score + G > key), G of Gumbel's distribution. */
static double density(double score, double key)
{
    const double u = score - key;
    return u < 40
        ? kmath_exp(u - kmath_exp(u))
        : 0; /* where nothing has to be beaten u is infinite, and inf - inf is no number */
}

/* What would be chosen with an item's place free: another item or, as far as there is room, none.
 */
struct rival {
    int item;
    double key;
};

/* Of an item that is not chosen. */
static struct rival last_one(const struct plackett *p, const struct choice *c)
{
    if (c->count < p->max) return (struct rival){NONE, c->stop};
    return (struct rival){c->item[c->count - 1], c->key[c->count - 1]};
}

/* Of an item that is chosen. */
static struct rival next_one(const struct plackett *p, const struct choice *c)
{
    if (c->count < p->max || c->count == c->ranked || !(c->key[c->count] > c->stop))
        return (struct rival){NONE, c->stop};
    return (struct rival){c->item[c->count], c->key[c->count]};
}

/* The token may come at any place in the order of the items: it cuts off all behind it. */
static double of_stop(const struct plackett *p, const struct choice *c, const struct rewards *r)
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
    if (p->stop) gradient[p->items] += weight * of_stop(p, c, rewards);
}
