/* SPDX-License-Identifier: Apache-2.0 */
/* Early stopping: the policy of stage 2 with the highest reward on held-out cases (hard_holdout.h),
 * because a policy overfits its few cases before the stage ends. The reward is that of the
 * likeliest choices, measured before the first step and after every fortieth of the steps (in short
 * stages every fifth step). Without held-out cases the last policy stays. */
#pragma once

#include "hard/hard_cache.h"
#include "hard/hard_state.h"

enum { BEST_ROWS = 5 }; /* log rows between two evaluations */

/* Evaluates the policy. A new best (h->best) is written to RUN/before_joint.safetensors, with the
 * whole model. */
att_status hard_best_update(struct hard_training *h, struct hard_cache *holdout, struct err *e);
/* At the end of the stage: evaluates once more and restores the best policy. */
att_status hard_best_restore(struct hard_training *h, struct hard_cache *holdout, struct err *e);
