/* SPDX-License-Identifier: Apache-2.0 */
/* The cases and the plan of a search. */
#pragma once

#include "dataset/dataset.h"
#include "tune/tuning.h"

/* Choose the cases of the score (split_options.h; fold 0 by default), and from the others those
 * that compare trials: the next fold of splits_final.json, else a fold of the same rule, with whole
 * groups. Writes the lists into OUT and their lengths to t->cases. */
att_status setup_cases(struct tuning *t, struct dataset *d, struct err *e);

/* Plan the last run and store its patch, batch and grid in t->plan for the shorter trials. Refuses
 * a value with which no run can be planned. */
att_status setup_plan(struct tuning *t, struct dataset *d, struct err *e);

/* Add the default search space, starting with t->train_defaults, and log it. */
att_status setup_default_space(struct tuning *t, struct err *e);
