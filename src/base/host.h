/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller gives to work: where messages and progress go, whether to stop, the notes of a dry
 * run.  The library itself prints nothing. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum log_level {
    LOG_INFO = 1,
    LOG_WARN,
    LOG_ERROR /* one part of the work failed, the rest goes on */
};

enum warning {
#define X(name) WARN_##name,
#include "base/warning.def"
};

/* The caller's functions; each may be NULL. */
struct log {
    void (*message)(void *user, int level, const char *text);
    void (*progress)(void *user, const char *what, int64_t done, int64_t total, const char *detail);
    void *user;
    void (*warning)(void *user, const char *kind, const char *text); /* NULL: `message` gets them */
};

struct dry_run;
struct kernels;
struct memory_set;
struct pool;
struct team;

enum { HOST_STOP_FILES = 3 }; /* of a run, of a fold in it, and of a network in that */

struct host {
    struct log log;
    bool muted; /* messages are dropped */
    /* A signal handler may set it: long work ends with ATT_INTERRUPTED where it is safe. */
    atomic_int stop;
    atomic_int lost; /* leases that it lost and still has (files/lease.h): they stop it, too */
    const char
        *stop_file[HOST_STOP_FILES]; /* a file that exists stops, too; up to the first NULL */
    _Atomic double checked;          /* when the stop files were last looked for */
    const char *command, *overwrite; /* who writes, and what it may replace (files/claims.h) */
    struct dry_run *dry_run;         /* its notes; NULL: not a dry run */
    double limit;                    /* bytes that the process may take (`max-memory`); 0: all */
    struct memory_set *memory;       /* data sets of the caller (dataset/memory_set.h) */
    struct pool *pool;               /* threads; NULL: one */
    const struct kernels *kernels;   /* for networks (kernel/kernel.h) */
    struct team *team;               /* processes that work together (base/team.h); NULL: one */
};

/* Work without messages, progress and stops, for the same caller within the same limits. */
struct host host_silent(const struct host *own);

/* `host` may be NULL below: nobody listens, and nothing stops. */
void host_say(struct host *host, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void host_warn(struct host *host, enum warning kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `detail`: e.g. the current loss; may be NULL.  total <= 0: unknown. */
void host_progress(
    struct host *host, const char *what, int64_t done, int64_t total, const char *detail);
/* Whether long work must end.  Looks for stop files at most four times a second. */
bool host_stopped(struct host *host);
/* Between two parts of long work: reports progress; ATT_INTERRUPTED where the work must end.
 * `what` is a word such as "inflating". */
att_status host_part(
    struct host *host, const char *what, int64_t done, int64_t total, struct err *e);
