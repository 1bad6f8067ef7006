/* SPDX-License-Identifier: Apache-2.0 */
/* Which predicted mask belongs to which true one: by name, over folders and files. */
#ifndef MEASURE_PAIRS_H
#define MEASURE_PAIRS_H

#include "base/host.h"
#include "base/status.h"
#include "dataset/labelling.h"

struct mask_pair {
    char *id, *predicted, *truth; /* the case; two files */
};

struct mask_pairs {
    struct mask_pair *pair; /* in the order of the labels' names */
    int count;
    char *folder;             /* of the labels; NULL of pairs that were added one by one */
    struct labelling *labels; /* of the data set, where it was opened to find them; else NULL */
    bool numbered;            /* its labels number objects */
};

/* Each argument is a file or a folder; `labels` may also be a data set, whose labels, masks or
 * labelsTr then counts, as it trains, or where it has none of these, or lists its cases
 * (dataset.csv), the labels of its cases, `predictions` a run, whose validation/ then counts, and
 * of the labels those of its cases, or a run of several folds (fold_0/validation,
 * fold_1/validation, ...), the same once all of them are done. Names are compared without their
 * endings, and labels may have a suffix of layout_label_suffixes, or _0000, behind theirs. A label
 * without prediction is ATT_DATA; predictions without label are passed over, which is said, but for
 * what predict writes beside its masks. A prediction given as a file is compared with the label of
 * its name, two files with each other. `list` (may be NULL): a text file with the names of the
 * cases that count; the others are passed over. */
att_status pairs_find(const char *predictions, const char *labels, const char *list,
    struct mask_pairs *p, struct host *host, struct err *e);
/* One more pair at the end, of a caller that knows which; the strings are copied. */
att_status pairs_add(
    struct mask_pairs *p, const char *id, const char *predicted, const char *truth, struct err *e);
/* The folder inside `path` that holds the labels themselves, or `path`; for mem_free, NULL when
 * there is no memory. */
char *pairs_label_folder(const char *path);
void pair_free(struct mask_pair *p);
void pairs_free(struct mask_pairs *p);

#endif
