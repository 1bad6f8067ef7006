/* SPDX-License-Identifier: Apache-2.0 */
/* Training of hard models (arch=hard, arch=glimpse) in three stages: first RUN/coarse and RUN/fine,
 * the two nets, which are runs like any other; then the policy alone; then all three jointly
 * (src/hard/).  RUN/hard.json says how, so that it can be resumed at any point. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

bool hardrun_wanted(const struct options *o); /* --spec names such a network */
/* ATT_USAGE where it does, or settings of such a network are given: what is planned, packed and
 * drawn is of one network. */
att_status hardrun_refuse(const struct options *o, struct err *e);

att_status hardrun_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e);
/* A net that is finished is skipped, an interrupted one goes on, the other begins; then the other
 * stages. */
att_status hardrun_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e);
