/* SPDX-License-Identifier: Apache-2.0 */
/* One number for a predicted mask. */
#ifndef MEASURE_MEASURE_DICE_H
#define MEASURE_MEASURE_DICE_H

#include "dataset/labelling.h"
#include "measure/metrics.h"

/* The overlap of target k: of a class, or of a region. */
struct overlap measure_overlap(const struct labelling *l, int k, const uint8_t *predicted,
    const uint8_t *truth, size_t voxels);
/* Mean Dice over the targets that the truth or the prediction has; NaN when there is none. classes:
 * the truth; `id` for sentences. */
att_status measure_dice(const struct labelling *l, const struct labelmap *predicted,
    const uint8_t *classes, const char *id, double *dice, struct err *e);

#endif
