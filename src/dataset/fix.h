/* SPDX-License-Identifier: Apache-2.0 */
/* Copies a data set and fixes what is safe to fix. */
#pragma once

#include <jansson.h>

#include "dataset/dataset.h"
#include "dataset/problems.h"

/* Writes the data set to the new folder `out`, which appears when complete; only reads the
 * original. Copies the files of all cases and the notes (dataset.json, groups.csv, ...) by name,
 * but no unused files (docs/data.md). Fixes: labels less than half a voxel off get their image's
 * header, masks of 0 and another value become 0 and 1, several masks of an image become one. Marks
 * fixed problems in d->problems. `group` (NULL: none): every case's group, for groups.csv. *done
 * becomes a list of {"file", "what"}. */
att_status fix_copy(struct dataset *d, const char *out, const int *group, struct host *host,
    json_t **done, struct err *e);

/* Checks that `out` is a new, writable folder outside the data set; fix_copy does so, too. */
att_status fix_check_place(const struct dataset *d, const char *out, struct err *e);

/* Writes groups.csv for groups_read; atomic. */
att_status fix_write_groups(
    const struct dataset *d, const int *group, const char *path, struct err *e);
