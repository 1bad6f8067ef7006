/* SPDX-License-Identifier: Apache-2.0 */
/* Number of steps for a given time, from timing parts of the run before the first step. */
#pragma once

#include "train/training.h"

/* Mean seconds of a few steps, over about `limit` seconds. They change nothing, but reset moments
 * and average. */
att_status duration_step(struct training *t, double limit, double *seconds, struct err *e);

/* Times a step and a validation, within a few percent of `seconds`, the run's time. Call it before
 * reading a checkpoint's moments, which it resets. */
att_status duration_measure(struct training *t, double seconds, struct err *e);

/* Sets recipe.steps so that the remaining steps, validations and checkpoints end `seconds` after
 * t->began. choose: also sets how often to validate: a few times, within a tenth of the time. */
void duration_fit(struct training *t, double seconds, bool choose);
/* The same, with log messages. */
void duration_set(struct training *t, double seconds, bool choose);
/* Saves and times a checkpoint. */
att_status duration_save(struct training *t, struct err *e);
