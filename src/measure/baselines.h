/* SPDX-License-Identifier: Apache-2.0 */
/* Simple methods without a network, to compare a network with. Each is fitted on one data set and
 * scored on another. */
#pragma once

#include "dataset/dataset.h"

enum baseline {
    BASELINE_THRESHOLD, /* a band of intensities (images with mean 0, deviation 1) */
    BASELINE_COMPONENT, /* the same on smoothed images, keeping the largest component */
    BASELINE_MEAN_MASK, /* voxels in at least some share of the training masks, scaled to the image
                         */
    BASELINES
};

const char *baseline_name(enum baseline b);

/* Mean Dice over classes and cases of `unseen`; bands, smoothing and shares are those with the best
 * mean Dice on `train`. ATT_DATA for different labels, or no cases or labels. */
att_status baselines_measure(const struct dataset *train, const struct dataset *unseen,
    double dice[BASELINES], struct err *e);
