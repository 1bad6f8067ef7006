/* SPDX-License-Identifier: Apache-2.0 */
/* The lengths of stages 2 and 3. They are fixed before the first step, from timed trials. */
#pragma once

#include "hard/hard_step.h"

/* Sets h->views and h->holdout_views: the requested number, reduced to fit into memory and half of
 * the stage's time. */
att_status hard_length_views(struct hard_training *h, struct err *e);
/* Sets h->policy_steps: the setting, else what fits into the stage's remaining time, else twice the
 * fine network's steps. */
att_status hard_length_policy(
    struct hard_training *h, struct hard_cache *cache, struct hard_cache *holdout, struct err *e);
/* Sets h->joint_steps and the networks' schedules: the setting, else what fits into the time left
 * of a stage begun at `began`, else half the fine network's steps. */
att_status hard_length_joint(
    struct hard_training *h, struct hard_joint *j, int64_t fine_steps, double began, struct err *e);
/* How many joint steps fit into the next `seconds`. Resets the moments. */
att_status hard_length_more(
    struct hard_training *h, struct hard_joint *j, double seconds, int64_t *steps, struct err *e);
