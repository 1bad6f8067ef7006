/* SPDX-License-Identifier: Apache-2.0 */
/* Centreline Dice (Shit et al. 2021, arXiv 2003.07311) for tubes, 2D and 3D. With soft skeletons S
 * of probability p and target t (kernel/skeleton.h): mean of 1 - 2 Tprec Tsens / (Tprec + Tsens),
 * Tprec = (sum S(p) t + smooth) / (sum S(p) + smooth), Tsens = (sum S(t) p + smooth) / (sum S(t) +
 * smooth). The authors add Dice: 0.5*dice+0.5*cldice. Ignored pixels are background in both. */
#include <math.h>

#include "graph/plan.h"
#include "ops/loss_op.h"

enum { ITERATIONS, BATCH, BACKGROUND, SMOOTH };

static struct cldice cldice_of(const struct loss_attr *a, struct shape s)
{
    return (struct cldice){.in = {.logits = {.s = s}},
        .iterations = (int)a->set[ITERATIONS],
        .first = a->region || a->set[BACKGROUND] != 0 ? 0 : 1,
        .groups = a->set[BATCH] != 0 ? 1 : s.n,
        .smooth = a->set[SMOOTH]};
}

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    TRY(loss_shape(g, n, e));
    struct cldice c = cldice_of((const void *)n->attr, graph_in(g, n, 0)->s);
    value_aux(graph_out(g, n, 1), cldice_kept(&c));
    return ATT_OK;
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    (void)p;
    (void)want;
    struct cldice c = cldice_of((const void *)n->attr, graph_in(g, n, 0)->s);
    return cldice_scratch(&c, backward);
}

static struct cldice cldice_at(const struct step *s)
{
    struct cldice c = cldice_of(step_attr(s), s->in[0].s);
    c.in = loss_of(s);
    c.kept = s->out[1].p;
    c.scratch = s->workspace;
    return c;
}

static void forward(const struct step *s)
{
    struct cldice c = cldice_at(s);
    s->kernels->cldice(s->kernels, &c, s->out[0].p, s->pool);
}

static void backward(const struct step *s)
{
    struct cldice c = cldice_at(s);
    if (s->din[0].p)
        s->kernels->cldice_dx(s->kernels, &c, s->dout[0].p, &s->din[0], s->add[0], s->pool);
}

const struct loss loss_cldice = {
    .name = "cldice",
    .settings = {{"iterations", LOSS_WHOLE, 3, 0, 50}, {"batch", LOSS_YES_NO, 0, 0, 1},
        {"background", LOSS_YES_NO, 0, 0, 1}, {"smooth", LOSS_REAL, 1, 1e-6, (double)INFINITY}},
    .outputs = 2,
    .op =
        {
            .name = "cldice",
            .shape = shape,
            .workspace = workspace,
            .forward = forward,
            .backward = backward,
            .reads = READS_IN(0) | READS_IN(1) | READS_OUT(1),
        },
};
