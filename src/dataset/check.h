/* SPDX-License-Identifier: Apache-2.0 */
/* Checks all samples of a data set opened by dataset_open_patterns, for `attunet info`. */
#pragma once

#include "dataset/dataset.h"
#include "dataset/duplicates.h"
#include "dataset/problems.h"

struct check {
    struct duplicate *duplicates; /* pairs of cases */
    int pairs;
    int empty, labelled; /* labels without foreground; readable labels */
};

/* Adds new problems to d->problems in case order. Reads several cases at a time. */
att_status check_all(
    struct dataset *d, struct pool *pool, struct host *host, struct check *c, struct err *e);
void check_free(struct check *c);
