/* SPDX-License-Identifier: Apache-2.0 */
/* Calibrated probabilities for a policy.
 * Training fixes the order of scores but not their scale (local expectations leave them hundreds
 * apart, and the first tile at probability 1). The temperature T minimises the cross entropy
 * between the tiles' shares of the gain in Dice and softmax(s / T) (temperature scaling: Guo et
 * al., On Calibration of Modern Neural Networks, ICML 2017, equation 9). The order stays. */
#pragma once

#include "base/status.h"

/* Images for the fit: scores, and shares of the gain (>= 0, sum 1), one image after another. */
struct temperature_data {
    double *score, *share; /* [tiles] of all images */
    int *end;              /* [images]: start of the next */
    int images;
};
/* Start empty, with room for `images` that have `tiles` in total. */
att_status temperature_data_create(
    struct temperature_data *d, int images, int tiles, struct err *e);
void temperature_data_free(struct temperature_data *d);
/* Add an image. gain: effect of each tile alone; negative counts as 0. Images without any gain or
 * with equal scores are ignored. */
void temperature_data_add(
    struct temperature_data *d, const double *score, const double *gain, int tiles);

/* From 1e-6 to 1e6, the highest of equals; 1 without data. */
double temperature_fit(const struct temperature_data *d);
/* Mean cross entropy at a temperature, in nats. */
double temperature_loss(const struct temperature_data *d, double temperature);
