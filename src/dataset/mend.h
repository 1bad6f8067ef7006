/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a data set in which what can safely be mended is; called by info --fix. */
#ifndef DATASET_MEND_H
#define DATASET_MEND_H

#include <jansson.h>

#include "dataset/dataset.h"
#include "dataset/problems.h"

/* Writes the data set to the new folder `out`, which appears when it is complete; the original is
 * only read.  The files of all cases and the notes in its folder (dataset.json, groups.csv, ...)
 * are copied under the names they have; what takes no part is not (docs/data.md). Mended are:
 * labels whose header is less than half a voxel off their image (they get its header), masks of 0
 * and another value (they become 0 and 1), several masks of one image (they become one).  Problems
 * that are mended are marked so in d->problems.
 *
 * `group` (NULL: none) is the number of every case's group, for groups.csv.  *done becomes a list
 * of {"file", "what"}. */
att_status mend_copy(struct dataset *d, const char *out, const int *group, struct host *host,
    json_t **done, struct err *e);

/* Whether `out` is a new folder outside the data set that can be written: asked before all of it is
 * read, and by mend_copy. */
att_status mend_check_place(const struct dataset *d, const char *out, struct err *e);

/* groups.csv as groups_read takes it; atomic. */
att_status mend_write_groups(
    const struct dataset *d, const int *group, const char *path, struct err *e);

#endif
