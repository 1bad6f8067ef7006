/* SPDX-License-Identifier: Apache-2.0 */
/* `attunet tune`: search or compare settings by training; see docs/tuning.md. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

/* Begin or continue the search in folder `out`. o: options of `tune`, made by options_init_over on
 * those of `train`; dataset may be NULL for an existing search. Ends with OUT/best, an ordinary
 * run, and OUT/tune.json, whose content is *result. ATT_INTERRUPTED: everything is saved. */
att_status tune_run(const struct train_context *c, const char *dataset, const char *out,
    const struct options *o, json_t **result, struct err *e);
