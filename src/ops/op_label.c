/* SPDX-License-Identifier: Apache-2.0 */
/* Labels on a coarser grid by nearest voxel: targets of the deep supervision heads. */
#include "ops/ops.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct grid_attr *a = (const void *)n->attr;
    const struct value *x = graph_in(g, n, 0);
    if (x->kind != VALUE_LABEL)
        return err_set(e, ATT_FAILED, "nearest-voxel sampling is for labels only");
    value_label(graph_out(g, n, 0), (struct shape){x->s.n, 1, a->size[0], a->size[1], a->size[2]});
    return ATT_OK;
}

static void forward(const struct step *s)
{
    s->kernels->label_nearest((const uint8_t *)(const void *)s->in[0].p, s->in[0].s,
        (uint8_t *)(void *)s->out[0].p, s->out[0].s);
}

const struct op op_label = {.name = "label", .shape = shape, .forward = forward};
