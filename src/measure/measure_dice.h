/* SPDX-License-Identifier: Apache-2.0 */
/* Dice of classes, from counts of voxels. */
#pragma once

#include "dataset/labelling.h"
#include "measure/metrics.h"

/* Overlap of target k, a class or region. */
struct overlap measure_overlap(const struct labelling *l, int k, const uint8_t *predicted,
    const uint8_t *truth, size_t voxels);
/* Mean Dice over the targets in truth or prediction; NaN if none. classes: the truth; `id` is for
 * messages. */
att_status measure_dice(const struct labelling *l, const struct labelmap *predicted,
    const uint8_t *classes, const char *id, double *dice, struct err *e);
