/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/loss_op.h"

att_status loss_shape(struct graph *g, struct node *n, struct err *e)
{
    const struct value *x = graph_in(g, n, 0), *t = graph_in(g, n, 1);
    if (x->lanes != 1) return err_set(e, ATT_FAILED, "a loss needs planar logits");
    if (t->kind != VALUE_LABEL || t->s.n != x->s.n || t->s.d != x->s.d || t->s.h != x->s.h ||
        t->s.w != x->s.w)
        return err_model(e, "logits on %dx%dx%d need labels on that grid, not on %dx%dx%d", x->s.d,
            x->s.h, x->s.w, t->s.d, t->s.h, t->s.w);
    value_map(graph_out(g, n, 0), (struct shape){1, 1, 1, 1, 1}, 1);
    return ATT_OK;
}

struct loss_input loss_of(const struct step *s)
{
    const struct loss_attr *a = step_attr(s);
    return (struct loss_input){.logits = s->in[0],
        .label = (const uint8_t *)(const void *)s->in[1].p,
        .region = a->region,
        .weight = a->weight};
}
