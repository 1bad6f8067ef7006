/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/run.json: which processes have trained a run, by which commands, on what machine, and what
 * that took. Reports show it. */
#pragma once

#include "train/training.h"

/* "attunet train DATASET -o RUN --fold 0", of options that were given as flags; words with other
 * than plain characters in quotes. For mem_free; NULL: no memory. */
char *record_train_command(const char *dataset, const char *run, const struct options *o);
char *record_resume_command(const char *run, const struct train_more *more);

/* RUN/run.json with its "sessions", an array; one that is not there or damaged begins anew: it is
 * of no use to the training. */
att_status record_read(const char *run, json_t **record, struct err *e);
/* What is known of a session as it begins: command, version, cpu, isa, threads, memory. NULL: no
 * memory. */
json_t *record_session(const struct train_context *c, const char *command);

/* The hash of these cases' files goes into a record that has none; where another is there it is
 * replaced. A warning says whether it is another than when the run began. */
att_status record_data(const struct train_context *c, const struct dataset *d,
    const struct split *s, json_t *record, struct err *e);

/* A session begins: it is added to the file, or the file is made, with the hash of the data. At
 * step 0 the file begins anew. `command` NULL is no memory. */
att_status record_begin(struct training *t, const char *command, struct err *e);
/* The run has another length from here on: [steps done, steps in all] is added to the session's
 * "lengths". */
att_status record_length(struct training *t, struct err *e);
/* What the session has taken so far is written into it. */
att_status record_update(struct training *t, struct err *e);
