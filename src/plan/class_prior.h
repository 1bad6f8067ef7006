/* SPDX-License-Identifier: Apache-2.0 */
/* Initial head biases of a network. */
#pragma once

#include "dataset/fingerprint.h"
#include "model/model.h"

/* Sets head biases to the logarithms of the classes' shares of voxels (at least a thousandth); for
 * regions (sigmoid) to those of their odds (arXiv 1708.02002, section 3.3). Initial predictions
 * then have the true frequencies. With equal probabilities, training first suppresses all classes,
 * and rare ones recover slowly. */
att_status class_prior_set(struct model *m, const struct fingerprint *f, struct err *e);
