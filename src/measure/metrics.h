/* SPDX-License-Identifier: Apache-2.0 */
/* Overlap of a predicted and a true mask. */
#ifndef MEASURE_METRICS_H
#define MEASURE_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/class_set.h"
#include "base/status.h"

/* Counts for one class (or region) of one case; pixels whose truth is ignored do not count. */
struct overlap {
    int64_t tp, fp, fn, tn;
};

/* Empty masks: when neither has a voxel of the class, Dice, IoU, precision and recall are NaN ("not
 * there, not predicted: no opinion") and the case is left out of that class's mean; when only one
 * is empty, Dice and IoU are 0. Precision is NaN when nothing was predicted, recall NaN when
 * nothing is there. */
double overlap_dice(const struct overlap *o);
double overlap_iou(const struct overlap *o);
double overlap_precision(const struct overlap *o);
double overlap_recall(const struct overlap *o);

/* Of a class, or of the classes of a region. */
struct overlap overlap_count(const uint8_t *predicted, const uint8_t *truth, size_t voxels,
    struct class_set of_predicted, struct class_set of_truth);

#endif
