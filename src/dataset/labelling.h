/* SPDX-License-Identifier: Apache-2.0 */
/* What label values mean: the bridge between values in files and a network's channels.  Part of a
 * data set and, as JSON, of a model. */
#ifndef DATASET_LABELLING_H
#define DATASET_LABELLING_H

#include <jansson.h>

#include "base/class_set.h"
#include "image/image.h"

/* In bytes 255 is what is ignored, 254 what lies beyond an image (image/augment_parts.h), and a
 * mask of regions counts them from 1. */
enum { LABELLING_MAX = 254, LABELLING_NAME = 64, LABELLING_IGNORE = 255 };

enum {
    CLASS_LONELY_LEAST = 5
}; /* labelled cases, from which on a class that one of them alone shows is strange */

struct labelling {
    int count;                     /* classes, background (class 0) among them */
    uint16_t value[LABELLING_MAX]; /* value in files of class i; value[0] is the background's */
    char name[LABELLING_MAX][LABELLING_NAME];
    int ignore;   /* value in files of "ignore", or -1 */
    bool nonzero; /* masks whose every non-zero value is class 1 (0/255 masks) */
    /* nnU-Net's regions: channel k is the union of the classes in region[k]; written in order,
     * later ones over earlier ones. */
    int regions; /* 0: plain classes */
    struct class_set region[LABELLING_MAX];
    char region_name[LABELLING_MAX][LABELLING_NAME];
    uint16_t
        region_value[LABELLING_MAX]; /* what prediction writes for region k (regions_class_order) */
};

/* Channels of a network for this labelling: classes, or regions. */
int labelling_channels(const struct labelling *l);
/* What is scored and drawn: the classes but background, or the regions. */
int labelling_targets(const struct labelling *l);
const char *labelling_target_name(const struct labelling *l, int k);
struct class_set labelling_target_set(
    const struct labelling *l, int k); /* the classes of target k */
/* The class of a value in files, LABELLING_IGNORE for ignore, or -1 when the value is not declared.
 */
int labelling_class(const struct labelling *l, unsigned value);
/* Appends a class; the caller has checked that it fits, and its name (LABELLING_NAME - 1 bytes). */
void labelling_add(struct labelling *l, unsigned value, const char *name);
/* File values to class indices (LABELLING_IGNORE for ignore). An undeclared value is ATT_DATA: it
 * names the value, the voxel and `path`. */
att_status labelling_encode(const struct labelling *l, const struct labelmap *m, const char *path,
    uint8_t *classes, struct err *e);
/* The same of a file, into a fresh block for mem_free; NULL on failure. */
att_status labelling_load(
    const struct labelling *l, const char *path, uint8_t **classes, int size[3], struct err *e);
/* The declared values for people: "0, 1, 2 and 255 (ignore)", of many the first and "238 more".
 * Returns `text`. */
enum { LABELLING_TEXT = 160 };
const char *labelling_values(const struct labelling *l, char *text, size_t size);
/* {"classes": [{"name", "value"}, ...], "ignore", "nonzero", "regions": [{"name", "values",
 * "writes"}, ...]}, the last three only where they are used; NULL when there is no memory. */
json_t *labelling_to_json(const struct labelling *l);
/* The inverse, for a model's file: what does not fit together is ATT_MODEL. */
att_status labelling_from_json(const json_t *j, struct labelling *l, struct err *e);

#endif
