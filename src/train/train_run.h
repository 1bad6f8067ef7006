/* SPDX-License-Identifier: Apache-2.0 */
/* A run of one network, from its start or its checkpoint. */
#pragma once

#include "base/options.h"
#include "train/train_context.h"

att_status training_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e);
att_status training_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e);
