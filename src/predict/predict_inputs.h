/* SPDX-License-Identifier: Apache-2.0 */
/* Turns files, folders and lists into cases. A case has one file, or one per channel (nnU-Net's
 * CASE_0000, CASE_0001, ...; columns of a list). */
#pragma once

#include "model/model.h"
#include "predict/predict_failures.h"

/* Fills d->cases (sorted by id, no labels) and d->channels; free with dataset_free, also on
 * failure. Takes named files with any ending; from a folder the files of a known format, except
 * masks such as CASE_mask beside CASE (logged); from a CSV its cases (docs/data.md). CASE_dddd are
 * channels of one case if numbered 0 to channels - 1 and none has all channels. A CASE_0000 with
 * all channels is CASE, unless CASE_0001 exists beside it: then it begins a series. Any other file
 * is a case of its whole name, or a failure if channels are missing. */
att_status inputs_find(const struct model *m, const char *const *inputs, int count,
    struct dataset *d, struct failures *f, struct host *host, struct err *e);
