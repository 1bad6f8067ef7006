/* SPDX-License-Identifier: Apache-2.0 */
/* Splits cases into training and validation, by folds or lists. */
#pragma once

#include "dataset/dataset.h"

/* Indices into d->cases, sorted. */
struct split {
    int *train, ntrain, *val, nval;
};
/* How to cut folds; all 0: the data set's own folds. */
struct split_rule {
    int folds;      /* 0: 5 */
    bool by_group;  /* one fold per group, to validate on */
    bool stratify;  /* balance the sets of classes in cases over folds; needs d->present */
    double holdout; /* above 0: one fold; validates on this share of cases or groups */
    int cut;        /* for messages: first or second of two nested cuts; 0: only one */
};
/* Makes a fold, from 0. Without a rule it is from a list's fold column or splits_final.json, if the
 * data set has one. Else it is scikit-learn's over the sorted case names with random_state 12345
 * (numpy's RandomState: MT19937 and its legacy shuffle):
 *
 *                   cases             with groups (groups.h), which are never split
 *   folds           KFold(shuffle)    GroupKFold
 *   by_group                          LeaveOneGroupOut
 *   holdout         ShuffleSplit      GroupShuffleSplit, ceil(share * n) validate
 *   stratify        StratifiedKFold(shuffle), StratifiedGroupKFold; with holdout the first of 1 /
 * share folds
 *
 * `rule` and `list` may be NULL. `list` is a text file as for split_lists: folds then contain its
 * cases alone, also those of splits_final.json. */
att_status split_fold(const struct dataset *d, const struct split_rule *rule, const char *list,
    int fold, struct split *s, struct err *e);
/* Number of folds for these cases: 0 with too few cases or groups. */
att_status split_count(const struct dataset *d, const struct split_rule *rule, const char *list,
    int *count, struct err *e);
/* Whether the data set's own folds (a column or splits_final.json) keep these groups whole, or it
 * has none. `group`: by case, below the number of cases. */
att_status split_keeps_groups(
    const struct dataset *d, const int *group, bool *keeps, struct err *e);
/* Splits by text files of case names (endings and folders allowed). Without val_list (NULL) nothing
 * validates; without train_list all others but FOLD_OUT train. Groups must stay whole. */
att_status split_lists(const struct dataset *d, const char *train_list, const char *val_list,
    struct split *s, struct err *e);
/* All cases train, except FOLD_OUT. */
att_status split_all(const struct dataset *d, struct split *s, struct err *e);
int split_named_folds(const struct dataset *d); /* number of folds in the layout; 0: none */
void split_free(struct split *s);
/* KFold's test indices in ascending order; out has n entries; returns their number. */
int split_kfold(int n, int folds, uint32_t seed, int fold, int *out);
