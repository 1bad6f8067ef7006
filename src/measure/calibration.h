/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the probabilities of a network are the shares of voxels on which it is right: expected
 * calibration error with bins of equal width, and the temperature that divides logits (Guo et al.,
 * On Calibration of Modern Neural Networks, ICML 2017, arXiv 1706.04599). An answer is the most
 * probable class of a voxel; of regions, each of them at each voxel, in it or not. */
#pragma once

#include <jansson.h>

#include "model/model.h"

enum { CALIBRATION_BINS = 15 };
/* Foreground: the network answers with a class but the background, or with "in the region". To
 * choose answers by the truth would make every network look unsure of itself or too sure. */
enum { ANSWERS_ALL, ANSWERS_FOREGROUND, ANSWERS };

struct calibration_bin {
    double answers, confidence, right; /* sums */
};
struct calibration_view {
    struct calibration_bin bin[ANSWERS][CALIBRATION_BINS]; /* of probabilities (b - 1)/15..b/15 */
    double ece[ANSWERS];                                   /* NaN: no such answer */
    double nll;                                            /* mean negative log likelihood */
};

struct calibration {
    struct target target;
    int cases;
    float *logits;  /* [count][channels] */
    uint8_t *truth; /* [count]: classes */
    size_t count, room;
    double voxels; /* with a label, of which `count` were taken */
    double temperature;
    bool found; /* else the likelihood rises up to a bound: the network is always right, or never */
    struct calibration_view before, after;
};

/* Temperatures are within 1/CALIBRATION_BOUND..CALIBRATION_BOUND. */
#define CALIBRATION_BOUND 20.

void calibration_begin(struct calibration *c, const struct model *m);
/* A case: logits [channels][voxels], and classes, of which LABELLING_IGNORE does not count. Takes
 * about `max` voxels, spread evenly. */
att_status calibration_add(struct calibration *c, const float *logits, const uint8_t *classes,
    size_t voxels, size_t max, struct err *e);
/* Temperature and views. ATT_DATA without voxels. */
att_status calibration_fit(struct calibration *c, struct err *e);
void calibration_free(struct calibration *c);

/* {"cases", "voxels", "of", "temperature" (null: not found), "before": VIEW, "after": VIEW} with
 * VIEW = {"nll", "ece", "ece_foreground", "bins": [BIN, ...], "bins_foreground": [BIN, ...]} and
 * BIN = {"answers", "probability", "right"}; without answers the last two are null. */
json_t *calibration_report(const struct calibration *c);
