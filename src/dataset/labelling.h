/* SPDX-License-Identifier: Apache-2.0 */
/* Meaning of label values: maps values in files to a network's channels. Part of a data set and, as
 * JSON, of a model. */
#pragma once

#include <jansson.h>

#include "base/class_set.h"
#include "image/image.h"

/* As bytes, 255 means ignore and 254 outside the image (image/augment_parts.h); region masks count
 * from 1. */
enum { LABELLING_MAX = 254, LABELLING_NAME = 64, LABELLING_IGNORE = 255 };

enum {
    CLASS_RARE_MIN_CASES = 5
}; /* from so many labelled cases on, a class in only one of them is suspect */

struct labelling {
    int count;                     /* classes with background (class 0) */
    uint16_t value[LABELLING_MAX]; /* file value of class i; value[0] is the background's */
    char name[LABELLING_MAX][LABELLING_NAME];
    int ignore;   /* file value of "ignore", or -1 */
    bool nonzero; /* every non-zero value is class 1 (0/255 masks) */
    /* values number objects of one kind, and the classes are those of image/objects.h */
    bool objects;
    /* nnU-Net's regions: channel k is the union of the classes in region[k]; later regions
     * overwrite earlier ones. */
    int regions; /* 0: plain classes */
    struct class_set region[LABELLING_MAX];
    char region_name[LABELLING_MAX][LABELLING_NAME];
    /* value that prediction writes for region k (regions_class_order) */
    uint16_t region_value[LABELLING_MAX];
};

/* A network's channels: classes, or regions. */
int labelling_channels(const struct labelling *l);
/* Number of scored and drawn targets: classes without background, or regions. */
int labelling_targets(const struct labelling *l);
const char *labelling_target_name(const struct labelling *l, int k);
/* the classes of target k */
struct class_set labelling_target_set(const struct labelling *l, int k);
/* Class of a file value, LABELLING_IGNORE for ignore, or -1 if undeclared. */
int labelling_class(const struct labelling *l, unsigned value);
/* ATT_DATA if two classes have one value; `path` is for the message. */
att_status labelling_check(const struct labelling *l, const char *path, struct err *e);
/* Appends a class; the caller has checked their number and the name's length. */
void labelling_add(struct labelling *l, unsigned value, const char *name);
/* The labelling of numbered objects; and of one class, every value but 0, written as `value`. Both
 * keep l->ignore. */
void labelling_of_objects(struct labelling *l);
void labelling_of_foreground(unsigned value, struct labelling *l);
/* The numbers of objects in a mask, into a fresh block for mem_free; NULL on failure. The value
 * `ignore` (-1: none) is no object. A mask with one value besides 0 does not number its objects:
 * they are its connected pieces. */
uint16_t *labelling_number(const struct labelmap *m, int ignore, const char *path, struct err *e);
/* Convert file values to classes (LABELLING_IGNORE for ignore). ATT_DATA for an undeclared value,
 * with voxel and `path`. */
att_status labelling_encode(const struct labelling *l, const struct labelmap *m, const char *path,
    uint8_t *classes, struct err *e);
/* The same for a file, into a fresh block for mem_free; NULL on failure. */
att_status labelling_load(
    const struct labelling *l, const char *path, uint8_t **classes, int size[3], struct err *e);
/* The same for loaded labels, which it frees. */
att_status labelling_take(const struct labelling *l, struct labelmap *m, const char *path,
    uint8_t **classes, int size[3], struct err *e);
/* Declared values for messages: "0, 1, 2 and 255 (ignore)", with "238 more" for many. Returns
 * `text`. */
enum { LABELLING_TEXT = 160 };
const char *labelling_values(const struct labelling *l, char *text, size_t size);
/* {"classes": [{"name", "value"}, ...], "ignore", "nonzero", "objects", "regions": [{"name",
 * "values", "writes"}, ...]}, the last four if used; NULL: no memory. */
json_t *labelling_to_json(const struct labelling *l);
/* The inverse, for a model's file; ATT_MODEL if inconsistent. */
att_status labelling_from_json(const json_t *j, struct labelling *l, struct err *e);
