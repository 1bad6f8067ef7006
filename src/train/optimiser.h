/* SPDX-License-Identifier: Apache-2.0 */
/* One update of all parameters that have a gradient: SGD with Nesterov momentum, or AdamW, as torch
 * defines them. */
#pragma once

#include "graph/run.h"
#include "plan/recipe.h"

struct optimiser {
    enum optimiser_kind kind;
    double momentum, decay; /* AdamW: betas .9 and .999, eps 1e-8 */
    double clip;            /* largest norm of all gradients together; 0: no limit */
    struct buffer moments;
    real *m, *v; /* in it, laid out like params.data; v is NULL for SGD */
};

att_status optimiser_init(
    struct optimiser *o, const struct params *p, struct err *e); /* kind is set before */
void optimiser_reset(struct optimiser *o);                       /* as after optimiser_init */
void optimiser_free(struct optimiser *o);
/* Of all numbers of a network and of the optimiser's: finite where each of them is. */
double optimiser_squares(
    const struct optimiser *o, const struct params *p, const struct kernels *k, struct pool *pool);
/* `step` counts updates from 1. Returns the gradients' norm before clipping; NaN or infinity:
 * nothing was changed. */
double optimiser_step(struct optimiser *o, const struct run *r, double lr, int64_t step);
