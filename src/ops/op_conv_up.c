/* SPDX-License-Identifier: Apache-2.0 */
/* Nearest upsampling by 2, then a convolution with kernel 3 and pad 1, computed as the
 * equivalent transposed convolution (kernel/kernel.h, up_expand) without the upsampled image.
 * The exception: images so small that the weights are most of the work. Axes with a kernel of 1
 * keep their size. */
#include <string.h>

#include "base/ints.h"
#include "graph/plan.h"
#include "ops/conv_end.h"

enum { IN_X, IN_W, IN_B };

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct conv_attr *a = (const void *)n->attr;
    struct shape s = graph_in(g, n, IN_X)->s;
    int out[3] = {s.d, s.h, s.w};
    for (int i = 0; i < 3; i++) {
        bool stays = a->kernel[i] == 1;
        if (a->kernel[i] != (stays ? 1 : 3) || a->stride[i] != 1 || a->pad[i] != (stays ? 0 : 1) ||
            a->planar)
            return err_set(e, ATT_FAILED,
                "a convolution after an upsampling needs kernel 3, stride 1 and padding 1");
        if (!stays) out[i] *= 2;
    }
    value_map(graph_out(g, n, 0), (struct shape){s.n, a->out, out[0], out[1], out[2]}, LANES);
    return ATT_OK;
}

/* The reverse convolution, from our y to our x. */
static struct conv conv_up_problem(const struct conv_attr *a, struct tensor x, struct tensor y)
{
    struct conv c;
    memset(&c, 0, sizeof c);
    for (int i = 0; i < 3; i++) {
        bool stays = a->kernel[i] == 1;
        c.kernel[i] = stays ? 1 : 4;
        c.stride[i] = stays ? 1 : 2;
        c.pad[i] = stays ? 0 : 1;
    }
    c.nx = 1;
    c.x[0] = y;
    c.y = x;
    return c;
}

static struct conv conv_up_planned(const struct graph *g, const struct node *n)
{
    const struct value *x = graph_in(g, n, IN_X), *y = &g->values[n->out[0]];
    return conv_up_problem((const void *)n->attr, value_tensor(x, NULL), value_tensor(y, NULL));
}

/* As defined: on the upsampled image. */
static double macs(const struct graph *g, const struct node *n)
{
    const struct conv_attr *a = (const void *)n->attr;
    const struct shape y = g->values[n->out[0]].s;
    return (double)graph_in(g, n, IN_X)->s.c * y.c * a->kernel[0] * a->kernel[1] * a->kernel[2] *
        y.n * (double)shape_pixels(y);
}

/* ---- few pixels: the upsampled image and a convolution */

/* Pixels before the upsampling; from there on Winograd's transposed convolution is faster, as
 * measured with AVX-512. */
enum { FEW = 100 };

static bool few(const struct conv *c) { return (size_t)c->y.s.n * shape_pixels(c->y.s) < FEW; }

/* The convolution after the upsampling; its image has no memory yet. */
static struct conv upsampled(const struct conv *c)
{
    struct conv w = *c;
    for (int i = 0; i < 3; i++) {
        w.kernel[i] = c->kernel[i] == 1 ? 1 : 3;
        w.stride[i] = 1;
        w.pad[i] = c->kernel[i] == 1 ? 0 : 1;
    }
    w.y = c->x[0];
    w.x[0] = c->y;
    w.x[0].s = (struct shape){c->y.s.n, c->y.s.c, w.y.s.d, w.y.s.h, w.y.s.w};
    return w;
}

static size_t upsampled_work(const struct conv *c, const struct plan *p)
{
    const struct conv w = upsampled(c);
    return plan_round(tensor_bytes(&w.x[0])) +
        kernels_conv(p->kernels, CONV_FORWARD, &w, p->conv)->workspace(&w, p->threads);
}

static void run_upsampled(const struct step *s, const struct conv *c, unsigned char *work)
{
    struct conv w = upsampled(c);
    w.w = s->in[IN_W].p;
    w.x[0].p = (real *)(void *)work;
    s->kernels->upsample(&s->in[IN_X], &w.x[0]);
    kernels_conv(s->kernels, CONV_FORWARD, &w, s->conv)
        ->run(&w, work + plan_round(tensor_bytes(&w.x[0])), s->pool);
}

/* ---- many pixels: the transposed convolution */

/* Workspace: the end's, then the weights of `c` unless the implementation reads ours, then its
 * own. */
static size_t weight_bytes(const struct conv *c, const struct conv_impl *impl)
{
    return impl->reads_w3 ? 0 : conv_weights(c) * sizeof(real);
}

static size_t conv_up_work_bytes(
    const struct conv *c, const struct plan *p, enum conv_slot slot, bool backward)
{
    const struct conv_impl *impl = kernels_conv(p->kernels, slot, c, p->conv);
    return weight_bytes(c, impl) +
        (backward ? conv_backward_workspace(impl, c, p->threads) : impl->workspace(c, p->threads));
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    struct conv c = conv_up_planned(g, n);
    const struct conv_attr *a = (const void *)n->attr;
    if (!backward)
        return conv_end_workspace(&a->end, a->out) +
            (few(&c) ? upsampled_work(&c, p) : conv_up_work_bytes(&c, p, CONV_BACKWARD_X, false));
    size_t dx = want >> IN_X & 1 ? conv_up_work_bytes(&c, p, CONV_FORWARD, true) : 0,
           dw = want >> IN_W & 1 ? conv_up_work_bytes(&c, p, CONV_BACKWARD_W, true) : 0;
    return max_size(dx, dw);
}

static void conv_up_run(
    const struct step *s, struct conv *c, enum conv_slot slot, unsigned char *work)
{
    const struct conv_impl *impl = kernels_conv(s->kernels, slot, c, s->conv);
    unsigned char *own = work + weight_bytes(c, impl);
    if (impl->reads_w3) {
        c->w3 = s->in[IN_W].p;
    } else {
        c->w = (real *)(void *)work;
        s->kernels->up_expand(c, s->in[IN_W].p, c->w, s->pool);
    }
    impl->run(c, own, s->pool);
}

static void forward(const struct step *s)
{
    const struct conv_attr *a = step_attr(s);
    struct conv c = conv_up_problem(a, s->in[IN_X], s->out[0]);
    c.b = a->has_bias ? s->in[IN_B].p : NULL;
    conv_end_apply(s, &a->end, IN_W + 1 + (a->has_bias ? 1 : 0), a->out, &c);
    if (few(&c))
        run_upsampled(s, &c, conv_end_behind(s, &a->end, a->out));
    else
        conv_up_run(s, &c, CONV_BACKWARD_X, conv_end_behind(s, &a->end, a->out));
}

static void conv_up_backward_w(const struct step *s)
{
    struct conv c = conv_up_problem(step_attr(s), s->in[IN_X], s->dout[0]);
    const struct conv_impl *impl = kernels_conv(s->kernels, CONV_BACKWARD_W, &c, s->conv);
    c.w = s->workspace;
    impl->run(&c, (unsigned char *)s->workspace + weight_bytes(&c, impl), s->pool);
    s->kernels->up_contract(&c, c.w, s->din[IN_W].p, s->add[IN_W], s->pool);
}

static void backward(const struct step *s)
{
    if (s->din[IN_X].p) {
        struct conv c = conv_up_problem(step_attr(s), s->din[IN_X], s->dout[0]);
        c.add[0] = s->add[IN_X];
        conv_up_run(s, &c, CONV_FORWARD, s->workspace);
    }
    if (s->din[IN_W].p) conv_up_backward_w(s);
    if (s->node->nin > IN_B && s->din[IN_B].p)
        s->kernels->channel_sum(&s->dout[0], s->din[IN_B].p, s->add[IN_B], s->pool);
}

const struct op op_conv_up = {
    .name = "conv_up",
    .shape = shape,
    .macs = macs,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .reads = READS_ALL_IN,
    .absorb = conv_end_absorb,
    .idle = conv_end_idle,
};
