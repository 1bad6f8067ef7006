/* SPDX-License-Identifier: Apache-2.0 */
/* Options that a run will start with, as JSON: {NAME: TEXT} of those that are set. */
#pragma once

#include <jansson.h>

#include "base/options.h"

/* Set options that affect training: no output, plan or dry run, no general options, and with
 * `every_fold` no `fold`. */
att_status run_options_write(
    const struct options *o, bool every_fold, json_t *options, struct err *e);
/* True if run_options_write can have written this. */
bool run_options_valid(const json_t *options, bool every_fold);
/* Options of `train` with these values; `table` has their table. */
att_status run_options_read(
    const json_t *options, const struct options *table, struct options *o, struct err *e);
