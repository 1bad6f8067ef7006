/* SPDX-License-Identifier: Apache-2.0 */
/* One number for a predicted mask. */
#ifndef MEASURE_MEASURE_DICE_H
#define MEASURE_MEASURE_DICE_H

#include "dataset/labelling.h"

/* Mean Dice over the targets that the truth or the prediction has; NaN when there is none. classes: the truth; `id` for sentences. */
att_status measure_dice(const struct labelling *l, const struct labelmap *predicted, const uint8_t *classes, const char *id, double *dice,
                        struct err *e);

#endif
