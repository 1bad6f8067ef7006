/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-validation: --fold all.  RUN/fold_0, RUN/fold_1, ... are runs like any other, trained one
 * after another; RUN/folds.json says how, so that it can be resumed at any point;
 * RUN/summary.json and RUN/postprocess.json are about all cases, each predicted by the network that
 * has not seen it. */
#pragma once

#include "train/train_context.h"

bool folds_wanted(const struct options *o); /* --fold all */
bool folds_exist(const char *run);          /* whether RUN is such a run */

att_status folds_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e);
/* Finished folds are skipped, an interrupted one goes on, the others begin.  Those that were
 * trained apart become such a run. */
att_status folds_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e);
