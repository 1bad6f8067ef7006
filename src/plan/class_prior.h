/* SPDX-License-Identifier: Apache-2.0 */
/* What a network says before it has seen an image; called while a run is decided. */
#pragma once

#include "dataset/fingerprint.h"
#include "model/model.h"

/* The biases of a new model's heads become the logarithms of the classes' shares of all voxels (at
 * least a thousandth), those of regions (sigmoid) of their odds, as in arXiv 1708.02002,
 * section 3.3, so that the model begins by calling every class as frequent as it is.  One that
 * begins with all classes equally likely first learns to say no of everything, and rare classes are
 * long in coming back from that. */
att_status class_prior_set(struct model *m, const struct fingerprint *f, struct err *e);
