/* SPDX-License-Identifier: Apache-2.0 */
/* Dry run of a training: lists the files. Called where it would create the first one. */
#pragma once

#include "train/training.h"

/* A built run. more: for a resumed run; NULL: a new one. */
void run_dry_run(const struct training *t, const struct train_more *more);
/* Stages 2 and 3 of hard attention (joint: only 3). options: of the fine network. */
void run_dry_run_hard(
    const struct train_context *c, const char *run, const json_t *options, bool joint);
/* Files about all folds together. */
void run_dry_run_folds(const struct train_context *c, const char *run);
