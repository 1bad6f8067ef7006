/* SPDX-License-Identifier: Apache-2.0 */
/* The settings `images` and `labels`: which files of a data set belong together (reading.h). */
#pragma once

#include <jansson.h>

#include "base/options.h"
#include "dataset/dataset.h"

/* ATT_USAGE for one without the other, but `alone`: images may be. */
att_status patterns_read(
    const struct options *o, bool alone, struct dataset_patterns *p, struct err *e);
/* From {"settings": {...}} of a run or model, or from options as JSON, which must outlive them. */
struct dataset_patterns patterns_of(const json_t *settings);
/* dataset_open with the patterns of settings. */
att_status patterns_open(const char *path, const struct options *o, struct dataset *d,
    struct problems *problems, struct host *host, struct err *e);
