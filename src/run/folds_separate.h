/* SPDX-License-Identifier: Apache-2.0 */
/* Folds trained separately into RUN/fold_K, such as by the jobs of an array. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/status.h"

/* Their settings. */
struct folds_separate {
    int count;
    json_t *dataset; /* path in fold 0 */
    json_t *first;   /* settings of fold 0 */
    json_t
        *options; /* of `train` (run_options.h): fold 0's split, and a memory limit of any fold */
    json_t *cut;  /* [[validation CASE, ...] per fold] */
    bool grids_differ; /* so they cannot predict together */
};

bool folds_are_separate(const char *run); /* RUN has such folds, but is no run itself */
/* ATT_DATA unless they are fold 0, 1, ..., all finished. Call folds_separate_free also on
 * failure. */
att_status folds_separate_read(const char *run, struct folds_separate *f, struct err *e);
/* ATT_DATA unless they are all folds of `cut`, the split of `dataset` under their options. */
att_status folds_separate_check(const char *run, const struct folds_separate *f,
    const char *dataset, const json_t *cut, struct err *e);
void folds_separate_free(struct folds_separate *f);
