/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-validation (`fold` all). RUN/fold_0, RUN/fold_1, ... are ordinary runs, trained one after
 * another, or by several processes that share RUN: each takes the lease on a fold. RUN/folds.json
 * has what resuming needs. RUN/summary.json and RUN/postprocess.json cover all cases, each
 * predicted by the network that did not train on it. */
#pragma once

#include "train/train_context.h"

bool folds_wanted(const struct options *o); /* `fold` all */
bool folds_exist(const char *run);
/* folds.json; ATT_DATA for one that is damaged, or has keys or a format of another version. */
att_status folds_read_json(const char *run, json_t **j, struct err *e);

/* Continues a run that began with the same settings. */
att_status folds_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e);
/* Skips finished folds, resumes an interrupted one, starts the others. Joins folds that were
 * trained separately. */
att_status folds_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e);
