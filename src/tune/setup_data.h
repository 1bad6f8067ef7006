/* SPDX-License-Identifier: Apache-2.0 */
/* What a search fixes about its data before it begins. */
#pragma once

#include "dataset/dataset.h"
#include "tune/setup.h"

/* Choose the cases of the score (split_options.h; fold 0 by default), and the others' cases for
 * comparing trials: the next fold of splits_final.json, else a fold of the same rule, with
 * whole groups. Writes the lists into OUT and their lengths to t->cases. */
att_status setup_cases(struct tuning *t, struct dataset *d, struct err *e);

/* Plan the last run and keep its patch, batch and grid in t->plan for the shorter trials. Refuses a
 * named value with which no run can be planned. */
att_status setup_plan(struct tuning *t, struct dataset *d, struct err *e);

/* Add the usual search space, starting with t->usual, and log it. */
att_status setup_usual(struct tuning *t, struct err *e);
