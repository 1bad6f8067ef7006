/* SPDX-License-Identifier: Apache-2.0 */
/* Predicted masks against true ones, as files: what `attunet evaluate` does. */
#ifndef MEASURE_EVALUATE_H
#define MEASURE_EVALUATE_H

#include <jansson.h>

#include "base/log.h"
#include "base/pool.h"
#include "dataset/labelling.h"

struct evaluate_options {
    const struct labelling *labels; /* what values mean; NULL: the dataset.json beside the labels, else the values found are the classes */
    int ignore;                     /* voxels whose true value is this do not count; -1: what the labelling says */
};

/* predictions, labels: see pairs.h. Without a labelling 0 is the background; where labels and predictions know one other value each, that
 * is one class ("foreground"), be it 1 or 255.
 *
 * *result becomes
 *   {"cases": [{"case": "a", "unit": "mm3", "classes": [{"class": "1", "name": "lesion", "dice": .9, "iou": .8, "precision": .9, "recall":
 * .9, "volume_predicted": 1200, "volume_true": 1100}, ...]}, ...], "mean": {"dice": .9, "iou": .8, "precision": .9, "recall": .9,
 * "classes": [{the same, "cases": 10}, ...]}, "definitions": {"dice": "2 TP / (2 TP + FP + FN)", ...}} where NaN is null. "class" is the
 * value in files ("1+2" of a region). Means leave out cases where a number is null; the overall mean is that of the classes' means. */
att_status evaluate_masks(const char *predictions, const char *labels, const struct evaluate_options *o, struct pool *pool, struct log *log,
                          json_t **result, struct err *e);

#endif
