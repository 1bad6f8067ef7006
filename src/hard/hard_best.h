/* SPDX-License-Identifier: Apache-2.0 */
/* Which policy of stage 2 is taken: of the one that it began as and those after every fortieth of
 * its steps (of short stages: every fifth step), the one whose likeliest choices are worth most on
 * views of the cases that were held back (hard_holdout.h).  A policy has few cases to learn from,
 * and knows them by heart before the stage is over.  Where no case is held back it is the last one.
 */
#pragma once

#include "hard/hard_cache.h"
#include "hard/hard_state.h"

enum { BEST_ROWS = 5 }; /* from look to look, in rows of the log */

/* The policy as it is now: if it is better than all before (h->best), the model with it is written
 * to RUN/before_joint.safetensors. */
att_status hard_best_look(struct hard_training *h, struct hard_cache *holdout, struct err *e);
/* At the end of the stage: a last look, and the best one takes the place of the policy that there
 * is now. */
att_status hard_best_take(struct hard_training *h, struct hard_cache *holdout, struct err *e);
