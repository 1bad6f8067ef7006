/* SPDX-License-Identifier: Apache-2.0 */
/* PReLU (He et al. 2015) with one learned slope. Backward reads x, not y, since the slope may
 * become negative. */
#include "ops/ops.h"

enum { IN_X, IN_SLOPE };

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct value *x = graph_in(g, n, IN_X);
    (void)e;
    value_map(graph_out(g, n, 0), x->s, x->lanes);
    return ATT_OK;
}

static void forward(const struct step *s)
{
    s->kernels->prelu(&s->in[IN_X], s->in[IN_SLOPE].p, &s->out[0], s->pool);
}

static void backward(const struct step *s)
{
    if (s->din[IN_SLOPE].p)
        s->kernels->prelu_dslope(
            &s->in[IN_X], &s->dout[0], s->din[IN_SLOPE].p, s->add[IN_SLOPE], s->pool);
    if (s->din[IN_X].p)
        s->kernels->prelu_dx(
            &s->in[IN_X], s->in[IN_SLOPE].p, &s->dout[0], &s->din[IN_X], s->add[IN_X], s->pool);
}

const struct op op_prelu = {
    .name = "prelu",
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .reads = READS_IN(IN_X) | READS_IN(IN_SLOPE),
    .in_place = true,
    .back_in_place = true,
};
