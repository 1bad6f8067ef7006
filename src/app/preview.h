/* SPDX-License-Identifier: Apache-2.0 */
/* Draws what augmentation does to training patches. */
#pragma once

#include "train/train_context.h"

/* Writes a PNG: five training cases, each unchanged and augmented five times, as `train` with these
 * options would. */
att_status train_preview(const struct train_context *c, const char *dataset,
    const struct options *o, const char *path, struct err *e);
