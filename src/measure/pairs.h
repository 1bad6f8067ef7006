/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs predicted with true masks by name, in folders or files. */
#pragma once

#include "base/host.h"
#include "base/status.h"
#include "dataset/dataset.h"
#include "dataset/labelling.h"

struct memory_case;

struct mask_pair {
    char *id, *predicted, *truth; /* the case; two files */
    char *image; /* the name of its image without ending, if the data set has it; or NULL */
    const struct memory_case *memory; /* the truth, if it is in memory, not in a file; else NULL */
};

struct mask_pairs {
    struct mask_pair *pair; /* in order of the labels' names */
    int count;
    char *folder;             /* of the labels; NULL for pairs added one by one */
    struct labelling *labels; /* of the data set, if finding them opened it; else NULL */
    bool numbered;            /* its labels number objects */
    bool class_objects;       /* its masks are single objects of classes */
    const char *dicom;        /* while pairs are found: the data set of DICOM, or NULL */
};

/* Each argument is a file or folder. `labels` may be a data set: uses its labels, masks or
 * labelsTr, or else (or with dataset.csv) its cases' labels. It may be a folder of labels inside a
 * data set that only the data set explains, as one with inner folders. `predictions` may be a run:
 * uses validation/ and the labels of its cases; for folds, fold_0/validation and so on, once all
 * are finished. Names match without endings; labels may have a suffix of layout_label_suffixes or
 * _0000; a prediction may have the name of its image. ATT_DATA for a label without prediction;
 * ignores predictions without label, with a message except for files that predict writes next to
 * masks. A prediction file pairs with the label of its name, two files with each other. `list` (or
 * NULL): a text file of case names to keep. `patterns` (or NULL) say which files of a data set are
 * its labels. */
att_status pairs_find(const char *predictions, const char *labels, const char *list,
    const struct dataset_patterns *patterns, struct mask_pairs *p, struct host *host,
    struct err *e);
/* Appends a pair, copying the strings. */
att_status pairs_add(struct mask_pairs *p, const char *id, const char *predicted, const char *truth,
    const struct memory_case *memory, struct err *e);
/* Load the true mask, from its file or from memory; or its classes, as labelling_load. */
att_status pair_load_truth(const struct mask_pair *p, struct labelmap *m, struct err *e);
att_status pair_load_classes(const struct mask_pair *p, const struct labelling *l,
    uint8_t **classes, int size[3], struct err *e);
/* The folder inside `path` with the labels, or `path`; the caller frees it; NULL: no memory. */
char *pairs_label_folder(const char *path);
void pair_free(struct mask_pair *p);
void pairs_free(struct mask_pairs *p);
