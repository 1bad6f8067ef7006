/* SPDX-License-Identifier: Apache-2.0 */
/* State of an earlier search from its journal. */
#pragma once

#include "tune/tuning.h"

/* Begins t->search and applies the journal to it. Sets t->spent to the seconds in the last line
 * that has them: the budget ignores time of a killed process after that line. ATT_DATA if lines
 * contradict each other; otherwise trials named by the functions below exist in t->search. */
att_status replay(struct tuning *t, struct err *e);
att_status replay_more(struct tuning *t, struct err *e); /* lines added since */
/* Gives the search the results of the jobs before number `seen`; false: one has none yet. */
bool replay_see(struct tuning *t, int seen);

double replay_spent(const json_t *lines); /* seconds in the last line that has them */
const json_t *replay_result(const json_t *lines, int trial); /* a trial's last result, or NULL */
/* the trial chosen for the last run; -1: none yet, or barred */
int replay_final(const json_t *lines);
/* the last line of this event, or NULL */
const json_t *replay_last(const json_t *lines, const char *event);
