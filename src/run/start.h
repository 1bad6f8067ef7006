/* SPDX-License-Identifier: Apache-2.0 */
/* Train a run folder, from the start or its checkpoint. */
#pragma once

#include "train/train_context.h"

/* Trains RUN, a new folder, on DATASET with the options of `train`, and writes model, logs and a
 * summary there; with `fold` all, one run per fold (folds.h). */
att_status train_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e);
/* From RUN's checkpoint. */
att_status train_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e);

extern const struct train_runs train_runs;
