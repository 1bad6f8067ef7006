/* SPDX-License-Identifier: Apache-2.0 */
/* What a predictor keeps, for predict*.c. */
#ifndef PREDICT_STATE_H
#define PREDICT_STATE_H

#include "model/prepare.h"
#include "predict/ensemble.h"
#include "predict/look.h"
#include "predict/predict.h"
#include "predict/predict_network.h"

/* Models of one spec and one preparation: they share windows and the network, and take turns at
 * every window. */
struct turn {
    int first, models; /* the first of them, and how many */
    int image;         /* the first turn whose prepared image is this one's, too */
    int window[3];     /* of the image at work, */
    int64_t passes;    /* and over each */
};

struct predictor {
    const struct model *models;
    int count;
    struct preparation
        *prep;   /* [count], in the place of the models' own: they agree on `trained` */
    bool differ; /* the models learnt from different voxels, so that no `trained` is left */
    const struct kernels *kernels;
    struct pool *pool;
    struct predict_options options;
    char conv[32];
    int turn_of[ENSEMBLE_MAX], nturns;
    struct turn turns[ENSEMBLE_MAX];
    struct network network;
    struct looker *looker; /* of a model of hard attention, else NULL */
};

enum { CERTAIN = 16 }; /* a logit */

/* The image as the model of this number sees it: a copy on the network's grid, or m's own samples
 * when they are given. It knows its spacing, but has no header. */
att_status predictor_prepare(const struct predictor *p, int by, struct image *m, bool give,
    struct image *x, struct placed *where, struct err *e);
/* Room for probabilities, with the logits of where nothing was taken: background for certain (the
 * first class, and no region). */
att_status predictor_outside(
    const struct predictor *p, const struct placed *where, struct prediction *out, struct err *e);

#endif
