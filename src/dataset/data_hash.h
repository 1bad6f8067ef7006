/* SPDX-License-Identifier: Apache-2.0 */
/* A number by which the data of a run can be told from other data, for reports: not a proof, since
 * of large files only parts are read. */
#ifndef DATASET_DATA_HASH_H
#define DATASET_DATA_HASH_H

#include "dataset/dataset.h"
#include "files/hash.h"

/* XXH64 over the listed cases: each one's name, and of every file of its image and label its size
 * and contents, of files of more than 1 MiB sixteen evenly spread parts of 64 KiB.  A file that is
 * gone counts as one of size -1.  *files becomes how many are there.  Of a packed set the sizes and
 * hashes of those files that its index holds take their place: a run on it has another number than
 * one on the files. */
att_status data_hash(const struct dataset *d, const int *list, int count, uint64_t *value,
    int *files, struct err *e);

#endif
