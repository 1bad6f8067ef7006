/* SPDX-License-Identifier: Apache-2.0 */
/* scikit-learn's folds with an equal share of each kind of case; a kind is the set of classes in a
 * case. */
#pragma once

#include "base/class_set.h"
#include "base/status.h"

/* Number the kinds of the `n` cases of `list` from 0 in order of appearance; returns their number.
 * `first` has room for n numbers. */
int stratify_kinds(const struct class_set *present, const int *list, int n, int *kind, int *first);

/* StratifiedKFold(folds, shuffle=True, random_state=seed) over kinds: sets every case's fold. Or
 * ATT_MEMORY. */
att_status stratify_kfold(
    const int *kind, int n, int kinds, int folds, uint32_t seed, int *fold, struct err *e);

/* StratifiedGroupKFold(folds) without shuffling: groups by unevenness of kinds, each into the fold
 * that varies the shares least. `group` has ranks below `groups`, with gaps. ATT_MEMORY, or
 * ATT_DATA with fewer groups than folds. */
att_status stratify_groups(const int *kind, int n, int kinds, const int *group, int groups,
    int folds, int *fold, struct err *e);
