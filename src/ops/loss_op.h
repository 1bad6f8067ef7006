/* SPDX-License-Identifier: Apache-2.0 */
/* What the per-pixel losses share. */
#ifndef OPS_LOSS_OP_H
#define OPS_LOSS_OP_H

#include "ops/ops.h"

/* Checks logits against labels and makes output 0 one number. */
att_status loss_shape(struct graph *g, struct node *n, struct err *e);
struct loss_input loss_of(const struct step *s);
/* Logits and labels for examples: `classes` channels; every label below `labels` or, some pixels, LABEL_IGNORE is up to the test. */
bool loss_example(struct graph *g, const struct op *op, int outputs, const struct loss_attr *a, struct shape s, struct err *e);

#endif
