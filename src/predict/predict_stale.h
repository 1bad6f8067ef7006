/* SPDX-License-Identifier: Apache-2.0 */
/* Finds files of an earlier prediction: overlays, maps and masks in DICOM of the same cases, and
 * masks of others. */
#pragma once

#include "base/host.h"
#include "dataset/dataset.h"
#include "files/file.h"

struct stale {
    struct file_list names; /* before the prediction */
    struct file_id *id;     /* of files that belong to a mask; else 0, 0 */
};

/* Whether the folder has masks of other cases, by models whose record (MASK_LABELS) is not `own`.
 */
bool stale_has_others(const char *folder, const struct dataset *d, const json_t *own);
/* Before any writing: notes files that belong to these cases' masks. `folder` exists. */
att_status stale_begin(const char *folder, const struct dataset *d, struct stale *s,
    const struct host *host, struct err *e);
/* Warns about those that were not replaced. */
void stale_warn(const struct stale *s, const char *folder, struct host *host);
void stale_free(struct stale *s);
