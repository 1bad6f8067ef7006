/* SPDX-License-Identifier: Apache-2.0 */
/* Training of hard attention (arch=hard, arch=glimpse) in three stages: the networks RUN/coarse and
 * RUN/fine, which are ordinary runs; the policy alone; all three jointly (src/hard/).
 * RUN/hard.json has what resuming needs. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

bool hardrun_wanted(const struct options *o); /* `spec` is such a network */
/* ATT_USAGE for such a network or its settings: plan, pack and preview work on one network. */
att_status hardrun_refuse(const struct options *o, struct err *e);

att_status hardrun_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e);
/* Skips finished networks and stages, resumes an interrupted one, starts the others. */
att_status hardrun_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e);
