/* SPDX-License-Identifier: Apache-2.0 */
/* A hash that shows whether a run's data changed. Large files enter in part, so equal hashes are no
 * proof. */
#pragma once

#include "dataset/dataset.h"
#include "files/hash.h"

/* XXH64 over the listed cases: name, and size and content of each image and label file; for files
 * over 1 MiB, sixteen evenly spaced parts of 64 KiB. A missing file has size -1. *files counts
 * existing ones. A packed set uses the sizes and hashes in its index, so its hash differs. */
att_status data_hash(const struct dataset *d, const int *list, int count, uint64_t *value,
    int *files, struct err *e);
