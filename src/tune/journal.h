/* SPDX-License-Identifier: Apache-2.0 */
/* What a search did, a line of JSON for each thing: OUT/journal.jsonl.  Every line is on the disk
 * before what follows from it begins, so a killed search reads its past and continues.
 * Lines, by "event":
 *
 *   begin    all that the search is: "format", "dataset", "dims", "options" as given, "space",
 * "fixed", "plan", "rungs", "eta"  (setup.c) cases    the lists of cases are written: their
 * "counts" trial    a new trial: "trial", its "settings", "seconds" it may train on       a trial
 * goes on: "trial", "rung", "seconds" result   "trial", "rung", "dice", "classes", "steps",
 * "seconds" of this job, "spent" of all so far; "cut" when it had less time failed   "trial",
 * "rung", "why", "spent" dropped  "trial": its files were removed stopped  "spent": the process was
 * stopped final    "trial" whose settings train on all cases, "seconds" done     "dice", "classes",
 * "steps", "spent" */
#pragma once

#include <jansson.h>

#include "base/status.h"

/* All lines as an array, empty without a file. Removes an incomplete last line from the file; other
 * damage is ATT_DATA. */
att_status journal_read(const char *path, json_t **lines, struct err *e);
/* the same, without changing the file */
att_status journal_look(const char *path, json_t **lines, struct err *e);
/* Append `line` to the file and then to `lines`; takes its reference. */
att_status journal_add(const char *path, json_t *lines, json_t *line, struct err *e);

const char *journal_event(const json_t *line); /* "" without one */
/* reason of a failed trial; NULL: it did not fail */
const char *journal_why(const json_t *lines, int trial);
