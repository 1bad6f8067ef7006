/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution of tensors concatenated along their channels. */
#include "kernel/conv.h"

#include <string.h>

#include "base/ints.h"
#include "graph/plan.h"
#include "ops/conv_end.h"

static int inputs(const struct node *n)
{
    const struct conv_attr *a = (const void *)n->attr;
    return n->nin - 1 - (a->has_bias ? 1 : 0) - conv_end_inputs(&a->end) - (a->load.on ? 2 : 0);
}

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct conv_attr *a = (const void *)n->attr;
    int nx = inputs(n);
    if (nx < 1 || nx > CONV_MAX_X)
        return err_set(
            e, ATT_FAILED, "a convolution reads 1 to %d tensors, not %d", CONV_MAX_X, nx);
    struct shape s = graph_in(g, n, 0)->s;
    for (int i = 1; i < nx; i++) {
        struct shape t = graph_in(g, n, i)->s;
        if (t.n != s.n || t.d != s.d || t.h != s.h || t.w != s.w)
            return err_model(e,
                "a convolution cannot join maps of %dx%dx%d and %dx%dx%d; use sizes that are "
                "multiples of the network's stride",
                s.d, s.h, s.w, t.d, t.h, t.w);
    }
    int in[3] = {s.d, s.h, s.w}, out[3];
    for (int i = 0; i < 3; i++) {
        out[i] = in[i] + 2 * a->pad[i] < a->kernel[i]
            ? 0
            : conv_out(in[i], a->kernel[i], a->stride[i], a->pad[i]);
        if (out[i] < 1)
            return err_model(e,
                "an image or patch is too small for this network: a map of %dx%dx%d is smaller "
                "than a kernel of %d",
                s.d, s.h, s.w, a->kernel[i]);
    }
    value_map(graph_out(g, n, 0), (struct shape){s.n, a->out, out[0], out[1], out[2]},
        a->planar ? 1 : LANES);
    return ATT_OK;
}

struct conv conv_problem(const struct conv_attr *a, int nx)
{
    struct conv c;
    memset(&c, 0, sizeof c);
    memcpy(c.kernel, a->kernel, sizeof c.kernel);
    memcpy(c.stride, a->stride, sizeof c.stride);
    memcpy(c.pad, a->pad, sizeof c.pad);
    c.nx = nx;
    return c;
}

static struct conv conv_planned(const struct graph *g, const struct node *n)
{
    struct conv c = conv_problem((const void *)n->attr, inputs(n));
    for (int i = 0; i < c.nx; i++) c.x[i] = value_tensor(graph_in(g, n, i), NULL);
    c.y = value_tensor(&g->values[n->out[0]], NULL);
    return c;
}

static double macs(const struct graph *g, const struct node *n)
{
    struct conv c = conv_planned(g, n);
    return conv_macs(&c);
}

/* An implementation's workspace, after a copy of the input if it cannot compute that on load. */
static size_t conv_work_bytes(
    const struct conv_attr *a, const struct conv *c, const struct plan *p, enum conv_slot slot)
{
    const struct conv_impl *impl = kernels_conv(p->kernels, slot, c, p->conv);
    bool makes = a->load.on && slot != CONV_BACKWARD_X && !impl->loads;
    return (slot == CONV_FORWARD ? impl->workspace(c, p->threads)
                                 : conv_backward_workspace(impl, c, p->threads)) +
        (makes ? plan_round(tensor_bytes(&c->x[0])) : 0);
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    struct conv c = conv_planned(g, n);
    const struct conv_attr *a = (const void *)n->attr;
    static const real some_map[1];
    if (a->end.map) c.map = some_map; /* the choice of implementation may depend on it */
    if (!backward)
        return conv_end_workspace(&a->end, a->out) + conv_work_bytes(a, &c, p, CONV_FORWARD);
    size_t bytes = 0;
    unsigned all = (1u << c.nx) - 1;
    for (int i = 0; i < c.nx; i++) c.skip[i] = !(want >> i & 1);
    if (want & all) bytes = conv_work_bytes(a, &c, p, CONV_BACKWARD_X);
    memset(c.skip, 0, sizeof c.skip);
    if (want >> c.nx & 1) bytes = max_size(bytes, conv_work_bytes(a, &c, p, CONV_BACKWARD_W));
    return bytes;
}

/* Forward and backward by weight. */
static void conv_run(const struct step *s, struct conv *c, enum conv_slot slot, unsigned char *work)
{
    const struct conv_attr *a = step_attr(s);
    const struct conv_impl *impl = kernels_conv(s->kernels, slot, c, s->conv);
    if (a->load.on) {
        const struct tensor *x = &s->in[s->node->nin - 2];
        struct conv_load l = {.per_image = a->load.per_image, .act = a->load.act};
        norm_numbers_of(s->in[s->node->nin - 1].p, x, l.per_image, &l.scale, &l.shift);
        if (impl->loads) {
            c->x[0] = *x;
            c->load = l;
        } else {
            c->x[0].p = (real *)(void *)work;
            s->kernels->affine(x, &c->x[0], l.scale, l.shift, l.per_image, l.act, s->pool);
            work += plan_round(tensor_bytes(x));
        }
    }
    impl->run(c, work, s->pool);
}

static void forward(const struct step *s)
{
    const struct conv_attr *a = step_attr(s);
    struct conv c = conv_problem(a, inputs(s->node));
    memcpy(c.x, s->in, (size_t)c.nx * sizeof *c.x);
    c.y = s->out[0];
    c.w = s->in[c.nx].p;
    c.b = a->has_bias ? s->in[c.nx + 1].p : NULL;
    conv_end_apply(s, &a->end, c.nx + 1 + (a->has_bias ? 1 : 0), a->out, &c);
    conv_run(s, &c, CONV_FORWARD, conv_end_behind(s, &a->end, a->out));
}

static void conv_backward_x(const struct step *s, int nx)
{
    struct conv c = conv_problem(step_attr(s), nx);
    c.y = s->dout[0];
    c.w = s->in[nx].p;
    for (int i = 0; i < nx; i++) {
        c.x[i] = s->din[i].p ? s->din[i] : s->in[i];
        c.add[i] = s->add[i];
        c.skip[i] = !s->din[i].p;
    }
    kernels_conv(s->kernels, CONV_BACKWARD_X, &c, s->conv)->run(&c, s->workspace, s->pool);
}

static void conv_backward_w(const struct step *s, int nx)
{
    struct conv c = conv_problem(step_attr(s), nx);
    memcpy(c.x, s->in, (size_t)nx * sizeof *c.x);
    c.y = s->dout[0];
    c.w = s->din[nx].p;
    c.add[0] = s->add[nx];
    conv_run(s, &c, CONV_BACKWARD_W, s->workspace);
}

static void backward(const struct step *s)
{
    const struct conv_attr *a = step_attr(s);
    const int nx = inputs(s->node), bias = nx + 1;
    bool wanted = false;
    for (int i = 0; i < nx; i++) wanted = wanted || s->din[i].p;
    if (wanted) conv_backward_x(s, nx);
    if (s->din[nx].p) conv_backward_w(s, nx);
    if (a->has_bias && s->din[bias].p)
        s->kernels->channel_sum(&s->dout[0], s->din[bias].p, s->add[bias], s->pool);
}

const struct op op_conv = {
    .name = "conv",
    .shape = shape,
    .macs = macs,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .reads = READS_ALL_IN,
    .absorb = conv_end_absorb,
    .idle = conv_end_idle,
};
