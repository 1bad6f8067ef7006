/* SPDX-License-Identifier: Apache-2.0 */
/* State of a predictor, for predict*.c. */
#pragma once

#include "model/prepare.h"
#include "predict/ensemble.h"
#include "predict/look.h"
#include "predict/predict.h"
#include "predict/predict_network.h"

/* Models of one spec and preparation; they share windows and a network. */
struct turn {
    int first, models; /* index of the first, and count */
    int image;         /* first turn with the same prepared image */
    int window[3];     /* of the current image */
    int64_t passes;    /* per window */
    double macs;       /* multiply-adds of a window, once they are counted; 0: not yet */
};

struct predictor {
    const struct model *models;
    int count;
    struct preparation *prep; /* [count], with a common `trained` */
    bool differ;              /* training voxels differ, so `trained` is 0 */
    double temperature;       /* divides logits; 1 if the models have different ones */
    const struct kernels *kernels;
    struct pool *pool;
    struct predict_options options;
    char conv[32];
    int turn_of[ENSEMBLE_MAX], nturns;
    struct turn turns[ENSEMBLE_MAX];
    struct network network;
    struct hard_runner *runner; /* hard attention, else NULL */
};

enum { CERTAIN = 16 }; /* a logit */

/* The image prepared for model `by`: a copy, or m's own samples with `give`. Keeps the spacing,
 * drops the header. */
att_status predictor_prepare(const struct predictor *p, int by, struct image *m, bool give,
    struct image *x, struct placed *where, struct err *e);
/* Allocates probabilities; outside the crop the logits say certain background. */
att_status predictor_outside(
    const struct predictor *p, const struct placed *where, struct prediction *out, struct err *e);
