/* SPDX-License-Identifier: Apache-2.0 */
/* Probabilities that mean something of a policy that knows an order.
 *
 * A trained policy's scores are good for their order; how far apart they lie depends on how long it
 * learnt (local expectations leave them hundreds apart, and the first tile has a probability of 1).
 * Divided by a temperature T, softmax(s / T) comes as close as it can to what each tile brings: T
 * minimises the cross entropy between the tiles' shares of the gain in Dice and these probabilities
 * (temperature scaling: Guo et al., On Calibration of Modern Neural Networks, ICML 2017, equation
 * 9).  The order stays. */
#ifndef POLICY_TEMPERATURE_H
#define POLICY_TEMPERATURE_H

#include "base/status.h"

/* Images to fit it to: scores, and shares of the gain (from 0, in all 1), one image after another.
 */
struct temperature_data {
    double *score, *share; /* [tiles] of all images */
    int *end;              /* [images]: where the next begins */
    int images;
};
/* Empty, with room for so many images that have so many tiles together. */
att_status temperature_data_create(
    struct temperature_data *d, int images, int tiles, struct err *e);
void temperature_data_free(struct temperature_data *d);
/* One more image. gain: what each tile would bring alone; less than 0 counts as 0. An image in
 * which none brings anything, or whose scores are all the same, says nothing. */
void temperature_data_add(
    struct temperature_data *d, const double *score, const double *gain, int tiles);

/* From 1e-6 to 1e6; of equally good ones the highest; 1 where there is nothing to fit to. */
double temperature_fit(const struct temperature_data *d);
/* The mean cross entropy at a temperature, in nats. */
double temperature_loss(const struct temperature_data *d, double temperature);

#endif
