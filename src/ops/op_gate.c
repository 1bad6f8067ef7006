/* SPDX-License-Identifier: Apache-2.0 */
/* Attention gate product: one map scales all channels of x (arXiv 1804.03999: x_hat[i,c] = x[i,c] *
 * alpha[i]). */
#include "ops/ops.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct value *x = graph_in(g, n, 0), *m = graph_in(g, n, 1);
    if (m->s.c != 1 || m->lanes != 1 || m->s.n != x->s.n || m->s.d != x->s.d || m->s.h != x->s.h ||
        m->s.w != x->s.w)
        return err_model(e,
            "an attention map of %d channels on %dx%dx%d cannot scale a skip connection on "
            "%dx%dx%d",
            m->s.c, m->s.d, m->s.h, m->s.w, x->s.d, x->s.h, x->s.w);
    value_map(graph_out(g, n, 0), x->s, x->lanes);
    return ATT_OK;
}

static void forward(const struct step *s)
{
    s->kernels->gate(&s->in[0], &s->in[1], &s->out[0], s->pool);
}

static void backward(const struct step *s)
{
    if (s->din[1].p) s->kernels->gate_dmap(&s->in[0], &s->dout[0], &s->din[1], s->add[1], s->pool);
    /* may overwrite y's gradient */
    if (s->din[0].p) s->kernels->gate_dx(&s->in[1], &s->dout[0], &s->din[0], s->add[0], s->pool);
}

/* A 1x1 convolution moves the product with the map after its sum: w*(map*x) = map*(w*x). */
static bool absorb(const struct graph *g, struct node *n, const struct node *reader)
{
    const struct conv_attr *a = (const void *)reader->attr;
    (void)g;
    if (reader->op != &op_conv || reader->in[0] != n->out[0] || a->end.map || a->end.norm ||
        a->end.act != ACT_NONE)
        return false;
    if (reader->nin != 2 + (a->has_bias ? 1 : 0) || reader->nin + 1 > NODE_MAX_IN) return false;
    for (int i = 0; i < 3; i++)
        if (a->kernel[i] != 1 || a->stride[i] != 1 || a->pad[i] != 0) return false;
    struct node conv = *reader;
    conv.in[0] = n->in[0];
    conv.in[conv.nin++] = n->in[1];
    ((struct conv_attr *)(void *)conv.attr)->end.map = true;
    *n = conv;
    return true;
}

const struct op op_gate = {
    .name = "gate",
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .reads = READS_IN(0) | READS_IN(1),
    .absorb = absorb,
    .back_in_place = true,
};
