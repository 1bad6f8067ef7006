/* SPDX-License-Identifier: Apache-2.0 */
/* Folds by a rule; called by split.c. */
#ifndef DATASET_SPLIT_CUT_H
#define DATASET_SPLIT_CUT_H

#include "dataset/split.h"

/* Which of the `n` cases of `list` validate in a fold, as split_fold says: 1, or 0.  A fold that is
 * not there is ATT_USAGE, too few cases or groups are ATT_DATA. */
att_status split_cut(const struct dataset *d, const struct split_rule *rule, const int *list, int n,
    int fold, int *validates, struct err *e);
/* How many folds the rule makes of all cases; 0: they are too few. */
att_status split_cut_count(const struct dataset *d, const struct split_rule *rule, const int *list,
    int n, int *count, struct err *e);

#endif
