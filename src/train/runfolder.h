/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a run: whether a new run may be made there, and what a killed process left in it.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/host.h"

/* A run never overwrites another: its folder must be new or empty (ATT_USAGE). A process that was
 * killed before its first checkpoint left no more than the lock and temporaries, which are removed
 * (file_sweep) unless `dry`; in a folder with anything else nothing is touched. */
att_status runfolder_check(const char *run, bool dry, struct err *e);
/* Its settings.json; NULL where there is none, one that is damaged is ATT_DATA. */
att_status runfolder_settings(const char *run, json_t **j, struct err *e);
/* Those of the run that a model is of: RUN itself, or RUN/model.safetensors; NULL where there are
 * none, or they are damaged. */
json_t *runfolder_settings_of(const char *model);
/* ATT_IO: its data set is not where it was; `command` takes the new place. */
att_status runfolder_lost(const char *dataset, const char *command, const char *run, struct err *e);
/* The run's settings.json, if it has one, names the folder in which its data set is now; a path
 * that is none is ATT_IO. */
att_status runfolder_moved(const char *run, const char *dataset, struct err *e);
/* While a run is trained, the file RUN/stop ends it, and so those of the runs that it is in.  *path
 * goes to runfolder_unwatch; NULL in a dry run and without a host. */
att_status runfolder_watch(const char *run, struct host *host, char **path, struct err *e);
/* The file has done its work, or came too late; in a folder that turned out to be no run it is
 * somebody else's.  Returns the status. */
att_status runfolder_unwatch(struct host *host, char *path, att_status status);
/* Removes temporaries of killed processes from a run's folder. */
void runfolder_sweep(const char *run);
