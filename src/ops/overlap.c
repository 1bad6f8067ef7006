/* SPDX-License-Identifier: Apache-2.0 */
/* Forward and backward of the losses made of sums: the slopes that backward needs follow from the
 * sums, so forward keeps those. */
#include "ops/overlap.h"

#include <math.h>
#include <string.h>

/* Output 1: the sums of every image and channel, and the derivative by a probability whose target
 * is 0, and 1. */
struct numbers {
    struct overlap_sums *sums;
    double *slopes;
};

static struct numbers overlap_numbers_of(const struct step *s)
{
    size_t count = (size_t)s->in[0].s.n * (size_t)s->in[0].s.c;
    struct overlap_sums *sums = (struct overlap_sums *)(void *)s->out[1].p;
    return (struct numbers){sums, (double *)(void *)(sums + count)};
}

att_status overlap_shape(struct graph *g, struct node *n, struct err *e)
{
    TRY(loss_shape(g, n, e));
    struct shape s = graph_in(g, n, 0)->s;
    value_aux(graph_out(g, n, 1),
        (size_t)s.n * (size_t)s.c * (sizeof(struct overlap_sums) + 2 * sizeof(double)));
    return ATT_OK;
}

/* All images become one group: the sums of the first. */
static void overlap_join(struct overlap_sums *sums, struct shape s)
{
    for (int i = s.c; i < s.n * s.c; i++) {
        sums[i % s.c].both += sums[i].both;
        sums[i % s.c].soft += sums[i].soft;
        sums[i % s.c].hard += sums[i].hard;
    }
}

bool overlap_tversky(const struct overlap_sums *s, double alpha, double beta, double smooth,
    double *miss, struct overlap_slope *by)
{
    double wrong = alpha * fmax(s->soft - s->both, 0) + beta * fmax(s->hard - s->both, 0),
           below = s->both + wrong + smooth;
    if (!(below > 0)) return false;
    double index = (s->both + smooth) / below;
    *miss = wrong / below;
    *by = (struct overlap_slope){-(1 - index * (1 - alpha - beta)) / below, index * alpha / below};
    return true;
}

static int overlap_group(const struct overlap_loss *l, const double *set,
    const struct overlap_sums *sums, int classes, double *total, struct overlap_slope *by)
{
    int terms = 0;
    for (int k = 0; k < (l->of_all ? 1 : classes); k++) {
        double term;
        if (!(l->of_all ? l->of_all(set, sums, classes, &term, by)
                        : l->of_class(set, &sums[k], &term, &by[k])))
            continue;
        *total += term;
        terms++;
    }
    return terms;
}

void overlap_forward(const struct step *s, const struct overlap_loss *l)
{
    const struct loss_attr *a = step_attr(s);
    struct loss_input in = loss_of(s);
    struct shape shape = s->in[0].s;
    struct numbers x = overlap_numbers_of(s);
    bool batch = a->set[l->batch] != 0;
    int first = a->region || a->set[l->background] != 0 ? 0 : 1, groups = batch ? 1 : shape.n,
        terms = 0;
    double total = 0;
    s->kernels->overlap(&in, &x.sums->both, s->pool);
    if (batch) overlap_join(x.sums, shape);
    memset(x.slopes, 0, (size_t)shape.n * (size_t)shape.c * 2 * sizeof *x.slopes);
    for (int i = 0; i < groups && first < shape.c; i++) {
        int at = i * shape.c + first;
        terms += overlap_group(l, a->set, x.sums + at, shape.c - first, &total,
            (struct overlap_slope *)(void *)(x.slopes + (size_t)at * 2));
    }
    for (int i = 0; i < groups * shape.c;
         i++) { /* derivatives by the sums become derivatives by a probability */
        double by_both = x.slopes[2 * i], by_soft = x.slopes[2 * i + 1];
        x.slopes[2 * i] = terms ? by_soft / terms : 0;
        x.slopes[2 * i + 1] = terms ? (by_both + by_soft) / terms : 0;
    }
    for (int i = groups * shape.c * 2; i < shape.n * shape.c * 2; i++)
        x.slopes[i] = x.slopes[i % (shape.c * 2)];
    s->out[0].p[0] = (real)(terms ? total / terms : 0);
}

void overlap_backward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    if (s->din[0].p)
        s->kernels->overlap_dx(&in, overlap_numbers_of(s).slopes, (double)s->dout[0].p[0],
            &s->din[0], s->add[0], s->pool);
}

bool overlap_example(
    struct graph *g, int index, const struct op *op, const struct loss_attr list[4], struct err *e)
{
    static const struct class_set region[] = {{{1u << 1 | 1u << 2}}, {{1u << 2}}};
    static const struct shape shapes[] = {
        {2, 3, 1, 3, 4}, {2, 2, 1, 3, 4}, {2, 3, 2, 3, 2}, {2, 4, 1, 3, 3}};
    if (index >= 4) return false;
    struct loss_attr a = list[index];
    if (index == 1) a.region = region;
    return loss_example(g, op, OVERLAP_OUTPUTS, &a, shapes[index], e);
}
