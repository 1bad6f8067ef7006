/* SPDX-License-Identifier: Apache-2.0 */
/* Folds that were trained apart, as a job array does: each by a `train` of its own into RUN/fold_K. */
#ifndef RUN_FOLDS_APART_H
#define RUN_FOLDS_APART_H

#include <jansson.h>
#include <stdbool.h>

#include "base/status.h"

/* What their checkpoints say of how they belong together. */
struct folds_apart {
    int count;
    json_t *dataset, *options; /* its path; those of `train` by which it is cut (train/given.h) */
    json_t *cut;               /* [[CASE, ...] that each validates on] */
};

bool folds_are_apart(const char *run); /* RUN holds such folds, and is no run itself */
/* ATT_DATA unless they are fold 0, 1, ..., finished, of one data set and cut in one way.  Ends with folds_apart_free, also on failure. */
att_status folds_apart_read(const char *run, struct folds_apart *f, struct err *e);
/* ATT_DATA unless they are all folds of `cut`. */
att_status folds_apart_fit(const char *run, const struct folds_apart *f, const json_t *cut, struct err *e);
void folds_apart_free(struct folds_apart *f);

#endif
