/* SPDX-License-Identifier: Apache-2.0 */
/* `attunet tune --repeat N`: no search, but every combination of the values that are named, trained
 * N times with seeds of their own, equally long, on the cases that train, and compared on those
 * that validate.  Nothing is chosen, so these need not be kept for an end. */
#ifndef TUNE_VERSUS_H
#define TUNE_VERSUS_H

#include "tune/setup.h"
#include "tune/trial_log.h"

/* Trains what the journal does not have yet, all combinations with the first seed first; ends with
 * the line "done". */
att_status versus_run(struct tuning *t, struct trial_log *v, struct err *e);

/* OUT/compare.json and report.html.  *result, a new reference: what measure/compare.h gives, each
 * arm against the first under the name of its settings, as "all", and the same of each class alone
 * under "classes": {value of the label: ...}; "seconds" of a run, "spent", "failed" arms. */
att_status versus_write(const struct tuning *t, json_t **result, struct err *e);

#endif
