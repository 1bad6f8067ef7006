/* SPDX-License-Identifier: Apache-2.0 */
/* Related cases (slices of one patient, near-duplicates): groups.csv in a data set's folder, never
 * split between training and validation. */
#pragma once

#include "dataset/dataset.h"

/* Groups of the layout or of groups.csv: a line "image,group", then one line per case; names may
 * have folders and endings, groups are any text. group[i] is the rank of case i's group, 0 to
 * *count - 1: by value if all are whole numbers, else by bytes; each unlisted case is a group of
 * its own after the others. *count is 0 without groups. ATT_DATA if there are both. */
att_status groups_read(const struct dataset *d, int *group, int *count, struct err *e);

/* The same, but unusable groups count as none (*count is 0): cutting folds reports them. */
att_status groups_read_or_none(const struct dataset *d, int *group, int *count, struct err *e);

/* Gives cases the groups of groups.csv as texts, if it can be used, for those who list cases. */
att_status groups_name(struct dataset *d, struct err *e);

/* scikit-learn's GroupKFold(folds) for `n` cases: groups by size, largest first, equal ones from
 * the highest rank down, each into the fold with the fewest cases. Sets every case's fold; ranks
 * may have gaps. ATT_DATA with fewer groups than folds. */
att_status groups_kfold(const int *group, int n, int count, int folds, int *fold, struct err *e);

/* Give the cases, which are sorted, the groups that their names show, such as patient_slice: for a
 * layout without groups; nothing where groups.csv lists them. Warns where they may be groups or
 * classes. */
att_status groups_by_names(struct dataset *d, struct host *host, struct err *e);
