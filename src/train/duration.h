/* SPDX-License-Identifier: Apache-2.0 */
/* How many steps fit into a time: parts of the run are timed on this machine, and the number is
 * fixed before the first step. */
#pragma once

#include "train/training.h"

/* Seconds of one step: the mean of a few, over about `limit` seconds, that change nothing but the
 * moments and the average, which begin anew. */
att_status duration_step(struct training *t, double limit, double *seconds, struct err *e);

/* Times a step and a validation; changes nothing. Before the moments of a checkpoint are read:
 * those are reset. `seconds` is the time that the run is given, of which measuring may take a few
 * percent. */
att_status duration_measure(struct training *t, double seconds, struct err *e);

/* Fixes recipe.steps such that the steps that are still to be done, with their validations and
 * checkpoints, end `seconds` after t->began. With `choose` it decides how often there is a
 * validation, too: a few times, while that takes no more than a tenth of the time. */
void duration_fit(struct training *t, double seconds, bool choose);
/* The same, and says it. */
void duration_settle(struct training *t, double seconds, bool choose);
/* Saves a checkpoint, and notes how long that takes. */
att_status duration_save(struct training *t, struct err *e);
