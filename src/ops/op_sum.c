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

static bool example(struct graph *g, int index, struct err *e)
{
    if (index > 0) return false;
    int in[3], y;
    struct sum_attr a = {{.5f, 2, -1}};
    for (int i = 0; i < 3; i++)
        if (graph_input(g, (struct shape){1, 1, 1, 1, 1}, 1, true, &in[i], e) != ATT_OK)
            return false;
    return graph_node(g, &op_sum, in, 3, 1, &a, sizeof a, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

const struct op op_sum = {
    .name = "sum", .shape = shape, .forward = forward, .backward = backward, .example = example};
