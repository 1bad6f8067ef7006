/* SPDX-License-Identifier: Apache-2.0 */
/* What a search fixes about its data before it begins. */
#ifndef TUNE_SETUP_DATA_H
#define TUNE_SETUP_DATA_H

#include "dataset/dataset.h"
#include "tune/setup.h"

/* Which cases the score is of (sharing.h; fold 0 unless it is said), and which of the others
 * compare trials: of splits_final.json the next fold's, else a fold of the same rule, groups kept
 * whole.  Writes the lists into OUT and counts them in t->cases. */
att_status setup_cases(struct tuning *t, struct dataset *d, struct err *e);

/* Plans the last run and keeps its patch, batch and grid in t->plan, so that trials, which are
 * shorter, train on them, too.  A value that the user named and no run could be planned with is
 * refused. */
att_status setup_plan(struct tuning *t, struct dataset *d, struct err *e);

/* Adds the usual search space, beginning with t->usual, and says what it searches. */
att_status setup_usual(struct tuning *t, struct err *e);

#endif
