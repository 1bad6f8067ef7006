/* SPDX-License-Identifier: Apache-2.0 */
/* Ends a run at a given time, even if steps become slower or faster. */
#pragma once

#include "train/training.h"

/* Number of steps of `step` seconds for `left` seconds: `planned` if nearly as many fit, else as
 * many as fit, at least one. */
int64_t deadline_steps(double left, double step, int64_t planned);

/* After each step of a run with a deadline (train_context). Whenever an eighth of the remaining
 * time has passed, adapts the length to the step time; the learning rate continues without a jump
 * (schedule.h). Updates settings and record. */
att_status deadline_keep(struct training *t, struct err *e);
