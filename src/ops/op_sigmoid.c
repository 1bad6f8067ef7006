/* SPDX-License-Identifier: Apache-2.0 */
/* y = 1 / (1 + exp(-x)), for attention coefficients. Planar maps only: sigmoid(0) would fill pad
 * lanes. */
#include "ops/ops.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct value *x = graph_in(g, n, 0);
    if (x->lanes != 1) return err_set(e, ATT_FAILED, "a sigmoid needs planar maps");
    value_map(graph_out(g, n, 0), x->s, x->lanes);
    return ATT_OK;
}

static void forward(const struct step *s) { s->kernels->sigmoid(&s->in[0], &s->out[0], s->pool); }

static void backward(const struct step *s)
{
    if (s->din[0].p)
        s->kernels->sigmoid_dx(&s->out[0], &s->dout[0], &s->din[0], s->add[0], s->pool);
}

const struct op op_sigmoid = {
    .name = "sigmoid",
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .reads = READS_OUT(0),
    .in_place = true,
};
