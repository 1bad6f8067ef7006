/* SPDX-License-Identifier: Apache-2.0 */
/* Post-processing of what was decided, before labels are written. */
#ifndef PREDICT_POST_H
#define PREDICT_POST_H

#include "predict/predict.h"

/* Works on the planes of out's mask, within `most` bytes, and fills out->dropped. */
att_status post_apply(const struct postprocess *post, const struct labelling *l,
    const struct drop_planes *planes, double max, struct prediction *out, struct err *e);

#endif
