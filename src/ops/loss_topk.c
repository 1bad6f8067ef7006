/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-entropy over the k percent of the batch's pixels with the largest cross-entropy (Wu et al.
 * 2016, arXiv 1605.06885; nnU-Net's TopKLoss with k = 10), at least one; among equal ones the first
 * in memory. Forward marks all others as ignored; the rest is cross-entropy. */
#include "graph/plan.h"
#include "ops/loss_op.h"

enum { K };

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    TRY(loss_shape(g, n, e));
    value_aux(graph_out(g, n, 1), graph_in(g, n, 1)->bytes);
    return ATT_OK;
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    (void)p;
    (void)want;
    return backward ? 0 : graph_in(g, n, 1)->bytes * sizeof(real);
}

/* Cross-entropy's input with output 1 as labels. */
static struct loss_input selected(const struct step *s)
{
    struct loss_input in = loss_of(s);
    in.label = (const uint8_t *)(const void *)s->out[1].p;
    return in;
}

static void forward(const struct step *s)
{
    const struct loss_attr *a = step_attr(s);
    struct loss_input all = loss_of(s), in = selected(s);
    size_t pixels = shape_pixels(s->in[0].s) * (size_t)s->in[0].s.n;
    real *map = s->workspace;
    s->kernels->cross_entropy_map(&all, map, s->pool);
    s->kernels->top_labels(
        map, all.label, pixels, a->set[K], LABEL_IGNORE, (uint8_t *)(void *)s->out[1].p);
    s->kernels->cross_entropy(&in, s->out[0].p, s->pool);
}

static void backward(const struct step *s)
{
    struct loss_input in = selected(s);
    if (s->din[0].p)
        s->kernels->cross_entropy_dx(&in, s->dout[0].p, &s->din[0], s->add[0], s->pool);
}

const struct loss loss_topk = {
    .name = "topk",
    .settings = {{"k", LOSS_REAL, 10, .01, 100}},
    .outputs = 2,
    .weights = true,
    .op =
        {
            .name = "topk",
            .shape = shape,
            .workspace = workspace,
            .forward = forward,
            .backward = backward,
            .reads = READS_IN(0) | READS_OUT(1),
        },
};
