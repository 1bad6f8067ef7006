/* SPDX-License-Identifier: Apache-2.0 */
/* From the files, folders and lists that a user names to cases: one file each, or several that hold
 * a channel each (nnU-Net's CASE_0000, CASE_0001, ...; columns of a list). */
#ifndef PREDICT_INPUTS_H
#define PREDICT_INPUTS_H

#include "model/model.h"
#include "predict/predict_failures.h"

/* Fills d->cases, sorted by id (no labels), and d->channels; the caller frees it with dataset_free,
 * also on failure. A file that is named is taken whatever its ending; of a folder, the files whose
 * ending a format claims, but logs and ignores masks of images in it (CASE_mask beside CASE); of
 * a CSV, its cases (docs/data.md).
 *
 * Files CASE_dddd belong together when they are numbered 0 to channels - 1 and none holds all
 * channels by itself. A single CASE_0000 that holds all channels is CASE, unless a CASE_0001 lies
 * beside it, given or not: then it is the first of a series. Anything else is a case under its
 * whole name; where that leaves channels missing, it is no case but one of the failures. */
att_status inputs_find(const struct model *m, const char *const *inputs, int count,
    struct dataset *d, struct failures *f, struct host *host, struct err *e);

#endif
