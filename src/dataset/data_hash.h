/* SPDX-License-Identifier: Apache-2.0 */
/* A number to tell a run's data from other data, for reports; not a proof, since large files are
 * read in part. */
#pragma once

#include "dataset/dataset.h"
#include "files/hash.h"

/* XXH64 over the listed cases: name, and size and content of each image and label file; of files
 * over 1 MiB sixteen evenly spaced parts of 64 KiB. A missing file has size -1. *files counts
 * existing ones. A packed set uses sizes and hashes of its index, so it has another number. */
att_status data_hash(const struct dataset *d, const int *list, int count, uint64_t *value,
    int *files, struct err *e);
