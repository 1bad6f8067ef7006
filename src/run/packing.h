/* SPDX-License-Identifier: Apache-2.0 */
/* Packing: training cases prepared as for a run with these options, in files from which runs read
 * patches. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

/* Packs into `folder`; keeps the valid files of an earlier, perhaps interrupted pack.
 * {"cases", "made", "kept", "bytes", "plain_bytes", "path"}. */
att_status train_pack(const struct train_context *c, const char *dataset, const char *folder,
    const struct options *o, json_t **report, struct err *e);
