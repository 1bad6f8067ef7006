/* SPDX-License-Identifier: Apache-2.0 */
/* Focal loss (Lin et al. 2017, arXiv 1708.02002): cross-entropy times (1 - p)^gamma, p the
 * probability of the truth, so easy pixels count less. alpha, if set, weighs the foreground (the
 * inside of regions), 1 - alpha the rest. The divisor is cross-entropy's, with class weights only:
 * gamma = 0 without alpha is cross-entropy. */
#include "ops/loss_op.h"

enum { GAMMA, ALPHA };

static struct focal focal_of(const struct step *s)
{
    const struct loss_attr *a = step_attr(s);
    double alpha = a->set[ALPHA];
    return (struct focal){a->set[GAMMA], {alpha < 0 ? 1 : 1 - alpha, alpha < 0 ? 1 : alpha}};
}

static void forward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    struct focal f = focal_of(s);
    s->kernels->focal(&in, &f, s->out[0].p, s->pool);
}

static void backward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    struct focal f = focal_of(s);
    if (s->din[0].p) s->kernels->focal_dx(&in, &f, s->dout[0].p, &s->din[0], s->add[0], s->pool);
}

const struct loss loss_focal = {
    .name = "focal",
    .settings = {{"gamma", LOSS_REAL, 2, 0, 10}, {"alpha", LOSS_REAL, -1, 0, 1}},
    .outputs = 1,
    .weights = true,
    .op =
        {
            .name = "focal",
            .shape = loss_shape,
            .forward = forward,
            .backward = backward,
            .reads = READS_IN(0) | READS_IN(1),
        },
};
