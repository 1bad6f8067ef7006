/* SPDX-License-Identifier: Apache-2.0 */
/* Boundary loss (Kervadec et al. 2019, arXiv 1812.07032): the mean of p times phi over pixels and
 * classes. phi, in pixels, is the distance to the class in the labels; inside it is 1 - the
 * distance to the nearest other pixel (as in the authors' code: 0 along the border). It is 0 for a
 * class without pixels or without other pixels. An empty prediction gives no clear sign, so combine
 * it with an overlap loss. Ignored pixels are neither inside nor outside. */
#include "graph/plan.h"
#include "ops/loss_op.h"

enum { BACKGROUND, Z };

/* Output 1: the divisor, and phi per channel; 0 for excluded channels. */
struct field {
    double *below;
    struct tensor phi;
};

static struct field field_of(const struct step *s)
{
    double *below = (double *)(void *)s->out[1].p;
    return (struct field){below, {(real *)(void *)(below + 1), s->in[0].s, 1, false}};
}

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    TRY(loss_shape(g, n, e));
    value_aux(graph_out(g, n, 1), sizeof(double) + graph_in(g, n, 0)->bytes);
    return ATT_OK;
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    (void)want;
    return backward ? 0 : boundary_scratch(graph_in(g, n, 0)->s, p->threads);
}

static void forward(const struct step *s)
{
    const struct loss_attr *a = step_attr(s);
    struct field f = field_of(s);
    struct boundary b = {.in = loss_of(s),
        .phi = f.phi,
        .below = f.below,
        .first = a->region || a->set[BACKGROUND] != 0 ? 0 : 1,
        .z = a->set[Z],
        .scratch = s->workspace};
    s->kernels->boundary(&b, s->pool);
    s->kernels->field(&b.in, &f.phi, f.below, s->out[0].p, s->pool);
}

static void backward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    struct field f = field_of(s);
    if (s->din[0].p)
        s->kernels->field_dx(&in, &f.phi, f.below, s->dout[0].p, &s->din[0], s->add[0], s->pool);
}

const struct loss loss_boundary = {
    .name = "boundary",
    .settings = {{"background", LOSS_YES_NO, 0, 0, 1}, {"z", LOSS_REAL, 1, .01, 100}},
    .outputs = 2,
    .op =
        {
            .name = "boundary",
            .shape = shape,
            .workspace = workspace,
            .forward = forward,
            .backward = backward,
            .reads = READS_IN(0) | READS_IN(1) | READS_OUT(1),
        },
};
