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

static bool example(struct graph *g, int index, struct err *e)
{
    static const struct {
        struct shape s;
        int lanes;
    } list[] = {{{2, 18, 2, 3, 2}, LANES}, {{2, 3, 1, 3, 4}, 1}};
    if (index >= 2) return false;
    int in[2], y;
    return graph_input(g, list[index].s, list[index].lanes, true, &in[IN_X], e) == ATT_OK &&
        ops_vector(g, "slope", PARAM_VECTOR, 1, .25f, &in[IN_SLOPE], e) == ATT_OK &&
        graph_node(g, &op_prelu, in, 2, 1, NULL, 0, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

const struct op op_prelu = {
    .name = "prelu",
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .reads = READS_IN(IN_X) | READS_IN(IN_SLOPE),
    .in_place = true,
    .back_in_place = true,
    .example = example,
};
