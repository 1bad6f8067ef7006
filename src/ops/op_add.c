/* SPDX-License-Identifier: Apache-2.0 */
/* y = act(a + b): in a gate, skip connection and gating signal. */
#include "ops/ops.h"

static bool same(struct shape a, struct shape b)
{
    return a.n == b.n && a.c == b.c && a.d == b.d && a.h == b.h && a.w == b.w;
}

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct value *a = graph_in(g, n, 0), *b = graph_in(g, n, 1);
    /* backward writes input 1's gradient first */
    if (a == b) return err_set(e, ATT_FAILED, "a sum needs two different maps");
    if (!same(a->s, b->s) || a->lanes != b->lanes)
        return err_model(e, "a sum cannot join maps of %dx%dx%dx%d and %dx%dx%dx%d", a->s.c, a->s.d,
            a->s.h, a->s.w, b->s.c, b->s.d, b->s.h, b->s.w);
    value_map(graph_out(g, n, 0), a->s, a->lanes);
    return ATT_OK;
}

static void forward(const struct step *s)
{
    const struct add_attr *a = step_attr(s);
    s->kernels->add_act(&s->in[0], &s->in[1], &s->out[0], a->act, s->pool);
}

static void backward(const struct step *s)
{
    const struct add_attr *a = step_attr(s);
    for (int i = 1; i >= 0; i--) /* input 0's gradient may replace y's */
        if (s->din[i].p)
            s->kernels->act_dx(&s->out[0], &s->dout[0], &s->din[i], a->act, s->add[i], s->pool);
}

const struct op op_add = {
    .name = "add",
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .reads = READS_OUT(0),
    .in_place = true,
    .back_in_place = true,
};
