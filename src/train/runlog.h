/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/log.csv and RUN/log.jsonl: a row now and then, for people and for programs. */
#ifndef TRAIN_RUNLOG_H
#define TRAIN_RUNLOG_H

#include "train/validate.h"

struct log_row {
    int64_t step;
    double seconds, lr, loss, norm;
    const struct validation *validation; /* NULL: none at this step */
};

/* A fresh run: writes the header of the CSV. A resumed one: rows beyond `step` are cut off. */
att_status runlog_begin(const char *run, const struct labelling *l, int64_t step, struct err *e);
att_status runlog_append(const char *run, const struct labelling *l, const struct log_row *row, struct err *e);

#endif
