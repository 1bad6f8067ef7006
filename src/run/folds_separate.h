/* SPDX-License-Identifier: Apache-2.0 */
/* Folds that were trained apart, as a job array does: each by a `train` of its own into RUN/fold_K.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/status.h"

/* What their settings say of how they belong together. */
struct folds_separate {
    int count;
    json_t *dataset; /* where fold 0's was */
    json_t *first;   /* fold 0's settings */
    json_t *options; /* those of `train` by which it is cut (train/run_options.h), and the limit on
                        memory, if one had it */
    json_t *cut;     /* [[CASE, ...] that each validates on] */
    bool grids; /* they bring images to different grids, so that they cannot predict together */
};

bool folds_are_separate(const char *run); /* RUN holds such folds, and is no run itself */
/* ATT_DATA unless they are fold 0, 1, ..., all finished.  Ends with folds_separate_free, also on
 * failure. */
att_status folds_separate_read(const char *run, struct folds_separate *f, struct err *e);
/* ATT_DATA unless they are all folds of `cut`, which is that of `dataset` by their options. */
att_status folds_separate_fit(const char *run, const struct folds_separate *f, const char *dataset,
    const json_t *cut, struct err *e);
void folds_separate_free(struct folds_separate *f);
