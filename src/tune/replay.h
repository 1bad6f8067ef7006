/* SPDX-License-Identifier: Apache-2.0 */
/* What a journal says of a search that was begun before. */
#ifndef TUNE_REPLAY_H
#define TUNE_REPLAY_H

#include "tune/setup.h"

/* Begins t->search and tells it everything that the journal holds; t->spent becomes what was spent
 * when the last line was written that says so (a process that was killed after it had that time for
 * nothing, which is not held against the budget).  A journal whose lines do not follow from each
 * other is ATT_DATA; of any other what the functions below name is in t->search. */
att_status replay(struct tuning *t, struct err *e);

/* The job that was begun and has no result; false: there is none. */
bool replay_open(const json_t *lines, struct search_job *job, double *seconds, bool *cut);
int64_t replay_steps(
    const json_t *lines, int trial); /* that a trial had at its last result; 0: it has none */
/* Seconds that a trial's last result says its end took, after the last step; 0: it does not say. */
double replay_ending(const json_t *lines, int trial);
int replay_final(const json_t
        *lines); /* the trial that was chosen for the last run; -1: not yet, or it is barred */
const json_t *replay_last(
    const json_t *lines, const char *event); /* the last line of this event, or NULL */

#endif
