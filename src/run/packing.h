/* SPDX-License-Identifier: Apache-2.0 */
/* Packing a data set: its training cases prepared as a run with these options would, for runs that
 * read patches from there. */
#pragma once

#include <jansson.h>

#include "train/train_context.h"

/* Into `folder`, which may hold a set that was begun or whose sources have changed: what is there
 * and still good is kept.
 * {"cases", "made", "kept", "bytes", "plain_bytes", "path"}. */
att_status train_pack(const struct train_context *c, const char *dataset, const char *folder,
    const struct options *o, json_t **report, struct err *e);
