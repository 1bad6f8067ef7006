/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/hard.json: how a hard model is trained. */
#pragma once

#include <jansson.h>

#include "hard/hard_settings.h"
#include "train/train_context.h"

/* {"format", "dataset", "spec", "options": {NAME: TEXT}, "coarse": {NAME: TEXT}, "fine": {NAME:
 * TEXT}, "settings", "cut": {"train", "val"}}: the absolute path of the data set, the complete
 * spec, the given options, the options of each network, all settings as in RUN/settings.json, and
 * the cases of both networks. Checks everything. *settings: the content of RUN/settings.json. */
att_status hard_plan_make(const struct train_context *c, const char *dataset,
    const struct options *o, json_t **plan, json_t **settings, struct err *e);
att_status hard_plan_read(const char *run, json_t **plan, struct err *e);
