/* SPDX-License-Identifier: Apache-2.0 */
/* Compares numbered objects of a predicted and of a true mask. */
#pragma once

#include <stdint.h>

#include "base/status.h"

/* A predicted and a true object match at a threshold t if their IoU is above t. From t = 0.5 on
 * an object has at most one match. With TP matches, FP predicted and FN true objects without one:
 *
 *   ap         TP / (TP + FP + FN) at t = 0.5, 0.6, ..., 0.9 (Data Science Bowl 2018)
 *   pq         sum of the matches' IoU / (TP + FP/2 + FN/2) at t = 0.5 (Kirillov et al., Panoptic
 *              Segmentation, 2019)
 *   dice       each object compared with the object of the other mask that it overlaps most,
 *              averaged by size over each mask, then over both (Sirinukunwattana et al., Gland
 *              Segmentation in Colon Histology Images, 2017)
 *   hausdorff  the Hausdorff distance of the same pairs, averaged the same way; an object that
 *              overlaps none is paired with the nearest by that distance
 *
 * If neither mask has an object, all are NaN. If one has none, hausdorff is NaN, the others 0. */
enum { OBJECT_THRESHOLDS = 5 };
struct object_scores {
    int predicted, truth; /* objects */
    double ap[OBJECT_THRESHOLDS], pq, dice;
    double hausdorff; /* in the unit of spacing; NaN if not requested */
};

/* predicted, truth: [d][h][w] numbers, 0 is background. spacing: d, h, w; NULL: no hausdorff. */
att_status object_scores_measure(const uint16_t *predicted, const uint16_t *truth,
    const int size[3], const double spacing[3], struct object_scores *s, struct err *e);
