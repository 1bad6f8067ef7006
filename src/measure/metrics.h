/* SPDX-License-Identifier: Apache-2.0 */
/* Overlap of a predicted and a true mask. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/class_set.h"
#include "base/status.h"

/* Counts for one class (or region) of one case, without ignored pixels. */
struct overlap {
    int64_t tp, fp, fn, tn;
};

/* If neither mask has the class, all are NaN, and means skip the case; if only one has it, Dice and
 * IoU are 0. Precision is NaN without a prediction, recall NaN without truth. */
double overlap_dice(const struct overlap *o);
double overlap_iou(const struct overlap *o);
double overlap_precision(const struct overlap *o);
double overlap_recall(const struct overlap *o);

/* For a class, or the classes of a region. */
struct overlap overlap_count(const uint8_t *predicted, const uint8_t *truth, size_t voxels,
    struct class_set of_predicted, struct class_set of_truth);
