/* SPDX-License-Identifier: Apache-2.0 */
/* Which cases of a data set train and which validate: folds and lists. */
#ifndef DATASET_SPLIT_H
#define DATASET_SPLIT_H

#include "dataset/dataset.h"

/* Which cases train and which validate: indices into d->cases, sorted. */
struct split {
    int *train, ntrain, *val, nval;
};
/* How the user wants cases to be shared out; all 0: as the data set says. */
struct split_rule {
    int folds;      /* so many; 0: 5 */
    bool by_group;  /* a fold for every group, which it validates on */
    bool stratify;  /* folds have their share of every set of classes that cases show; needs
                       d->present */
    double holdout; /* above 0: there is one fold, which validates on this share of the cases, or of
                       the groups */
    int cut; /* of two, the second of which is of what trains by the first: 1 or 2; 0: there is one.
                Of sentences alone */
};
/* Fold 0..: without a rule that of a list's fold column, or of splits_final.json, when the data set
 * has one.  Else, over the sorted case names, with random_state 12345 (numpy's RandomState: MT19937
 * and its legacy shuffle), of scikit-learn
 *
 *                   cases             with groups (groups.h), which are never split
 *   folds           KFold(shuffle)    GroupKFold
 *   by_group                          LeaveOneGroupOut
 *   holdout         ShuffleSplit      GroupShuffleSplit, ceil(share * n) validate
 *   stratify        StratifiedKFold(shuffle), StratifiedGroupKFold; with holdout the first of 1 /
 * share folds
 *
 * `rule` and `list` may be NULL.  `list` is a text file as for split_lists: the folds are cut from
 * its cases alone, the others take no part. Folds of splits_final.json keep those of their cases
 * that are listed. */
att_status split_fold(const struct dataset *d, const struct split_rule *rule, const char *list,
    int fold, struct split *s, struct err *e);
/* How many folds there are, of the same cases: 0 with fewer cases or groups than the rule wants. */
att_status split_count(const struct dataset *d, const struct split_rule *rule, const char *list,
    int *count, struct err *e);
/* Whether the folds that the data set itself names, in a column or splits_final.json, leave these
 * groups whole; so they do where it names none.  `group` is every case's, below the number of
 * cases. */
att_status split_keeps(const struct dataset *d, const int *group, bool *keeps, struct err *e);
/* From text files with one case name a line (endings and folders allowed); val_list NULL: no
 * validation; train_list NULL: what does not validate trains, but for FOLD_OUT. Lists, like
 * splits_final.json, must keep the groups of groups.csv whole. */
att_status split_lists(const struct dataset *d, const char *train_list, const char *val_list,
    struct split *s, struct err *e);
att_status split_all(const struct dataset *d, struct split *s,
    struct err *e);                             /* everything trains, but for FOLD_OUT */
int split_named_folds(const struct dataset *d); /* how many folds the layout names; 0: none */
void split_free(struct split *s);
/* KFold's test indices in ascending order; out holds n entries; returns how many. */
int split_kfold(int n, int folds, uint32_t seed, int fold, int *out);

#endif
