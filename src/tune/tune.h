/* SPDX-License-Identifier: Apache-2.0 */
/* `attunet tune`: settings searched, or compared, by training.  docs/tuning.md says what happens
 * and why. */
#ifndef TUNE_TUNE_H
#define TUNE_TUNE_H

#include <jansson.h>

#include "train/train.h"

/* Begins, or goes on with, the search in the folder `out`.  o: options of the command `tune`, made
 * by options_init_over on those of `train`; dataset may be NULL where the search has begun.  Ends
 * with OUT/best, a run like any other, and OUT/tune.json, whose content *result is.
 * ATT_INTERRUPTED: everything is saved. */
att_status tune_run(const struct train_context *c, const char *dataset, const char *out,
    const struct options *o, json_t **result, struct err *e);

#endif
