/* SPDX-License-Identifier: Apache-2.0 */
/* Stages 2 and 3 of a hard model: the policy alone, then all of it jointly. */
#ifndef HARD_TRAIN_H
#define HARD_TRAIN_H

#include <jansson.h>

#include "hard/hard_record.h"

/* What both stages begin with. */
struct hard_work {
    const struct train_context *c;
    const char *run;
    const json_t *plan; /* hard_plan.h */
    const struct options
        *table;                 /* options of the command `train`, of which only the table counts */
    struct hard_record *record; /* NULL: none is kept */
};

/* After both nets are trained: joins them, and goes through both stages. */
att_status hard_train_start(const struct hard_work *h, struct err *e);
/* Goes on from RUN's checkpoint, in either stage. */
att_status hard_train_resume(
    const struct hard_work *h, const struct train_more *more, struct err *e);

#endif
