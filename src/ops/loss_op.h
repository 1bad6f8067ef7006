/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the per-pixel losses. */
#pragma once

#include "kernel/loss.h"
#include "ops/ops.h"

/* Examples: weights of three classes, two regions. */
extern const real loss_weights[3];
extern const struct class_set loss_regions[2];

/* Checks logits and labels; output 0 is one number. */
att_status loss_shape(struct graph *g, struct node *n, struct err *e);
struct loss_input loss_of(const struct step *s);
/* An example for the gradient test: logits of shape `s`, labels that the test fills, the loss `op`
 * with `outputs` outputs, the first the loss. */
bool loss_example(struct graph *g, const struct op *op, int outputs, const struct loss_attr *a,
    struct shape s, struct err *e);
