/* SPDX-License-Identifier: Apache-2.0 */
/* Transposed convolution: backward-by-input of the convolution from y's grid to x's. */
#include "base/ints.h"
#include "graph/plan.h"
#include "ops/conv_end.h"
#include "ops/ops.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct conv_attr *a = (const void *)n->attr;
    struct shape s = graph_in(g, n, 0)->s;
    int in[3] = {s.d, s.h, s.w}, out[3];
    for (int i = 0; i < 3; i++) {
        out[i] = (in[i] - 1) * a->stride[i] - 2 * a->pad[i] + a->kernel[i] + a->more[i];
        if (out[i] < 1)
            return err_model(e,
                "an image or patch is too small for this network: a map of %dx%dx%d would "
                "become empty",
                s.d, s.h, s.w);
    }
    value_map(graph_out(g, n, 0), (struct shape){s.n, a->out, out[0], out[1], out[2]}, LANES);
    return ATT_OK;
}

/* The reverse convolution: its x is our y, its y our x. */
static struct conv conv_transposed_problem(
    const struct conv_attr *a, struct tensor x, struct tensor y)
{
    struct conv c = conv_problem(a, 1);
    c.x[0] = y;
    c.y = x;
    return c;
}

static struct conv conv_transposed_planned(const struct graph *g, const struct node *n)
{
    const struct value *x = graph_in(g, n, 0), *y = &g->values[n->out[0]];
    return conv_transposed_problem(
        (const void *)n->attr, value_tensor(x, NULL), value_tensor(y, NULL));
}

static double macs(const struct graph *g, const struct node *n)
{
    struct conv c = conv_transposed_planned(g, n);
    return conv_macs(&c);
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    struct conv c = conv_transposed_planned(g, n);
    const struct conv_attr *a = (const void *)n->attr;
    if (!backward)
        return conv_end_workspace(&a->end, a->out) +
            kernels_conv(p->kernels, CONV_BACKWARD_X, &c, p->conv)->workspace(&c, p->threads);
    size_t bytes = 0;
    for (int i = 0; i < 2; i++) {
        const enum conv_slot slot = i == 0 ? CONV_FORWARD : CONV_BACKWARD_W;
        const struct conv_impl *impl = kernels_conv(p->kernels, slot, &c, p->conv);
        if (want >> i & 1) bytes = max_size(bytes, conv_backward_workspace(impl, &c, p->threads));
    }
    return bytes;
}

static void forward(const struct step *s)
{
    const struct conv_attr *a = step_attr(s);
    struct conv c = conv_transposed_problem(a, s->in[0], s->out[0]);
    c.w = s->in[1].p;
    c.b = a->has_bias ? s->in[2].p : NULL;
    conv_end_apply(s, &a->end, 2 + (a->has_bias ? 1 : 0), a->out, &c);
    kernels_conv(s->kernels, CONV_BACKWARD_X, &c, s->conv)
        ->run(&c, conv_end_behind(s, &a->end, a->out), s->pool);
}

static void conv_transposed_backward_x(const struct step *s)
{
    struct conv c = conv_transposed_problem(step_attr(s), s->din[0], s->dout[0]);
    c.w = s->in[1].p;
    c.add[0] = s->add[0];
    kernels_conv(s->kernels, CONV_FORWARD, &c, s->conv)->run(&c, s->workspace, s->pool);
}

static void backward(const struct step *s)
{
    if (s->din[0].p) conv_transposed_backward_x(s);
    if (s->din[1].p) {
        struct conv c = conv_transposed_problem(step_attr(s), s->in[0], s->dout[0]);
        c.w = s->din[1].p;
        c.add[0] = s->add[1];
        kernels_conv(s->kernels, CONV_BACKWARD_W, &c, s->conv)->run(&c, s->workspace, s->pool);
    }
    if (s->node->nin > 2 && s->din[2].p)
        s->kernels->channel_sum(&s->dout[0], s->din[2].p, s->add[2], s->pool);
}

const struct op op_conv_transposed = {
    .name = "conv_transposed",
    .shape = shape,
    .macs = macs,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .reads = READS_ALL_IN,
    .absorb = conv_end_absorb,
    .idle = conv_end_idle,
};
