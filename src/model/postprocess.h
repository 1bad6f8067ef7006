/* SPDX-License-Identifier: Apache-2.0 */
/* Removal of components from a predicted mask by shape alone. Chosen on validation cases
 * (measure/choose_post.h) and stored with the model. */
#pragma once

#include "dataset/labelling.h"
#include "image/drop.h"

/* Rules in order of application. Components are connected by faces, edges and corners; removed
 * voxels become background; among equals the first in scan order stays. All 0: no rule. */
struct postprocess {
    bool all_foreground;             /* keep only the largest component of all foreground */
    struct class_set largest;        /* classes with only the largest component kept */
    int64_t smallest[LABELLING_MAX]; /* remove components of a class with fewer voxels */
};

bool postprocess_any(const struct postprocess *p); /* true if there is any rule */
bool postprocess_same(const struct postprocess *a, const struct postprocess *b);

/* classes: [d][h][w], indices of the labelling's classes (labelling_class of written values, also
 * with regions). */
att_status postprocess_apply(
    const struct postprocess *p, uint8_t *classes, const int size[3], struct err *e);

/* The same for a mask in memory or in a file, with values mapped by class_of, in at most `max`
 * bytes (drop.h). */
att_status postprocess_planes(const struct postprocess *p, const uint8_t class_of[256],
    const struct drop_planes *planes, double max, struct err *e);

/* {"all_foreground": true, "classes": [{"class": 2, "name": "tumour", "largest": true, "smallest":
 * 40}, ...]}, with file values as classes and without inactive rules; NULL: no memory. */
json_t *postprocess_to_json(const struct postprocess *p, const struct labelling *l);
/* The inverse; ATT_MODEL if it does not fit the labelling. `path` is for messages. */
att_status postprocess_from_json(const json_t *j, const struct labelling *l, const char *path,
    struct postprocess *p, struct err *e);
/* Read a file, such as a run's postprocess.json. */
att_status postprocess_read(
    const char *path, const struct labelling *l, struct postprocess *p, struct err *e);
