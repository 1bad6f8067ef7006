/* SPDX-License-Identifier: Apache-2.0 */
/* `attunet tune --repeat N`: train every combination of the given values N times, with different
 * seeds and equal length, and compare them on the validation cases. Nothing is chosen, so no
 * further cases are held out. */
#pragma once

#include "tune/trial_log.h"
#include "tune/tuning.h"

/* Train the runs missing in the journal, the first seed of all combinations first. Ends with the
 * line "done". */
att_status repeat_run(struct tuning *t, struct trial_log *v, struct err *e);

/* Write OUT/compare.json and report.html. *result, a new reference: "all" has the result of
 * measure/compare.h, arms named by settings, each against the first; "classes": the same by class,
 * {label value: ...}; "seconds" of a run, "spent", "failed" arms. */
att_status repeat_write(const struct tuning *t, json_t **result, struct err *e);
