/* SPDX-License-Identifier: Apache-2.0 */
/* One image by a model of hard attention: the likeliest tiles, one after the other, and the coarse
 * network everywhere else. */
#ifndef PREDICT_HARD_H
#define PREDICT_HARD_H

#include "model/prepare.h"
#include "predict/look.h"
#include "predict/predict.h"

/* Whether these models and options go together: a model of hard attention predicts alone, without
 * mirror images, windows or maps; others have no tiles. Else ATT_USAGE. */
att_status hard_check(
    const struct model *m, int models, const struct predict_options *o, struct err *e);

struct hard_prediction {
    struct looker *looker;
    const struct model *model;
    const struct predict_options *options;
    struct pool *pool;
    const struct image *x; /* prepared */
    const struct placed *where;
    float *logits; /* [classes][x->size] to be filled; NULL: labels are made of them at once, tile
                      by tile */
};
/* Fills out->tiles and, without `logits`, labels, classes and voxels. */
att_status hard_predict(
    const struct hard_prediction *h, struct prediction *out, struct host *host, struct err *e);

#endif
