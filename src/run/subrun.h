/* SPDX-License-Identifier: Apache-2.0 */
/* A run inside another's folder: a fold, or a network of hard attention. Its options are stored
 * (train/run_options.h), so that it can start later and in another process. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

struct subrun {
    const char *path, *dataset, *data; /* data: new place of the data set, or NULL */
    const json_t *options;
    const struct options *table; /* options of `train`, any values */
};
/* Resume the run, or start it. Not for a finished run. */
att_status subrun_train(const struct train_context *c, const struct subrun *s, struct err *e);

/* A run whose folder contains such runs and a JSON file (`plan`) with the keys "dataset", "options"
 * and "cut". */
struct subrun_owner {
    const char *file, *first; /* names of that file and of the first run */
    bool shared;              /* other processes may train its runs, too */
    att_status (*read)(const char *run, json_t **plan, struct err *e);
    /* Splits the cases among the runs. The file's "cut" has the first result: later runs must fit
     * earlier ones. */
    att_status (*cut)(const struct train_context *c, const char *dataset, const struct options *o,
        json_t **cut, struct err *e);
    bool (*pending)(const char *run, const json_t *plan); /* true if a run has not started */
    /* Trains unfinished runs. */
    att_status (*train)(const struct train_context *c, const char *run, const json_t *plan,
        const struct train_more *more, struct err *e);
};
/* If shared, joins a run with the same settings instead of beginning one. Locks a new folder,
 * writes the file and RUN/settings.json (unless `settings` is NULL), and trains with the options
 * `table`. Leaves nothing behind if the first run could not start. */
att_status subrun_start_all(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, json_t *plan, json_t *settings, const struct options *table, struct err *e);
att_status subrun_resume_all(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, const struct train_more *more, struct err *e);
