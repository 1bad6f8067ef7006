/* SPDX-License-Identifier: Apache-2.0 */
/* Folds by a rule; called by split.c. */
#pragma once

#include "dataset/split.h"

/* 1 for each of the `n` cases of `list` that validates in a fold (split_fold), else 0. ATT_USAGE
 * for an unknown fold, ATT_DATA for too few cases or groups. */
att_status split_cut(const struct dataset *d, const struct split_rule *rule, const int *list, int n,
    int fold, int *validates, struct err *e);
/* Number of folds the rule makes of all cases; 0: too few. */
att_status split_cut_count(const struct dataset *d, const struct split_rule *rule, const int *list,
    int n, int *count, struct err *e);
