/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/run.json: the sessions (processes) that trained a run, with command, machine, time and
 * memory, for reports. */
#pragma once

#include "train/training.h"

/* "attunet train DATASET -o RUN --fold 0", with options of the command line, quoted for a shell.
 * For mem_free; NULL: no memory. */
char *record_train_command(const char *dataset, const char *run, const struct options *o);
/* "attunet plan DATASET --time 30m", with those of the options of info that plan takes, and a
 * fold if it needs one. */
char *record_plan_command(const char *dataset, const struct options *o);
char *record_resume_command(const char *run, const struct train_more *more);

/* RUN/run.json, or a new record if it is missing or damaged, since training does not need it. */
att_status record_read(const char *run, json_t **record, struct err *e);
/* A new session: command, version, cpu, isa, threads, memory. NULL: no memory. */
json_t *record_session(const struct train_context *c, const char *command);

/* Stores the hash of these cases' files in the record. Warns if it differs from the one at the
 * start. */
att_status record_data(const struct train_context *c, const struct dataset *d,
    const struct split *s, json_t *record, struct err *e);

/* Adds a session and the hash of the data to the file; at step 0 to a new file. command NULL: no
 * memory. */
att_status record_begin(struct training *t, const char *command, struct err *e);
/* After a change of length: adds [steps done, total steps] to the session's "lengths". */
att_status record_length(struct training *t, struct err *e);
/* Writes the session's time and memory so far. */
att_status record_update(struct training *t, struct err *e);
