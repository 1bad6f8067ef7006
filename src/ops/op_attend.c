/* SPDX-License-Identifier: Apache-2.0 */
/* A whole attention gate on x's grid, fused for inference; arch/net.c builds the unfused one from
 * convolutions, norms, a sum and a product. */
#include "kernel/attend.h"

#include "graph/plan.h"
#include "ops/ops.h"

enum { IN_X, IN_G, IN_LAYERS, LAYERS = 3, OUT_Y = 0, OUT_MAP };

static int inputs_of_layer(const struct attend_attr *a) { return a->norm ? 6 : 2; }

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    const struct attend_attr *a = (const void *)n->attr;
    const struct value *x = graph_in(g, n, IN_X), *signal = graph_in(g, n, IN_G);
    if (g->training || n->nin != IN_LAYERS + LAYERS * inputs_of_layer(a) || x->lanes != LANES ||
        signal->lanes != LANES)
        return err_set(e, ATT_FAILED,
            "a fused attention gate needs blocked maps, all its layers and no training");
    if (x->s.n != signal->s.n || x->s.d != signal->s.d || x->s.h != signal->s.h ||
        x->s.w != signal->s.w)
        return err_model(e, "an attention gate cannot join maps of %dx%dx%d and %dx%dx%d", x->s.d,
            x->s.h, x->s.w, signal->s.d, signal->s.h, signal->s.w);
    if (!attend_fits(x->s.c, signal->s.c))
        return err_set(e, ATT_FAILED, "too many channels for a fused attention gate");
    value_map(graph_out(g, n, OUT_Y), x->s, LANES);
    value_map(graph_out(g, n, OUT_MAP), (struct shape){x->s.n, 1, x->s.d, x->s.h, x->s.w}, 1);
    return ATT_OK;
}

static double macs(const struct graph *g, const struct node *n)
{
    const struct attend_attr *a = (const void *)n->attr;
    const struct shape x = graph_in(g, n, IN_X)->s, signal = graph_in(g, n, IN_G)->s;
    return (double)x.n * (double)shape_pixels(x) * a->inter * (x.c + signal.c + 1.0);
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    const struct attend_attr *a = (const void *)n->attr;
    (void)want;
    struct attend k = {.x = {.s = graph_in(g, n, IN_X)->s},
        .g = {.s = graph_in(g, n, IN_G)->s},
        .inter = a->inter};
    const size_t scratch = graph_in(g, n, IN_X)->half ? attend_scratch(&k) * (size_t)p->threads : 0;
    return backward ? 0 : (attend_floats(&k) + scratch) * sizeof(real);
}

static struct attend_layer op_attend_layer(const struct step *s, int index)
{
    const struct attend_attr *a = step_attr(s);
    const struct tensor *in = s->in + IN_LAYERS + index * inputs_of_layer(a);
    struct attend_layer l = {.w = in[0].p, .b = in[1].p};
    if (!a->norm) return l;
    l.gamma = in[2].p;
    l.beta = in[3].p;
    l.mean = in[4].p;
    l.var = in[5].p;
    return l;
}

static void forward(const struct step *s)
{
    const struct attend_attr *a = step_attr(s);
    struct attend k = {.x = s->in[IN_X],
        .g = s->in[IN_G],
        .y = s->out[OUT_Y],
        .map = s->out[OUT_MAP],
        .inter = a->inter};
    struct attend_layer wx = op_attend_layer(s, 0), wg = op_attend_layer(s, 1),
                        psi = op_attend_layer(s, 2);
    s->kernels->attend_fold(&k, &wx, &wg, &psi, (double)a->eps, s->workspace, s->pool);
    k.scratch = (real *)s->workspace + attend_floats(&k);
    s->kernels->attend(&k, s->pool);
}

const struct op op_attend = {.name = "attend",
    .shape = shape,
    .macs = macs,
    .workspace = workspace,
    .forward = forward,
    .in_place = true};
