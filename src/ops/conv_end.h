/* SPDX-License-Identifier: Apache-2.0 */
/* What follows a convolution and is done before its results are written, at inference: a batch norm
 * with running statistics, the norm's activation, and before them the product with an attention
 * map.  Their inputs follow the convolution's own: gamma, beta, running mean, running variance if
 * `norm`; the map if `map`. */
#ifndef OPS_CONV_END_H
#define OPS_CONV_END_H

#include "ops/ops.h"

/* How many inputs of a node belong to its end. */
int conv_end_inputs(const struct conv_end *end);
/* op.absorb of nodes whose settings are a struct conv_attr: takes over a norm if that can be. */
bool conv_end_absorb(const struct graph *g, struct node *n, const struct node *reader);
/* op.idle of such nodes: a norm over what they make takes their bias away again, unless its mean is
 * fixed. */
void conv_end_idle(struct node *n, const struct node *reader);
/* Bytes of workspace, in front of the convolution's own. */
size_t conv_end_workspace(const struct conv_end *end, int channels);
void *conv_end_behind(
    const struct step *s, const struct conv_end *end, int channels); /* the convolution's own */
/* Fills scale, b, map and act of c; the end's inputs are s->in[first] and on, c->b is the
 * convolution's own bias. */
void conv_end_apply(
    const struct step *s, const struct conv_end *end, int first, int channels, struct conv *c);

#endif
