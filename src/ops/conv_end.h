/* SPDX-License-Identifier: Apache-2.0 */
/* Work fused into the end of a convolution for inference: batch norm with running statistics, its
 * activation, and before them the product with an attention map. Inputs after the convolution's
 * own: gamma, beta, running mean, running variance if `norm`; the map if `map`. */
#pragma once

#include "ops/ops.h"

/* A convolution of nx tensors with these settings; tensors are set by the caller. */
struct conv conv_problem(const struct conv_attr *a, int nx);
/* The node's inputs that belong to the end. */
int conv_end_inputs(const struct conv_end *end);
/* op.absorb for struct conv_attr: absorbs a norm if possible. */
bool conv_end_absorb(const struct graph *g, struct node *n, const struct node *reader);
/* op.idle for struct conv_attr: the following norm cancels the bias, unless its mean is fixed. */
void conv_end_idle(struct node *n, const struct node *reader);
/* Bytes of workspace before the convolution's own. */
size_t conv_end_workspace(const struct conv_end *end, int channels);
/* The convolution's own workspace. */
void *conv_end_behind(const struct step *s, const struct conv_end *end, int channels);
/* Sets scale, b, map and act of c. The end's inputs begin at s->in[first]; c->b is the
 * convolution's bias. */
void conv_end_apply(
    const struct step *s, const struct conv_end *end, int first, int channels, struct conv *c);
