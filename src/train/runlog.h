/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/log.csv, RUN/log.jsonl and TensorBoard's file of events: a row now and then, for people and
 * for programs. */
#pragma once

#include "train/validate.h"

struct log_row {
    int64_t step;
    double seconds, lr;
    double loss, norm; /* means since the last row; NaN: no step since then had finite ones */
    double sampling;   /* share of the steps' time since then that patches took; NaN: no step */
    const struct validation *validation; /* NULL: none at this step */
};

/* What rows of a kind of run hold, before the validation's Dice: the step and the seconds first,
 * and `count` numbers in all. */
struct log_columns {
    const char *const *name;
    int count;
    const struct labelling *labels;
};

/* At step 0 both logs begin anew. Later, in a resumed run, rows beyond `step` and a row cut off in
 * the middle are taken out. */
att_status runlog_open(const char *run, const struct log_columns *c, int64_t step, struct err *e);
/* A NaN is nothing; `v` may be NULL. */
att_status runlog_write(const char *run, const struct log_columns *c, const double *value,
    const struct validation *v, struct err *e);

/* The same for ordinary runs, with the column of their loss, and how many come before the Dice. */
enum { RUNLOG_LOSS = 3, RUNLOG_OWN = 6 };
att_status runlog_begin(const char *run, const struct labelling *l, int64_t step, struct err *e);
att_status runlog_append(
    const char *run, const struct labelling *l, const struct log_row *row, struct err *e);
