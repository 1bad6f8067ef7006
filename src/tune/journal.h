/* SPDX-License-Identifier: Apache-2.0 */
/* OUT/journal.jsonl: what a search did, one JSON object per line. Each line is synced to disk
 * before the work that follows from it, so a killed search can continue. Lines by "event":
 * - begin: the definition of the search: "format", "dataset", "options" as given, "space",
 *   "fixed", "plan", "rungs", "eta" (setup.c)
 * - cases: the lists of cases are written; "counts"
 * - trial: a new trial; "trial", "settings", "seconds" of training
 * - on: a trial continues; "trial", "rung", "seconds"
 * - result: "trial", "rung", "dice", "classes", "steps", "seconds" of this job, "spent" in total;
 *   "cut" if it had less time
 * - failed: "trial", "rung", "why", "spent"
 * - dropped: "trial"; its files were removed
 * - stopped: "spent"; the process was stopped
 * - final: "trial" whose settings train on all cases, "seconds"
 * - barred: "trial", "seconds", "why", "spent"; the last run failed with its settings
 * - done: "dice", "classes", "steps", "spent" */
#pragma once

#include <jansson.h>

#include "base/status.h"

/* All lines as an array, empty without a file. Removes an incomplete last line from the file; other
 * damage is ATT_DATA. */
att_status journal_read(const char *path, json_t **lines, struct err *e);
/* the same, without changing the file */
att_status journal_peek(const char *path, json_t **lines, struct err *e);
/* Append `line` to the file and then to `lines`; takes its reference. */
att_status journal_add(const char *path, json_t *lines, json_t *line, struct err *e);

const char *journal_event(const json_t *line); /* "" without one */
/* reason of a failed trial; NULL: it did not fail */
const char *journal_why(const json_t *lines, int trial);
