/* SPDX-License-Identifier: Apache-2.0 */
/* Results of a search from its journal: OUT/tune.json, trials.csv, progress.csv, report.html. */
#pragma once

#include "tune/importance.h"
#include "tune/tuning.h"

/* After the last run. *result, a new reference, is tune.json: "dataset", "best" (a run), "trial",
 * "settings", "dice" and "classes" (of the last run, on cases that no trial saw), "inner_dice",
 * "cases", "seconds", "budget", "trials" (best first), "importance", "progress" ([[seconds, trial,
 * Dice, best so far]]), "definitions". */
att_status results_write(const struct tuning *t, json_t **result, struct err *e);
