/* SPDX-License-Identifier: Apache-2.0 */
/* Training for a search: start, resume or extend a run in a folder of OUT. */
#pragma once

#include "tune/tuning.h"

struct job {
    const char *path;      /* of the run */
    const json_t *options; /* {option of `train`: text} to start it */
    int64_t done;          /* steps at its previous end; 0: not started */
    double seconds;        /* training time from now on; 0: `steps` more */
    int64_t steps;
    double deadline, ending; /* as in train_context */
};

struct outcome {
    double dice;     /* mean over cases, then over classes; NaN: no class had one */
    json_t *classes; /* {label value: Dice}, a new reference */
    int64_t steps;   /* total trained */
    double ending;   /* seconds from its last step to its end: validation, report */
};

/* Train until the job is done, counting steps of earlier processes, and read the result.
 * ATT_INTERRUPTED: saved. *refused: these settings cannot be trained (or diverged, or ran out of
 * memory); then the status is ATT_OK and `why` has the message. */
att_status job_run(const struct tuning *t, const struct job *j, struct outcome *o, bool *refused,
    struct err *why, struct err *e);

/* Remove files needed only to resume; `all`: the model, too. */
void job_clean(const char *path, bool all);
