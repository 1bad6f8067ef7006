/* SPDX-License-Identifier: Apache-2.0 */
/* How long stages 2 and 3 of a hard model are: parts of them are timed, and the numbers fixed
 * before the first step. */
#pragma once

#include "hard/hard_step.h"

/* h->views and h->held_views: as many as were asked for, if they fit into memory and half of the
 * stage's time. */
att_status hard_length_views(struct hard_training *h, struct err *e);
/* h->policy_steps: as given, or for the time that is left of the stage's, or twice as many as the
 * fine net had. */
att_status hard_length_alone(
    struct hard_training *h, struct hard_cache *cache, struct hard_cache *holdout, struct err *e);
/* h->joint_steps, and the nets' rates: as given, or for the time that is left of the stage's, which
 * began at `began`, or half as many as the fine net had. */
att_status hard_length_joint(
    struct hard_training *h, struct hard_joint *j, int64_t fine_steps, double began, struct err *e);
/* How many joint steps end `seconds` from now. The moments begin anew. */
att_status hard_length_more(
    struct hard_training *h, struct hard_joint *j, double seconds, int64_t *steps, struct err *e);
