/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a training: its steps, what is due between them, its end, and what is saved when it
 * fails or is stopped.  Runs of one network (loop.c) and the stages of hard attention take it. */
#pragma once

#include "base/host.h"

/* What a training does.  Members with "NULL" may be NULL. */
struct course_calls {
    att_status (*step)(void *user, struct err *e);      /* and shows progress */
    att_status (*keep_time)(void *user, struct err *e); /* sets *steps for a deadline; NULL */
    att_status (*snapshot)(void *user, struct err *e);  /* after a step; NULL */
    att_status (*validate)(void *user, bool last, struct err *e); /* last: all steps are done */
    att_status (*row)(void *user, bool validated, struct err *e); /* of the log */
    void (*next_row)(void *user);                                 /* sums begin anew */
    att_status (*save)(void *user, struct err *e);                /* a checkpoint */
    att_status (*write_model)(void *user, struct err *e);
    /* After a validation, an interrupt or (last) the end. */
    att_status (*report)(void *user, bool last, struct err *e);
    /* After the last step, before the last validation.  *saved: a checkpoint has these steps. */
    att_status (*settle)(void *user, bool *saved, struct err *e);
};

struct course {
    const struct course_calls *calls;
    void *user;
    struct host *host;
    const char *run;             /* folder */
    const char *stage;           /* for sentences: "" or "in stage 2 of 3 " */
    const int64_t *step, *steps; /* done, `before` included; to do in this course */
    int64_t before;              /* steps of earlier stages */
    bool *due;                   /* what follows on a step is still to do; checkpoints hold it */
    bool *finished;
    int64_t validate_every;  /* steps; 0: only at the end */
    double checkpoint_every; /* seconds */
    bool validates;          /* there are validation cases */
    bool safe_io;            /* a step that cannot read has changed nothing that is saved */
    bool in_step;
};

enum { COURSE_ROWS = 200 }; /* of the log, about */
int64_t course_row_every(int64_t steps);

/* All steps that are left, and the end.  Where it fails between steps for want of a file, of disk
 * or of memory, it saves an emergency checkpoint.  ATT_INTERRUPTED: then call course_stop. */
att_status course_run(struct course *c, struct err *e);
/* Saves what there is, and returns ATT_INTERRUPTED with a sentence that says so. */
att_status course_stop(const struct course *c, struct err *e);

/* How steps are timed, after one to warm up: `min`, then more up to `max` until `seconds` have
 * passed; COURSE_PROBES at most.  trim: the slowest tenth, rounded up, does not count; one step
 * always does. */
enum { COURSE_PROBES = 200 };
struct course_timing {
    att_status (*step)(void *user, int trial, struct err *e); /* trial: 0, 1, ... */
    void *user;
    struct host *host;
    int min, max;
    double seconds;
    bool trim;
};
/* The mean of a step, in seconds. */
att_status course_time_step(const struct course_timing *t, double *mean, struct err *e);
