/* SPDX-License-Identifier: Apache-2.0 */
/* What is written when runs have ended: summary.json, in nnU-Net's form, and the post-processing that helps. */
#ifndef TRAIN_REPORT_H
#define TRAIN_REPORT_H

#include "train/validate.h"

/* RUN/summary.json: the masks of RUN/validation against the labels of the listed cases. */
att_status report_run(const struct train_context *c, const char *run, const struct dataset *d, const int *list, int count,
                      const struct labelling *labels, struct err *e);

/* The same over RUN/fold_0 ... fold_{folds-1}, for all their validation cases: RUN/summary.json, and RUN/postprocess.json if some
 * post-processing helps, which goes into each fold's model, too. Says the mean Dice. */
att_status report_folds(const struct train_context *c, const char *run, const char *dataset, int folds, struct err *e);

#endif
