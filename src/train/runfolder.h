/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a run: checks, settings, and leftovers of killed processes. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/host.h"

/* ATT_USAGE unless the folder of a new run is new or empty. The lock and temporary files of a
 * killed process are allowed, and removed (file_sweep) unless `dry`. */
att_status runfolder_check(const char *run, bool dry, struct err *e);
/* Its settings.json; NULL if missing, ATT_DATA if damaged. */
att_status runfolder_settings(const char *run, json_t **j, struct err *e);
/* Settings of a model's run, from RUN or RUN/model.safetensors; NULL if missing or damaged. */
json_t *runfolder_settings_of(const char *model);
/* On which device a run, or the first of its folds, trained last: "cpu", "gpu:0"; for mem_free.
 * NULL: its settings.json is missing or damaged, or does not say. */
att_status runfolder_device(const char *run, char **device, struct err *e);
/* ATT_IO: the data set is missing; `command` takes its new path. */
att_status runfolder_no_data(
    const char *dataset, const char *command, const char *run, struct err *e);
/* Stores the new path of the data set in settings.json, if that exists. ATT_IO for a wrong path. */
att_status runfolder_set_data(const char *run, const char *dataset, struct err *e);
/* While a run trains, the file RUN/stop ends it, as do those of enclosing runs. Pass *path to
 * runfolder_unwatch; NULL in a dry run and without a host. */
att_status runfolder_watch(const char *run, struct host *host, char **path, struct err *e);
/* Removes the file after success or a stop; after an error it may be somebody else's. Returns the
 * status. */
att_status runfolder_unwatch(struct host *host, char *path, att_status status);
/* ATT_IO before any work: a name that a run writes is a link, a pipe or a device. */
att_status runfolder_check_files(const char *run, struct err *e);
/* Removes temporary files of killed processes. */
void runfolder_sweep(const char *run);
