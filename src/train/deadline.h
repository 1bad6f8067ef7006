/* SPDX-License-Identifier: Apache-2.0 */
/* A run that has to end at a time, whatever else the machine does: called by the training loop
 * after every step. */
#pragma once

#include "train/training.h"

/* The number of steps for a run that has `left` seconds for steps of `step` seconds and would do
 * `planned` more: that many where it comes to nearly the same, else as many as fit, at least one.
 */
int64_t deadline_steps(double left, double step, int64_t planned);

/* Of a run with a deadline (train_context), whenever an eighth of what was left has passed: if
 * steps take another time than they did, the run gets another length, to which the learning rate
 * goes over without a jump (schedule.h); settings and record say so. */
att_status deadline_keep(struct training *t, struct err *e);
