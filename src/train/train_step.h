/* SPDX-License-Identifier: Apache-2.0 */
/* One step of a run that is built. */
#pragma once

#include "train/training.h"

enum { TRAINING_BAD_STEPS = 10 }; /* in a row, without a finite gradient, are the end */

/* For timing, before the first step of this process: a step with a learning rate of 0, which leaves
 * parameters and running statistics as they were, but not the moments and the average; those begin
 * anew with training_reset_moments(). */
att_status training_try_step(struct training *t, int64_t step, struct err *e);
void training_reset_moments(struct training *t);
/* One update. A step without finite loss, gradient and statistics changes nothing; ten of them in a
 * row are ATT_USAGE. */
att_status training_step(struct training *t, struct err *e);
/* Before the numbers are used: after bad steps at the end it tries more batches, which change
 * nothing. */
att_status training_settle(struct training *t, struct err *e);
att_status training_check_finite(
    const struct training *t, struct err *e); /* numbers that are not are never written */
double training_rate(const struct training *t, int64_t step); /* the learning rate */
