/* SPDX-License-Identifier: Apache-2.0 */
/* Prediction with hard attention: the likeliest tiles by the fine network, the rest by the coarse
 * one. */
#pragma once

#include "model/prepare.h"
#include "predict/look.h"
#include "predict/predict.h"

/* ATT_USAGE for invalid combinations: hard attention takes one model and no mirror, window or map;
 * other models take no tiles. */
att_status hard_check(
    const struct model *m, int models, const struct predict_options *o, struct err *e);

struct hard_prediction {
    struct hard_runner *runner;
    const struct model *model;
    const struct predict_options *options;
    struct pool *pool;
    const struct image *x; /* prepared */
    const struct placed *where;
    float *logits; /* [classes][x->size], filled; NULL: decides labels tile by tile */
};
/* Fills out->tiles; without `logits` also labels, classes and voxels. */
att_status hard_predict(
    const struct hard_prediction *h, struct prediction *out, struct host *host, struct err *e);
