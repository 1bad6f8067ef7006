/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs of a search, done by one process or by several that share OUT (`workers`). A turn is the
 * lease on the journal, which one process reads and continues at a time; a job has a lease, too. */
#pragma once

#include "tune/trial_log.h"
#include "tune/tuning.h"

struct work {
    struct search_job job;
    int number; /* in t->jobs; -1: none */
    double seconds;
    bool cut;
    bool resumed; /* begun by an earlier process, or one that has ended */
    struct lease *lease;
};

struct worker {
    /* In a turn: choose the next job and pass it to work_choose, or nothing. */
    att_status (*choose)(struct tuning *t, struct work *w, struct err *e);
    /* Ends in work_finish. */
    att_status (*train)(struct tuning *t, struct trial_log *v, struct work *w, struct err *e);
};

/* Until there is nothing left to choose and all jobs have results. */
att_status work_all(
    struct tuning *t, const struct worker *worker, struct trial_log *v, struct err *e);
att_status work_choose(struct tuning *t, struct work *w, struct err *e);
/* A job's last line, unless another process was faster. *added: it is in the journal, and this is
 * still the process's turn, which ends with work_leave. */
att_status work_finish(struct tuning *t, struct work *w, json_t *line, bool *added, struct err *e);
/* The same for a job that failed; ends the turn. */
att_status work_fail(struct tuning *t, struct work *w, const struct err *why, struct err *e);

/* Begin a turn: what other processes have added is replayed. */
att_status work_enter(struct tuning *t, struct err *e);
void work_leave(struct tuning *t);
/* Between two turns without a job: until another process adds a line, or after two seconds, as it
 * may have died. ATT_INTERRUPTED if the host stops. */
att_status work_pause(struct tuning *t, struct err *e);
/* In a turn: adds a line and replays it; takes its reference. */
att_status work_add(struct tuning *t, json_t *line, struct err *e);
/* In a turn: the lease on a run in OUT; *mine without one if the search is not shared. */
att_status work_lease(struct tuning *t, const char *run, struct lease_watch *w,
    struct lease **lease, bool *mine, struct err *e);
