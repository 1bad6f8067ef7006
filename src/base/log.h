/* SPDX-License-Identifier: Apache-2.0 */
/* How the library speaks: sentences and progress go to callbacks of the caller.  Nothing is printed
 * here. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum log_level {
    LOG_INFO = 1,
    LOG_WARN,
    LOG_ERROR
}; /* LOG_ERROR: of a part of the work, while the rest goes on */

struct dry_run;

enum { LOG_STOP_FILES = 3 }; /* of a run, of a fold in it, and of a net in that */

struct log {
    void (*message)(void *user, int level, const char *text); /* may be NULL */
    void (*progress)(void *user, const char *what, int64_t done, int64_t total,
        const char *detail); /* may be NULL */
    void *user;
    bool quiet;      /* no messages for a while */
    atomic_int stop; /* set from a signal handler: long work ends at the next safe point with
                        ATT_INTERRUPTED */
    const char *stop_file[LOG_STOP_FILES]; /* files that ask for the same by being there, up to the
                                              first NULL */
    _Atomic double looked;                 /* when they were looked for last, by log_clock */
    struct dry_run *dry_run; /* --dry-run: nothing is written, and what would be is noted there
                                    (dry_run.h); mostly NULL */
};

void log_say(struct log *l, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `detail`: e.g. the current loss; may be NULL.  total <= 0: unknown. */
void log_progress(struct log *l, const char *what, int64_t done, int64_t total, const char *detail);
/* Whether long work is to end.  A stop file is looked for, at most four times a second.  NULL: no.
 */
bool log_stopped(struct log *l);
/* Between two parts of long work, `what` in a word: "inflating". Tells of it as log_progress does;
 * ATT_INTERRUPTED once it is to end. */
att_status log_part(struct log *l, const char *what, int64_t done, int64_t total, struct err *e);
/* Seconds from a clock that never jumps. */
double log_clock(void);

#endif
