/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a data set with safe fixes. */
#pragma once

#include <jansson.h>

#include "dataset/dataset.h"
#include "dataset/problems.h"

/* Write the data set to the new folder `out`, which appears when complete; the original is only
 * read. Copies the files of all cases and the notes (dataset.json, groups.csv, ...) by name, but no
 * unused files (docs/data.md). Fixes: labels less than half a voxel off get their image's header,
 * masks of 0 and another value become 0 and 1, several masks of an image become one. Marks fixed
 * problems in d->problems.
 * `group` (NULL: none) has every case's group for groups.csv. *done becomes a list of {"file",
 * "what"}. */
att_status mend_copy(struct dataset *d, const char *out, const int *group, struct host *host,
    json_t **done, struct err *e);

/* Check that `out` is a new, writable folder outside the data set; also part of mend_copy. */
att_status mend_check_place(const struct dataset *d, const char *out, struct err *e);

/* Write groups.csv for groups_read; atomic. */
att_status mend_write_groups(
    const struct dataset *d, const int *group, const char *path, struct err *e);
