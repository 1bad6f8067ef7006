/* SPDX-License-Identifier: Apache-2.0 */
/* What is written when runs have ended: summary.json, in nnU-Net's form, and the post-processing
 * that helps. */
#pragma once

#include "measure/evaluate.h"
#include "train/validate.h"

/* Adds a case's mask in RUN/validation and its label; with `if_there`, ignores a missing
 * mask. */
att_status report_add(struct mask_pairs *pairs, const char *run, const struct dataset *d, int index,
    bool if_there, struct err *e);
/* The same of all listed cases; on failure there are no pairs. */
att_status report_list(struct mask_pairs *pairs, const char *run, const struct dataset *d,
    const int *list, int count, struct err *e);

/* Whether voxels were given as HxW (dataset/voxel_size.h): what is measured is then of planes. */
bool report_of_planes(int dims, const float voxel[3]);

/* RUN/summary.json: the masks of RUN/validation against the labels of the listed cases. */
att_status report_run(const struct train_context *c, const char *run, const struct dataset *d,
    const int *list, int count, const struct labelling *labels, struct err *e);

/* The same over RUN/fold_0 ... fold_{folds-1}, for all their validation cases: RUN/summary.json,
 * and RUN/postprocess.json if some post-processing helps, which goes into each fold's model, too.
 * Says the mean Dice. `sparing` as in struct dataset. */
att_status report_folds(const struct train_context *c, const char *run, const char *dataset,
    int folds, bool sparing, struct err *e);
