/* SPDX-License-Identifier: Apache-2.0 */
/* What simple methods without a network reach: the least that a network must beat.  Each is fitted
 * to a training set and scored on another.
 */
#ifndef MEASURE_BASELINES_H
#define MEASURE_BASELINES_H

#include "dataset/dataset.h"

enum baseline {
    BASELINE_THRESHOLD, /* a band of intensities (images brought to mean 0, deviation 1) */
    BASELINE_COMPONENT, /* the same on smoothed images, keeping the largest connected component */
    BASELINE_MEAN_MASK, /* where at least a share of the training masks lies, scaled to the image */
    BASELINES
};

const char *baseline_name(enum baseline b);

/* Mean Dice over classes and cases of `unseen`; bands, smoothing and shares are those with the best
 * mean Dice on `train`. Sets of other labels, or without cases or labels, are ATT_DATA. */
att_status baselines_measure(const struct dataset *train, const struct dataset *unseen,
    double dice[BASELINES], struct err *e);

#endif
