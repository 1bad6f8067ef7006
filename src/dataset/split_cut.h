/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts folds by a rule; called by split.c. */
#pragma once

#include "dataset/split.h"

/* Sets validates[i] to 1 if entry i of `list` validates in the fold (split_fold), else 0. ATT_USAGE
 * for an unknown fold, ATT_DATA for too few cases or groups. */
att_status split_cut(const struct dataset *d, const struct split_rule *rule, const int *list, int n,
    int fold, int *validates, struct err *e);
/* Number of folds that the rule makes of the listed cases; 0: too few. */
att_status split_cut_count(const struct dataset *d, const struct split_rule *rule, const int *list,
    int n, int *count, struct err *e);
