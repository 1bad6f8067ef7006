/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/log.csv, RUN/log.jsonl and TensorBoard's events: rows at intervals. */
#pragma once

#include "train/validate.h"

struct log_row {
    int64_t step;
    double seconds, lr;
    double loss, norm; /* means since the last row; NaN: no finite ones */
    double sampling;   /* share of the steps' time that patches took; NaN: no step */
    const struct validation *validation; /* NULL: none at this step */
};

/* Columns before the Dice: step, seconds, ...; `count` in total. */
struct log_columns {
    const char *const *name;
    int count;
    const struct labelling *labels;
};

/* At step 0 starts new logs. In a resumed run, removes rows after `step` and an incomplete row. */
att_status runlog_open(const char *run, const struct log_columns *c, int64_t step, struct err *e);
/* Leaves NaNs empty; `v` may be NULL. */
att_status runlog_write(const char *run, const struct log_columns *c, const double *value,
    const struct validation *v, struct err *e);

/* A checkpoint on disk must not be newer than the rows: syncs all logs. */
att_status runlog_sync(const char *run, struct err *e);

/* The same for one network: the column of the loss, and the columns before the Dice. */
enum { RUNLOG_LOSS = 3, RUNLOG_OWN = 6 };
att_status runlog_begin(const char *run, const struct labelling *l, int64_t step, struct err *e);
att_status runlog_append(
    const char *run, const struct labelling *l, const struct log_row *row, struct err *e);
