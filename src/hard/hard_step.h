/* SPDX-License-Identifier: Apache-2.0 */
/* One step of stage 2 or 3 of a hard model. */
#pragma once

#include "hard/hard_cache.h"
#include "hard/hard_state.h"

double hard_rate(const struct hard_training *h, int64_t step); /* the policy's learning rate */
double hard_joint_lr(const struct hard_training *h);           /* its maximum in stage 3 */

/* Call at the start of each step. */
void hard_begin_step(struct hard_training *h);
/* Call at its end: updates the policy, unless a gradient is not finite, and adds to the sums of the
 * next log row. Fails after TRAINING_BAD_STEPS such steps in a row. */
void hard_add_report(struct hard_sums *sums, const struct reinforce_report *report, double weight);
att_status hard_update(struct hard_training *h, const struct hard_sums *sums, struct err *e);

/* ---- stage 2: each step draws some cached views */

/* Builds the policy's networks for the views' grids. */
att_status policy_stage_prepare(
    struct hard_training *h, const struct hard_cache *cache, struct err *e);
/* For an untrained policy: scores start as the coarse foreground probability. */
att_status policy_stage_init(
    struct hard_training *h, const struct hard_cache *cache, struct err *e);
/* Mean reward of the likeliest choices in all cached views. */
double policy_stage_evaluate(struct hard_training *h, struct hard_cache *cache);
/* Fits the model's temperature (policy/temperature.h) to the cached views. */
att_status policy_stage_temperature(
    struct hard_training *h, struct hard_cache *cache, struct err *e);
/* A trial, from 1, is for timing: it draws like the step that many ahead and updates nothing. 0: a
 * real step. */
att_status policy_stage_step(
    struct hard_training *h, struct hard_cache *cache, int trial, struct err *e);

/* ---- stage 3: the policy learns from sampled choices in a view of any case, with each drawn tile
 * computed once. The fine network learns from patches, some around chosen tiles; the coarse network
 * from patches anywhere. */

struct hard_joint;
/* Both networks must be built. */
att_status hard_joint_create(struct hard_training *h, struct hard_joint **j, struct err *e);
void hard_joint_free(struct hard_joint *j);                                 /* NULL is fine */
att_status hard_joint_step(struct hard_joint *j, int trial, struct err *e); /* as above */
