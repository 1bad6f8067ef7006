/* SPDX-License-Identifier: Apache-2.0 */
/* Whether averaging over mirror images helps, tried on validation cases at the end of a training.
 * The model records it, and prediction follows it by default. */
#pragma once

#include "train/training.h"

/* Cases to try; 0: none. Counts work, not seconds, so that a seed gives the same model everywhere.
 */
int mirror_check_cases(int64_t steps, int batch, int axes, double passes, int cases);
/* Seconds that trying may take in a run of `seconds` with this validation. */
double mirror_check_seconds(const struct training *t, double seconds);
/* Sets t->mirrored after the validation of the last step. */
att_status mirror_check(struct training *t, struct err *e);
