/* SPDX-License-Identifier: Apache-2.0 */
/* A weighted sum of losses. */
#include "ops/ops.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    if (n->nin > SUM_MAX_IN)
        return err_set(e, ATT_FAILED, "a sum has at most %d losses", SUM_MAX_IN);
    for (int i = 0; i < n->nin; i++)
        if (graph_in(g, n, i)->bytes != sizeof(real))
            return err_set(e, ATT_FAILED, "a sum of losses needs single numbers");
    value_map(graph_out(g, n, 0), (struct shape){1, 1, 1, 1, 1}, 1);
    return ATT_OK;
}

static void forward(const struct step *s)
{
    const struct sum_attr *a = step_attr(s);
    s->kernels->weighted_sum(s->in, a->weight, s->node->nin, s->out[0].p);
}

static void backward(const struct step *s)
{
    const struct sum_attr *a = step_attr(s);
    for (int i = 0; i < s->node->nin; i++)
        if (s->din[i].p)
            s->kernels->weighted_sum_dx(s->dout[0].p, (real)a->weight[i], s->din[i].p, s->add[i]);
}

const struct op op_sum = {.name = "sum", .shape = shape, .forward = forward, .backward = backward};
