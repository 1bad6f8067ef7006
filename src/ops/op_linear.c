/* SPDX-License-Identifier: Apache-2.0 */
/* Linear interpolation to another grid (bilinear, trilinear), torch's two conventions. */
#include "ops/ops.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    (void)e;
    const struct grid_attr *a = (const void *)n->attr;
    const struct value *x = graph_in(g, n, 0);
    value_map(graph_out(g, n, 0),
        (struct shape){x->s.n, x->s.c, a->size[0], a->size[1], a->size[2]}, x->lanes);
    return ATT_OK;
}

static struct resize how(const struct step *s)
{
    return (struct resize){((const struct grid_attr *)step_attr(s))->align_corners};
}

static void forward(const struct step *s)
{
    s->kernels->linear(&s->in[0], &s->out[0], how(s), s->pool);
}

static void backward(const struct step *s)
{
    if (s->din[0].p) s->kernels->linear_dx(&s->dout[0], &s->din[0], how(s), s->add[0], s->pool);
}

const struct op op_linear = {
    .name = "linear", .shape = shape, .forward = forward, .backward = backward};
