/* SPDX-License-Identifier: Apache-2.0 */
/* The cases that a reading makes of a tree. */
#pragma once

#include "dataset/dataset.h"
#include "dataset/reading.h"
#include "dataset/tree.h"
#include "format/joined.h"

struct paired_label {
    int file, class; /* class from 1; object from -1 on; or 0 */
    bool any;        /* its pattern has '*' or '#' */
    bool over;       /* it covers classes before it */
    bool object;     /* one object of its class */
};
/* For joined_add. */
static inline int paired_value(const struct paired_label *l)
{
    if (l->class <= 0) return l->class;
    return l->class | (l->over ? JOINED_OVER : 0) | (l->object ? JOINED_OBJECT : 0);
}
struct paired {
    char *id, *group; /* group: NULL without */
    int image[DATASET_CHANNELS], images;
    int first, labels; /* of the list below */
    char *wrong;       /* why it cannot be used, or NULL */
};
struct paired_list {
    struct paired *list;
    int count;
    struct paired_label *label;
    int labels;
    char *class_name[LABELLING_MAX], *channel_name[DATASET_CHANNELS];
    int classes, channels;            /* classes: 0 if label files hold their values */
    bool objects;                     /* each file of labels is one object of its image */
    bool typed;                       /* and of a class */
    bool *used;                       /* by file of the tree */
    int unlabelled, first_unlabelled; /* cases without labels; a file of the first, or -1 */
    int imageless, first_imageless;
};

/* Cases sorted by name. ATT_DATA when too many images or classes share one case. `all`: and images
 * without a label, as cases with `labels` 0; cases with one keep the names that they have without
 * these. */
att_status paired_make(
    const struct tree *t, const struct reading *r, bool all, struct paired_list *l, struct err *e);
void paired_free(struct paired_list *l);
/* Some case has an image of one copy of a set, and a label of another: the first such files. */
bool paired_crosses_copies(
    const struct tree *t, const struct paired_list *l, const char **image, const char **label);
/* Where some cases have groups, give the others those that their folders name alike: "P-0009"
 * beside the group "P-0001". */
att_status paired_group_folders(const struct tree *t, struct paired_list *l, struct err *e);
