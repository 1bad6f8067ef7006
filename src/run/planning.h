/* SPDX-License-Identifier: Apache-2.0 */
/* Planning: the data, the settings with their reasons, and the cost on this machine. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

/* {"fingerprint", "settings", "expected", "reasons"} for `train` on DATASET with the same options.
 * Times a few steps. */
att_status train_plan(const struct train_context *c, const char *dataset, const struct options *o,
    json_t **plan, struct err *e);
