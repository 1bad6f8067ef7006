/* SPDX-License-Identifier: Apache-2.0 */
/* Training for a search: a run in a folder of OUT, begun, gone on with, or trained on. */
#ifndef TUNE_JOB_H
#define TUNE_JOB_H

#include "tune/setup.h"

struct job {
    const char *path;      /* of the run */
    const json_t *options; /* {option of `train`: text}: how it begins */
    int64_t done;          /* steps at which it ended before; 0: it has not begun */
    double seconds;        /* to train for from now on; 0: `steps` more */
    int64_t steps;
    double deadline, ending; /* as of train_context */
};

struct outcome {
    double dice;     /* mean over cases, then over classes; NaN: no class had one */
    json_t *classes; /* {value of the label: Dice}, a new reference */
    int64_t steps;   /* trained in all */
    double ending;   /* seconds from its last step to its end: validation, report */
};

/* Trains until the job is done, whatever an earlier process has done of it, and reads what it came
 * to.  ATT_INTERRUPTED: it is saved. *refused: the settings cannot be trained (or the numbers
 * diverged, or memory did not suffice), which says nothing about other settings; the status is then
 * ATT_OK, and the sentence is in `why`. */
att_status job_run(const struct tuning *t, const struct job *j, struct outcome *o, bool *refused,
    struct err *why, struct err *e);

/* Removes what only going on needs; with `all` also the model. */
void job_clean(const char *path, bool all);

#endif
