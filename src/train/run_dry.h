/* SPDX-License-Identifier: Apache-2.0 */
/* What trainings would write: --dry-run; called where each would make its first file. */
#pragma once

#include "train/training.h"

/* A run that is ready for its first step, or to go on. `more`: how much longer it is to be; NULL:
 * it begins. */
void run_dry_run(const struct training *t, const struct train_more *more);
/* The files of stages 2 and 3 of hard attention (joint: 3 alone), whose fine net has these options;
 * of the masks the folder. */
void run_dry_run_hard(
    const struct train_context *c, const char *run, const json_t *options, bool joint);
/* The files of several folds together. */
void run_dry_run_folds(const struct train_context *c, const char *run);
