/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of a built run. */
#pragma once

#include "train/training.h"

enum { TRAINING_BAD_STEPS = 10 }; /* successive ones without a finite gradient end training */

/* For timing, before the first step of this process: a step with learning rate 0, which keeps
 * parameters and running statistics. Call training_reset_moments() afterwards. */
att_status training_try_step(struct training *t, int64_t step, struct err *e);
att_status training_reset_moments(struct training *t, struct err *e);
/* One update. A step without finite loss, gradient and statistics changes nothing;
 * TRAINING_BAD_STEPS in a row are ATT_USAGE. */
att_status training_step(struct training *t, struct err *e);
/* After bad last steps, checks the network on further batches, which change nothing. */
att_status training_check_last(struct training *t, struct err *e);
att_status training_check_finite(
    const struct training *t, struct err *e); /* others are never saved */
struct order;
/* Of a rank that follows: does what rank 0 orders (lead.h). */
att_status training_obey(struct training *t, const struct order *o, struct err *e);
double training_rate(const struct training *t, int64_t step); /* the learning rate */
