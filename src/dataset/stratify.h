/* SPDX-License-Identifier: Apache-2.0 */
/* Folds that have their share of every kind of case, as scikit-learn cuts them; a kind is the set
 * of classes that a case shows.  Called by split_cut.c. */
#ifndef DATASET_STRATIFY_H
#define DATASET_STRATIFY_H

#include "base/class_set.h"
#include "base/status.h"

/* The kinds of the `n` cases of `list`, numbered from 0 in the order in which they come; returns
 * how many there are.  `first` is room for n numbers. */
int stratify_kinds(const struct class_set *present, const int *list, int n, int *kind, int *first);

/* StratifiedKFold(folds, shuffle=True, random_state=seed) over the kinds of n cases: writes every
 * case's fold.  ATT_MEMORY. */
att_status stratify_kfold(
    const int *kind, int n, int kinds, int folds, uint32_t seed, int *fold, struct err *e);

/* StratifiedGroupKFold(folds), without shuffling: the group whose kinds are spread most unevenly
 * first, each goes to the fold with which the shares of the kinds vary least over folds.  `group`
 * holds ranks below `groups`, which may have gaps.  ATT_MEMORY, or ATT_DATA with fewer groups than
 * folds. */
att_status stratify_groups(const int *kind, int n, int kinds, const int *group, int groups,
    int folds, int *fold, struct err *e);

#endif
