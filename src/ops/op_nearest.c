/* SPDX-License-Identifier: Apache-2.0 */
/* Nearest upsampling by whole factors. */
#include "ops/ops.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    (void)e;
    const struct grid_attr *a = (const void *)n->attr;
    const struct value *x = graph_in(g, n, 0);
    value_map(graph_out(g, n, 0), (struct shape){x->s.n, x->s.c, x->s.d * a->factor[0], x->s.h * a->factor[1], x->s.w * a->factor[2]},
              x->lanes);
    return ATT_OK;
}

static void forward(const struct step *s) { s->kernels->nearest(&s->in[0], &s->out[0], s->pool); }

static void backward(const struct step *s)
{
    if (s->din[0].p) s->kernels->nearest_dx(&s->dout[0], &s->din[0], s->add[0], s->pool);
}

static bool example(struct graph *g, int index, struct err *e)
{
    static const struct grid_attr list[] = {{.factor = {1, 2, 2}}, {.factor = {2, 3, 2}}};
    if (index >= 2) return false;
    int x, y;
    return graph_input(g, (struct shape){2, 5, 2, 3, 2}, LANES, true, &x, e) == ATT_OK &&
           graph_node(g, &op_nearest, &x, 1, 1, &list[index], sizeof list[index], &y, e) == ATT_OK && graph_output(g, y, e, "y") == ATT_OK;
}

const struct op op_nearest = {.name = "nearest", .shape = shape, .forward = forward, .backward = backward, .example = example};
