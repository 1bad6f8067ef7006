/* SPDX-License-Identifier: Apache-2.0 */
/* How the library speaks: sentences and progress go to callbacks of the caller.  Nothing is printed here. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdatomic.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN };

struct log {
    void (*message)(void *user, int level, const char *text);                                        /* may be NULL */
    void (*progress)(void *user, const char *what, int64_t done, int64_t total, const char *detail); /* may be NULL */
    void *user;
    atomic_int stop; /* set from a signal handler: long work ends at the next safe point with ATT_INTERRUPTED */
};

void log_say(struct log *l, enum log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* `detail`: e.g. the current loss; may be NULL.  total <= 0: unknown. */
void log_progress(struct log *l, const char *what, int64_t done, int64_t total, const char *detail);
/* Seconds from a clock that never jumps. */
double log_clock(void);

#endif
