/* SPDX-License-Identifier: Apache-2.0 */
/* Turns files, folders and lists into cases. A case has one file, or one per channel (nnU-Net's
 * CASE_0000, CASE_0001, ...; columns of a list). */
#pragma once

#include "dataset/dataset.h"
#include "model/model.h"
#include "predict/predict_failures.h"

struct inputs_asked {
    const char *const *inputs; /* files and folders */
    int count;
    const struct dataset_patterns *names; /* how images of the training are named, or NULL */
};

/* Fills d->cases (sorted by id, no labels) and d->channels; free with dataset_free, also on
 * failure. Takes named files with any ending. From a folder it takes the images that `names` fit,
 * named after their cases, or, if none does, the files of a known format. It leaves out labels
 * (logged): a CASE_mask beside CASE, the label in a folder of one case, what pairs with images as
 * in a data set (layout_found.h). From a CSV it takes the cases (docs/data.md). CASE_dddd are
 * channels of one case if numbered 0 to channels - 1 and none has all channels. A CASE_0000 with
 * all channels is CASE, unless CASE_0001 exists beside it: then it begins a series. Any other file
 * is a case of its whole name, or a failure if channels are missing. Files of one name in several
 * folders are named with these. */
att_status inputs_find(const struct model *m, const struct inputs_asked *a, struct dataset *d,
    struct failures *f, struct host *host, struct err *e);
