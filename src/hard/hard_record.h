/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/run.json of a hard run: like that of any run (run_record.h), with the seconds of each stage.
 * Both networks have their own, too. A NULL record is fine: functions then do nothing. */
#pragma once

#include "hard/hard_settings.h"
#include "train/train_context.h"

struct dataset;
struct split;
struct hard_record;

/* Writes nothing before the first stage begins. A NULL `command` means that memory ran out. */
att_status hard_record_open(const struct train_context *c, const char *run, const char *command,
    struct hard_record **r, struct err *e);
/* Counts time for this stage from now on. The first call adds a session to the file. */
att_status hard_record_stage(struct hard_record *r, enum hard_stage stage, struct err *e);
/* Writes the session's seconds and memory, if a stage has begun. */
att_status hard_record_update(struct hard_record *r, struct err *e);
/* Like record_data, for stages 2 and 3. */
att_status hard_record_data(
    struct hard_record *r, const struct dataset *d, const struct split *s, struct err *e);
void hard_record_free(struct hard_record *r);
