/* SPDX-License-Identifier: Apache-2.0 */
/* Images that look alike (duplicates.h) and stand on both sides of a split; called by training,
 * which has the one side in memory anyway, for the fingerprint. */
#ifndef DATASET_LEAKAGE_H
#define DATASET_LEAKAGE_H

#include "dataset/split.h"

/* Whether there is something to compare: both sides, and images (those that a packed set was made
 * from need not be there). */
bool leakage_possible(const struct dataset *d, const struct split *s);
/* Reads the images that validate and says through the log, in one sentence, how many pairs are
 * apart, if any.  `train`: the signatures of the cases that train, in their order. */
att_status leakage_tell(const struct dataset *d, const struct split *s, const float *train,
    struct pool *pool, struct host *host, struct err *e);

#endif
