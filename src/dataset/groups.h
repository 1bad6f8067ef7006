/* SPDX-License-Identifier: Apache-2.0 */
/* Cases that belong together (slices of one patient, near-duplicates): groups.csv in a data set's
 * folder, never split between training and validation. */
#ifndef DATASET_GROUPS_H
#define DATASET_GROUPS_H

#include "dataset/dataset.h"

/* The groups that the layout names, or those of groups.csv, if there is one: a line "image,group",
 * then one line a case; names may have folders and endings, groups are any text. group[i] becomes
 * the rank of case i's group, 0 to *count - 1: by value when all groups are whole numbers, else by
 * bytes; a case that is not listed is a group of its own, ranked behind the others in the order of
 * the cases. *count is 0 without groups. Both at once is ATT_DATA. */
att_status groups_read(const struct dataset *d, int *group, int *count, struct err *e);

/* The same for who looks at cases, not at groups: broken groups count as none (*count is 0), since
 * cutting folds reports them. */
att_status groups_look(const struct dataset *d, int *group, int *count, struct err *e);

/* scikit-learn's GroupKFold(folds), for the `n` cases of these groups: the largest group first,
 * those of one size from the highest rank down, each goes to the fold that has the fewest cases so
 * far.  Writes every case's fold; ranks may have gaps.  ATT_MEMORY, or ATT_DATA with fewer groups
 * than folds. */
att_status groups_kfold(const int *group, int n, int count, int folds, int *fold, struct err *e);

#endif
