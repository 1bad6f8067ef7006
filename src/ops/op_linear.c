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

static bool example(struct graph *g, int index, struct err *e)
{
    static const struct {
        struct grid_attr a;
        struct shape s;
        int lanes;
    } list[] = {
        {{.size = {1, 6, 8}}, {2, 5, 1, 3, 4}, LANES},
        {{.size = {4, 6, 4}, .align_corners = true}, {1, 18, 2, 3, 2}, LANES},
        {{.size = {3, 7, 5}}, {2, 1, 2, 3, 4}, 1},
        {{.size = {1, 2, 3}}, {1, 3, 1, 5, 4}, 1},
    };
    if (index >= (int)(sizeof list / sizeof *list)) return false;
    int x, y;
    return graph_input(g, list[index].s, list[index].lanes, true, &x, e) == ATT_OK &&
        graph_node(g, &op_linear, &x, 1, 1, &list[index].a, sizeof list[index].a, &y, e) ==
        ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

const struct op op_linear = {
    .name = "linear", .shape = shape, .forward = forward, .backward = backward, .example = example};
