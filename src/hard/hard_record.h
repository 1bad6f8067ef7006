/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/run.json of a run of hard attention: as of any run (run_record.h), but with the seconds of
 * its stages.  Each of its two nets has one of its own besides.  Of all functions a record that is
 * NULL is fine: none is kept then. */
#pragma once

#include "hard/hard_settings.h"
#include "train/train_context.h"

struct dataset;
struct split;
struct hard_record;

/* Nothing is written before the first stage begins. `command` NULL is no memory. */
att_status hard_record_open(const struct train_context *c, const char *run, const char *command,
    struct hard_record **r, struct err *e);
/* What is done from here on is of this stage: the first of a process adds a session to the file. */
att_status hard_record_stage(struct hard_record *r, enum hard_stage stage, struct err *e);
/* What the session has taken so far is written into the file, if a stage has begun. */
att_status hard_record_update(struct hard_record *r, struct err *e);
/* The data that the stages behind the nets learn from, as record_data. */
att_status hard_record_data(
    struct hard_record *r, const struct dataset *d, const struct split *s, struct err *e);
void hard_record_free(struct hard_record *r);
