/* SPDX-License-Identifier: Apache-2.0 */
/* Probabilities and gradients share one pass from the last step to the first: sum the items left,
 * then add each taken one, so that nothing cancels. L_t does not grow with t, so no factor exp(L_u
 * - L_t), t < u, exceeds 1. */
#include "policy/plackett.h"

#include "base/kmath.h"
#include "base/mem.h"
#include "policy/largest.h"

static const double excluded = -(double)INFINITY;

att_status choice_create(struct choice *c, int items, int max, struct err *e)
{
    size_t steps = (size_t)max + 1;
    *c = (struct choice){.count = 0};
    c->item = mem_array(steps, sizeof *c->item);
    c->taken = mem_array((size_t)items, sizeof *c->taken);
    c->key = mem_array(steps, sizeof *c->key);
    c->log_sum = mem_array(steps, sizeof *c->log_sum);
    c->mean = mem_array(steps, sizeof *c->mean);
    c->gathers = mem_array(steps, 3 * sizeof *c->gathers);
    if (c->item && c->taken && c->key && c->log_sum && c->mean && c->gathers) return ATT_OK;
    choice_free(c);
    return err_memory(e, steps * 7 * sizeof(double) + (size_t)items, "choices of tiles");
}

void choice_free(struct choice *c)
{
    mem_free(c->item);
    mem_free(c->taken);
    mem_free(c->key);
    mem_free(c->log_sum);
    mem_free(c->mean);
    mem_free(c->gathers);
    *c = (struct choice){.count = 0};
}

/* Log of a sum of exp(score), and the scores' mean under these weights. */
struct mass {
    double log, mean;
};

/* Merge two such sums on the larger one's scale. */
static struct mass mass_join(struct mass a, struct mass b)
{
    if (a.log < b.log) {
        struct mass swap = a;
        a = b;
        b = swap;
    }
    if (b.log == excluded) return a;
    double part = kmath_exp(b.log - a.log);
    return (struct mass){
        a.log + kmath_log1p(part), a.mean + (b.mean - a.mean) * (part / (1 + part))};
}

/* Over the items not taken, and the stop token. */
static struct mass mass_left(const struct plackett *p, const struct choice *c)
{
    const double *s = p->score;
    int n = p->items + p->stop;
    double top = excluded, sum = 0, mean = 0;
    for (int i = 0; i < n; i++)
        if ((i == p->items || !c->taken[i]) && s[i] > top) top = s[i];
    if (top == excluded) return (struct mass){excluded, 0};
    for (int i = 0; i < n; i++) {
        if ((i < p->items && c->taken[i]) || s[i] == excluded) continue;
        double w = kmath_exp(s[i] - top);
        sum += w;
        mean += w * (s[i] - top);
    }
    return (struct mass){top + kmath_log(sum), top + mean / sum};
}

/* Fill in each step's log sum and mean from the chosen items. */
static void plackett_statistics(const struct plackett *p, struct choice *c)
{
    c->steps = c->count + (p->stop && c->count < p->max);
    for (int i = 0; i < p->items; i++) c->taken[i] = 0;
    for (int k = 0; k < c->count; k++) c->taken[c->item[k]] = 1;
    struct mass m = mass_left(p, c);
    for (int t = c->steps - 1; t >= 0; t--) {
        if (t < c->count) {
            double s = p->score[c->item[t]];
            m = mass_join(m, (struct mass){s, s});
        }
        c->log_sum[t] = m.log;
        c->mean[t] = m.mean;
    }
}

/* -log(-log u), u strictly between 0 and 1. */
static double gumbel(struct rng *stream)
{
    return -kmath_log(-kmath_log((rng_u32(stream) + 0.5) * 0x1p-32));
}

static struct largest plackett_begin(const struct choice *c, int max)
{
    return (struct largest){.key = c->key, .item = c->item, .max = max};
}

static void plackett_finish(
    const struct plackett *p, struct largest *l, double stop, struct choice *c)
{
    largest_sort(l);
    c->ranked = l->count;
    c->stop = stop;
    c->count = 0;
    while (c->count < c->ranked && c->count < p->max && c->key[c->count] > stop) c->count++;
    plackett_statistics(p, c);
}

void plackett_sample(const struct plackett *p, struct rng *stream, struct choice *c)
{
    struct largest l = plackett_begin(c, p->max + 1);
    double stop = p->stop ? p->score[p->items] + gumbel(stream) : excluded;
    for (int i = 0; i < p->items; i++) {
        double key = p->score[i] + gumbel(stream);
        if (key > excluded) largest_offer(&l, key, i);
    }
    plackett_finish(p, &l, stop, c);
}

void plackett_greedy(const struct plackett *p, struct choice *c)
{
    struct largest l = plackett_begin(c, p->max);
    double stop = p->stop ? p->score[p->items] : excluded;
    for (int i = 0; i < p->items; i++)
        if (p->score[i] > stop) largest_offer(&l, p->score[i], i);
    plackett_finish(p, &l, stop, c);
}

void plackett_take(const struct plackett *p, const int *item, int k, struct choice *c)
{
    for (int i = 0; i < k; i++) c->item[i] = item[i];
    c->count = k;
    c->ranked = 0;
    plackett_statistics(p, c);
}

double plackett_entropy(const struct choice *c, int step)
{
    return c->log_sum[step] - c->mean[step];
}

/* With p_t(i) = exp(s_i - L_t), the gradient by s_i of log p_t(drawn) is [i drawn] - p_t(i), and
 * that of entropy_t is -p_t(i) (s_i - mean_t), for every step t with i available. If u is the last
 * of them, the sum over t of p_t(i) (a_t + b_t (s_i - mean_t)) is p_u(i) (A_u + B_u s_i - C_u),
 * where A, B, C of a step follow from the previous step's. */
static void plackett_gather(const double *a, const double *b, struct choice *c)
{
    double *g = c->gathers, sum[3] = {0};
    for (int t = 0; t < c->steps; t++) {
        double fade = t ? kmath_exp(c->log_sum[t] - c->log_sum[t - 1]) : 0, at = a ? a[t] : 0,
               bt = b ? b[t] : 0;
        sum[0] = sum[0] * fade + at;
        sum[1] = sum[1] * fade + bt;
        sum[2] = sum[2] * fade + bt * c->mean[t];
        for (int k = 0; k < 3; k++) g[3 * t + k] = sum[k];
    }
}

static double gathered(const struct choice *c, double score, int last)
{
    const double *g = c->gathers + 3 * last;
    return kmath_exp(score - c->log_sum[last]) * (g[0] + g[1] * score - g[2]);
}

void plackett_gradient(
    const struct plackett *p, struct choice *c, const double *a, const double *b, double *gradient)
{
    int n = p->items + p->stop, last = c->steps - 1;
    if (last < 0) return;
    plackett_gather(a, b, c);
    for (int i = 0; i < n; i++)
        if ((i == p->items || !c->taken[i]) && p->score[i] > excluded)
            gradient[i] -= gathered(c, p->score[i], last);
    for (int t = 0; t < c->steps; t++) {
        int i = t < c->count ? c->item[t] : p->items;
        if (a) gradient[i] += a[t];
        if (t < c->count) gradient[i] -= gathered(c, p->score[i], t);
    }
}
