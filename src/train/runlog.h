/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/log.csv and RUN/log.jsonl: a row now and then, for people and for programs. */
#ifndef TRAIN_RUNLOG_H
#define TRAIN_RUNLOG_H

#include "train/validate.h"

struct log_row {
    int64_t step;
    double seconds, lr;
    double loss, norm;                   /* means since the last row; NaN: no step since then had finite ones */
    double sampling;                     /* share of the steps' time since then that patches took; NaN: no step */
    const struct validation *validation; /* NULL: none at this step */
};

/* At step 0 both logs begin anew. Later, in a resumed run, rows beyond `step` and a row cut off in the middle are taken out. */
att_status runlog_begin(const char *run, const struct labelling *l, int64_t step, struct err *e);
att_status runlog_append(const char *run, const struct labelling *l, const struct log_row *row, struct err *e);

#endif
