/* SPDX-License-Identifier: Apache-2.0 */
/* Training: one run folder, from start or from its checkpoint. */
#pragma once

#include "train/train_context.h"

/* Starts RUN (a new folder) on DATASET with the options of the command `train`; ends with the
 * model, logs and a summary in the folder. With
 * --fold all RUN holds a run for every fold (folds.h). */
att_status train_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e);
/* Resumes from RUN's checkpoint. */
att_status train_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e);

extern const struct train_runs train_runs; /* these two */
