/* SPDX-License-Identifier: Apache-2.0 */
/* The grid and the patch of a cross-validation are planned from all of its cases, as nnU-Net does,
 * so that the networks of all folds bring an image to the same voxels and can predict together. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

/* Adds to `options`, {NAME: TEXT} of every fold, what was left open of --spacing and --resize,
 * --nonzero, --patch and --batch, and to `why`, {NAME: REASON}, the reasons for these. */
att_status folds_grid(const struct train_context *c, const char *dataset,
    const struct options *table, json_t *options, json_t *why, struct err *e);
