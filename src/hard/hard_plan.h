/* SPDX-License-Identifier: Apache-2.0 */
/* How a hard model is to be trained: RUN/hard.json. */
#pragma once

#include <jansson.h>

#include "hard/hard_settings.h"
#include "train/train_context.h"

/* {"format", "dataset", "spec", "options": {NAME: TEXT}, "coarse": {NAME: TEXT}, "fine": {NAME:
 * TEXT}, "settings", "cut": {"train", "val"}}: the data set from the root of the file system, the
 * network with all that was decided, the options that were given, those that its two nets are
 * given, all settings as in RUN/settings.json, and the cases that both nets train and validate on.
 * Everything that can be wrong is found here. *settings becomes what RUN/settings.json holds. */
att_status hard_plan_make(const struct train_context *c, const char *dataset,
    const struct options *o, json_t **plan, json_t **settings, struct err *e);
att_status hard_plan_read(const char *run, json_t **plan, struct err *e);
