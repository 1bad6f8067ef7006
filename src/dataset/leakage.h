/* SPDX-License-Identifier: Apache-2.0 */
/* Finds similar images (duplicates.h) in training and validation; training has its signatures from
 * the fingerprint. */
#pragma once

#include "dataset/split.h"

/* Whether both sides have image files (a packed set may lack them). */
bool leakage_possible(const struct dataset *d, const struct split *s);
/* Reads the validation images and warns of similar pairs. `train`: signatures of the training cases
 * in order. */
att_status leakage_check(const struct dataset *d, const struct split *s, const float *train,
    struct pool *pool, struct host *host, struct err *e);
