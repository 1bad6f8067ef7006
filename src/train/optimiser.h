/* SPDX-License-Identifier: Apache-2.0 */
/* Updates of all parameters with a gradient: SGD with Nesterov momentum, or AdamW, as in torch. */
#pragma once

#include "graph/run.h"
#include "plan/recipe.h"

struct optimiser {
    enum optimiser_kind kind;
    double momentum, decay; /* AdamW: betas .9 and .999, eps 1e-8 */
    double clip;            /* maximum norm of all gradients together; 0: none */
    struct buffer moments;
    real *m, *v; /* in it, laid out like params.data; v is NULL for SGD */
};

att_status optimiser_init(
    struct optimiser *o, const struct params *p, struct err *e); /* set `kind` first */
void optimiser_reset(struct optimiser *o);                       /* as after optimiser_init */
void optimiser_free(struct optimiser *o);
/* Sum of squares of weights, statistics and moments; finite if each of them is. */
double optimiser_squares(
    const struct optimiser *o, const struct params *p, const struct kernels *k, struct pool *pool);
/* `step` counts updates from 1. Returns the gradients' norm before clipping; NaN or infinity:
 * nothing was changed. */
double optimiser_step(struct optimiser *o, const struct run *r, double lr, int64_t step);
