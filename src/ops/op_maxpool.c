/* SPDX-License-Identifier: Apache-2.0 */
/* Max-pooling, window = stride. */
#include "ops/ops.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct grid_attr *a = (const void *)n->attr;
    const struct value *x = graph_in(g, n, 0);
    struct shape s = {
        x->s.n, x->s.c, x->s.d / a->factor[0], x->s.h / a->factor[1], x->s.w / a->factor[2]};
    if (s.d < 1 || s.h < 1 || s.w < 1)
        return err_model(e,
            "an image or patch is too small for this network: a map of %dx%dx%d cannot be halved",
            x->s.d, x->s.h, x->s.w);
    value_map(graph_out(g, n, 0), s, x->lanes);
    return ATT_OK;
}

static void forward(const struct step *s)
{
    const struct grid_attr *a = step_attr(s);
    s->kernels->maxpool(&s->in[0], &s->out[0], a->factor, s->pool);
}

static void backward(const struct step *s)
{
    const struct grid_attr *a = step_attr(s);
    if (s->din[0].p)
        s->kernels->maxpool_dx(
            &s->in[0], &s->out[0], &s->dout[0], &s->din[0], a->factor, s->add[0], s->pool);
}

const struct op op_maxpool = {
    .name = "maxpool",
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .reads = READS_IN(0) | READS_OUT(0),
};
