/* SPDX-License-Identifier: Apache-2.0 */
/* A run as it would be, without running it: what the data are, what was decided and why, and what
 * it will cost on this machine. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

/* {"fingerprint", "settings", "expected", "reasons"} for `train` on DATASET with the same options.
 * A few steps are timed. */
att_status train_plan(const struct train_context *c, const char *dataset, const struct options *o,
    json_t **plan, struct err *e);
