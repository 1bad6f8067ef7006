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
        return err_set(e, ATT_MODEL,
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

static bool example(struct graph *g, int index, struct err *e)
{
    static const struct grid_attr list[] = {
        {.factor = {1, 2, 2}}, {.factor = {2, 2, 2}}, {.factor = {2, 1, 2}}};
    if (index >= 3) return false;
    int x, y;
    return graph_input(g, (struct shape){2, 18, 2, 5, 4}, LANES, true, &x, e) == ATT_OK &&
        graph_node(g, &op_maxpool, &x, 1, 1, &list[index], sizeof list[index], &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

const struct op op_maxpool = {
    .name = "maxpool",
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .reads = READS_IN(0) | READS_OUT(0),
    .example = example,
};
