/* SPDX-License-Identifier: Apache-2.0 */
/* Soft Dice (Milletari et al. 2016, with the plain sums in the denominator as in nnU-Net): 1 - mean (2 sum pt + s) / (sum p + sum t + s),
 * per image or over the batch, with or without background, over classes (softmax) or regions (sigmoid). */
#include "ops/loss_op.h"

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    TRY(loss_shape(g, n, e));
    struct shape s = graph_in(g, n, 0)->s;
    value_aux(graph_out(g, n, 1), 3 * (size_t)s.n * (size_t)s.c * sizeof(double));
    return ATT_OK;
}

static double *sums(const struct step *s) { return (double *)(void *)s->out[1].p; }

static void forward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    s->out[0].p[0] = (real)s->kernels->dice(&in, sums(s), s->pool);
}

static void backward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    if (s->din[0].p) s->kernels->dice_dx(&in, sums(s), (double)s->dout[0].p[0], &s->din[0], s->add[0], s->pool);
}

static bool example(struct graph *g, int index, struct err *e)
{
    static const uint64_t region[] = {1u << 1 | 1u << 2, 1u << 2};
    static const struct loss_attr list[] = {{.smooth = 1e-5f},
                                            {.smooth = 1, .batch = true, .background = true},
                                            {.smooth = 1e-5f, .region = region},
                                            {.smooth = 0, .batch = true}};
    static const struct shape shapes[] = {{2, 3, 1, 3, 4}, {2, 3, 2, 3, 2}, {2, 2, 1, 3, 4}, {2, 4, 1, 3, 3}};
    return index < 4 && loss_example(g, &loss_dice.op, 2, &list[index], shapes[index], e);
}

const struct loss loss_dice = {
    .name = "dice",
    .keys = "batch background smooth",
    .otherwise = {.smooth = 1e-5f},
    .outputs = 2,
    .op =
        {
            .name = "dice",
            .shape = shape,
            .forward = forward,
            .backward = backward,
            .reads = READS_IN(0) | READS_IN(1) | READS_OUT(1),
            .example = example,
        },
};
