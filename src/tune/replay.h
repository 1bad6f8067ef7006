/* SPDX-License-Identifier: Apache-2.0 */
/* State of an earlier search from its journal. */
#pragma once

#include "tune/setup.h"

/* Begins t->search and tells it everything that the journal holds; t->spent becomes what was spent
 * when the last line was written that says so (a process that was killed after it had that time for
 * nothing, which is not held against the budget).  A journal whose lines do not follow from each
 * other is ATT_DATA; of any other what the functions below name is in t->search. */
att_status replay(struct tuning *t, struct err *e);

/* The unfinished job; false: none. */
bool replay_open(const json_t *lines, struct search_job *job, double *seconds, bool *cut);
int64_t replay_steps(const json_t *lines, int trial); /* of a trial at its last result; 0: none */
/* Seconds from the last step of a trial's last result to its end; 0: unknown. */
double replay_ending(const json_t *lines, int trial);
/* the trial chosen for the last run; -1: none yet, or barred */
int replay_final(const json_t *lines);
/* the last line of this event, or NULL */
const json_t *replay_last(const json_t *lines, const char *event);
