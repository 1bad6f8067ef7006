/* SPDX-License-Identifier: Apache-2.0 */
/* The exponential moving average of the weights (Polyak and Juditsky 1992; with this ramp, as in
 * TensorFlow's ExponentialMovingAverage): after the update of step t, counted from 0, average =
 * d*average + (1 - d)*weights with d = min(decay, (1 + t)/(10 + t)).
 *
 * The running statistics of norms are averaged in the same way.  They belong to the weights they
 * were measured under: a running mean is linear in the weights of the layer below it, so the
 * average of the means is, to first order, the mean under the average of the weights; a copy of the
 * newest statistics would belong to the newest weights. */
#pragma once

#include "kernel/kernel.h"
#include "model/model.h"

struct average {
    double decay;          /* set before average_init; 0: no average is kept */
    struct buffer numbers; /* as of params */
    real *data, *state;
};

/* The average begins as the parameters are. */
att_status average_init(struct average *a, const struct params *p, struct err *e);
void average_reset(struct average *a, const struct params *p); /* as after average_init */
void average_free(struct average *a);
/* After the update of `step`. Parameters that `trained` (one flag per parameter) leaves out have
 * not changed and are ignored. */
void average_update(struct average *a, const struct params *p, const bool *trained, int64_t step,
    const struct kernels *k, struct pool *pool);

/* The parameters with the average's numbers in their place: a view, not to be freed.  The
 * parameters themselves when there is no average.
 */
struct params average_params(const struct average *a, const struct params *p);
/* The same for a whole model: what validates, and what is written to be predicted with. */
struct model average_model(const struct average *a, const struct model *m);
