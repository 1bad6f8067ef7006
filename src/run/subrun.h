/* SPDX-License-Identifier: Apache-2.0 */
/* A run inside of another's folder, such as a fold or a net of a hard model: a run like any other.
 * How it is to begin is kept (train/run_options.h), so that it can begin later, and in another
 * process.
 */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

struct subrun {
    const char *path, *dataset, *data; /* data: where the data set has moved to, or NULL */
    const json_t *options;
    const struct options *table; /* options of the command `train`, whatever their values */
};
/* Resume the run, or start it. Not for a finished run. */
att_status subrun_go(const struct train_context *c, const struct subrun *s, struct err *e);

/* A run whose folder holds such runs, and a file that says how they are trained: JSON with the keys
 * "dataset", "options" and "cut". */
struct subrun_owner {
    const char *file, *first; /* the names of that file, and of the first of the runs */
    att_status (*read)(const char *run, json_t **how, struct err *e);
    /* How the cases of a data set are shared out among the runs, as the file's key "cut" says it of
     * when they began: one that begins later has to fit those before it. */
    att_status (*cut)(const struct train_context *c, const char *dataset, const struct options *o,
        json_t **cut, struct err *e);
    bool (*begins)(const char *run, const json_t *how); /* whether one is still to begin */
    /* Trains what is not finished yet; `more` has the table of options, and where the data set has
     * moved to. */
    att_status (*go)(const struct train_context *c, const char *run, const json_t *how,
        const struct train_more *more, struct err *e);
};
/* Makes the folder, takes its lock, writes the file, and RUN/settings.json unless `settings` is
 * NULL, and goes; when the first run could not begin, nothing is left behind.  `table`: the options
 * with which it begins. */
att_status subrun_start_all(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, json_t *how, json_t *settings, const struct options *table, struct err *e);
att_status subrun_resume_all(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, const struct train_more *more, struct err *e);
