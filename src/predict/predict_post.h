/* SPDX-License-Identifier: Apache-2.0 */
/* Post-processing before labels are written. */
#pragma once

#include "predict/predict.h"

/* Works on the mask's planes within `max` bytes; fills out->dropped. */
att_status post_apply(const struct postprocess *post, const struct labelling *l,
    const struct drop_planes *planes, double max, struct prediction *out, struct err *e);
