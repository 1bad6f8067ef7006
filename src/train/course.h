/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a training: steps, actions between them, the end, and saving on failure or stop. For
 * one network (loop.c) and the stages of hard attention. */
#pragma once

#include "base/host.h"

/* Members marked NULL may be NULL. */
struct course_calls {
    att_status (*step)(void *user, struct err *e);      /* also shows progress */
    att_status (*keep_time)(void *user, struct err *e); /* adjusts *steps to a deadline; NULL */
    att_status (*snapshot)(void *user, struct err *e);  /* after a step; NULL */
    att_status (*validate)(void *user, bool last, struct err *e); /* last: all steps are done */
    att_status (*row)(void *user, bool validated, struct err *e); /* of the log */
    void (*next_row)(void *user);                                 /* resets the sums */
    att_status (*save)(void *user, struct err *e);                /* a checkpoint */
    att_status (*write_model)(void *user, struct err *e);
    /* After a validation, an interrupt or (last) the end. */
    att_status (*report)(void *user, bool last, struct err *e);
    /* Before the last validation. *saved: a checkpoint has all steps. */
    att_status (*after_steps)(void *user, bool *saved, struct err *e);
};

struct course {
    const struct course_calls *calls;
    void *user;
    struct host *host;
    const char *run;             /* folder */
    const char *stage;           /* for messages: "" or "in stage 2 of 3 " */
    const int64_t *step, *steps; /* done, with `before`; total of this course */
    int64_t before;              /* steps of earlier stages */
    bool *due;                   /* actions after the last step are pending; saved in checkpoints */
    bool *finished;
    int64_t validate_every;  /* steps; 0: only at the end */
    double checkpoint_every; /* seconds */
    bool validates;          /* there are validation cases */
    bool safe_io;            /* a step that cannot read has changed nothing */
    bool in_step;
};

enum { COURSE_ROWS = 200 }; /* in the log, approximately */
int64_t course_row_every(int64_t steps);

/* Runs the remaining steps and the end. Saves an emergency checkpoint if a file, the disk or memory
 * fails between steps. On ATT_INTERRUPTED, call course_stop. */
att_status course_run(struct course *c, struct err *e);
/* Saves everything and returns ATT_INTERRUPTED with a message. */
att_status course_stop(const struct course *c, struct err *e);

/* Timing of steps, after one to warm up: at least `min`, up to `max` within `seconds`, never more
 * than COURSE_PROBES. trim: leave out the slowest tenth, rounded up, but keep one. */
enum { COURSE_PROBES = 200 };
struct course_timing {
    att_status (*step)(void *user, int trial, struct err *e); /* trial: 0, 1, ... */
    void *user;
    struct host *host;
    int min, max;
    double seconds;
    bool trim;
};
/* Mean seconds of a step. */
att_status course_time_step(const struct course_timing *t, double *mean, struct err *e);
