/* SPDX-License-Identifier: Apache-2.0 */
/* Training and validation cases by `fold`, `folds`, `holdout`, `stratify`, `train-list` and
 * `val-list`. */
#pragma once

#include "base/options.h"
#include "dataset/split.h"
#include "train/train_context.h"

/* The rule in the options. Stratified folds read all labels, for d->present. */
att_status split_options_rule(const struct options *o, struct dataset *d, struct pool *pool,
    struct host *host, struct split_rule *rule, struct err *e);
att_status split_options_choose(const struct options *o, const struct train_context *c,
    struct dataset *d, struct split *s, struct err *e);
/* "4 cases train, 1 validates". */
enum { SPLIT_SUMMARY = 64 };
const char *split_summary(const struct split *s, char text[SPLIT_SUMMARY]);
