/* SPDX-License-Identifier: Apache-2.0 */
/* With which options a run is to begin: JSON, {NAME: TEXT} of those that were given. */
#pragma once

#include <jansson.h>

#include "base/options.h"

/* Of the options that were given, those that say how to train: not where to, not what is of the
 * command alone, and not --fold with `every_fold`. */
att_status run_options_write(
    const struct options *o, bool every_fold, json_t *options, struct err *e);
/* Whether run_options_write may have written this. */
bool run_options_valid(const json_t *options, bool every_fold);
/* Fresh options of the command `train`, of which `table` has the table, with these values. */
att_status run_options_read(
    const json_t *options, const struct options *table, struct options *o, struct err *e);
