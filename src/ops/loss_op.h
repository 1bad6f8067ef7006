/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the per-pixel losses. */
#pragma once

#include "kernel/loss.h"
#include "ops/ops.h"

/* Checks logits and labels; output 0 is one number. */
att_status loss_shape(struct graph *g, struct node *n, struct err *e);
struct loss_input loss_of(const struct step *s);
