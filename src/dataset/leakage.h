/* SPDX-License-Identifier: Apache-2.0 */
/* Similar images (duplicates.h) on both sides of a split; called by training, which has signatures
 * of its side from the fingerprint. */
#pragma once

#include "dataset/split.h"

/* True if both sides have images (a packed set may lack them). */
bool leakage_possible(const struct dataset *d, const struct split *s);
/* Read the validation images and log the number of similar pairs, if any. `train`: signatures of
 * the training cases in order. */
att_status leakage_tell(const struct dataset *d, const struct split *s, const float *train,
    struct pool *pool, struct host *host, struct err *e);
