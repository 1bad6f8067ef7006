/* SPDX-License-Identifier: Apache-2.0 */
/* As in nnU-Net, grid and patch are planned from the cases of all folds, so that their networks can
 * predict together. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

/* Adds the shared settings that the user left open (spacing, patch, ...) to `options`, {NAME: TEXT}
 * of every fold, and their reasons to `why`, {NAME: REASON}. */
att_status folds_grid(const struct train_context *c, const char *dataset,
    const struct options *table, json_t *options, json_t *why, struct err *e);
