/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of what a run would do to its training patches, for people. */
#ifndef APP_PREVIEW_H
#define APP_PREVIEW_H

#include "train/train_context.h"

/* Writes a PNG file: five cases of those that `train` on DATASET with the same options would train
 * on, each as it is and changed five times. */
att_status train_preview(const struct train_context *c, const char *dataset,
    const struct options *o, const char *path, struct err *e);

#endif
