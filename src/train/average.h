/* SPDX-License-Identifier: Apache-2.0 */
/* Exponential moving average of the weights (Polyak and Juditsky 1992; ramp as in TensorFlow's
 * ExponentialMovingAverage): after step t, counted from 0, average = d*average + (1 - d)*weights
 * with d = min(decay, (1 + t)/(10 + t)).
 *
 * Running statistics are averaged, too. A running mean is linear in the weights of the layer below,
 * so to first order the averaged mean fits the averaged weights; the newest one would not. */
#pragma once

#include "kernel/kernel.h"
#include "model/model.h"

struct average {
    double decay;          /* set before average_init; 0: no average */
    struct buffer numbers; /* as of params */
    real *data, *state;
};

/* Starts from the parameters. */
att_status average_init(struct average *a, const struct params *p, struct err *e);
void average_reset(struct average *a, const struct params *p); /* as after average_init */
void average_free(struct average *a);
/* After the update of `step`. trained: one flag per parameter; the others have not changed. */
void average_update(struct average *a, const struct params *p, const bool *trained, int64_t step,
    const struct kernels *k, struct pool *pool);

/* A view of the averaged parameters, or of `p` without an average; do not free it. */
struct params average_params(const struct average *a, const struct params *p);
/* The same for a model, for validation and saved models. */
struct model average_model(const struct average *a, const struct model *m);
