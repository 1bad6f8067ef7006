/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/run.json of a run of hard attention: as of any run (run_record.h), but with the seconds of its stages.  Each of its two nets has one
 * of its own besides. */
#ifndef TRAIN_HARD_RECORD_H
#define TRAIN_HARD_RECORD_H

#include "train/hard_settings.h"
#include "train/train.h"

struct hard_record;

/* A session begins, in its first stage. `command` NULL is no memory. */
att_status hard_record_begin(const struct train_context *c, const char *run, const char *command, struct hard_record **r, struct err *e);
/* What is done from here on is of this stage. */
void hard_record_stage(struct hard_record *r, enum hard_stage stage);
/* What the session has taken so far is written into the file. */
att_status hard_record_update(struct hard_record *r, struct err *e);
void hard_record_free(struct hard_record *r); /* NULL is fine */

#endif
