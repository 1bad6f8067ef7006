/* SPDX-License-Identifier: Apache-2.0 */
/* Files at the end of runs: summary.json in nnU-Net's form, and post-processing that helps. */
#pragma once

#include "measure/evaluate.h"
#include "train/validate.h"

/* Adds a case's mask in RUN/validation and its label; optional: ignores a missing mask. */
att_status report_add(struct mask_pairs *pairs, const char *run, const struct dataset *d, int index,
    bool optional, struct err *e);
/* The same for all listed cases; frees the pairs on failure. */
att_status report_list(struct mask_pairs *pairs, const char *run, const struct dataset *d,
    const int *list, int count, struct err *e);

/* True if the voxel size was set as HxW (dataset/voxel_size.h), so that measures are planar. */
bool report_is_planar(int dims, const float voxel[3]);

/* RUN/summary.json: the masks of RUN/validation against the labels of the listed cases. */
att_status report_run(const struct train_context *c, const char *run, const struct dataset *d,
    const int *list, int count, const struct labelling *labels, struct err *e);

/* RUN/summary.json over the validation cases of all folds. If post-processing helps, writes
 * RUN/postprocess.json and stores it in each fold's model. Logs the mean Dice. sparing: as in
 * struct dataset. */
att_status report_folds(const struct train_context *c, const char *run, const char *dataset,
    const struct dataset_patterns *p, int folds, bool sparing, struct err *e);
