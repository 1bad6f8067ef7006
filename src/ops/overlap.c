/* SPDX-License-Identifier: Apache-2.0 */
/* Losses made of sums: forward keeps the sums, from which backward's slopes follow. */
#include "ops/overlap.h"

#include <math.h>

/* Output 1: the sums per image and channel, and the derivative by a probability with target 0, and
 * 1. */
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

void overlap_forward(const struct step *s, const struct overlap_loss *l)
{
    const struct loss_attr *a = step_attr(s);
    struct loss_input in = loss_of(s);
    struct numbers x = overlap_numbers_of(s);
    struct overlap_rule r = {
        l, a->set, a->region || a->set[l->background] != 0 ? 0 : 1, a->set[l->batch] != 0};
    s->kernels->overlap(&in, &x.sums->both, s->pool);
    s->kernels->overlap_rule(&r, s->in[0].s, x.sums, x.slopes, s->out[0].p);
}

void overlap_backward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    if (s->din[0].p)
        s->kernels->overlap_dx(
            &in, overlap_numbers_of(s).slopes, s->dout[0].p, &s->din[0], s->add[0], s->pool);
}
