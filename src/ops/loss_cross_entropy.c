/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-entropy over classes, or binary cross-entropy over regions, as in torch; LABEL_IGNORE
 * pixels do not count. */
#include "ops/loss_op.h"

static void forward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    s->kernels->cross_entropy(&in, s->out[0].p, s->pool);
}

static void backward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    if (s->din[0].p)
        s->kernels->cross_entropy_dx(&in, s->dout[0].p, &s->din[0], s->add[0], s->pool);
}

const struct loss loss_cross_entropy = {
    .name = "ce",
    .outputs = 1,
    .weights = true,
    .op =
        {
            .name = "cross_entropy",
            .shape = loss_shape,
            .forward = forward,
            .backward = backward,
            .reads = READS_IN(0) | READS_IN(1),
        },
};
