/* SPDX-License-Identifier: Apache-2.0 */
/* Hands sentences and progress to the caller's callbacks. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

void log_say(struct log *l, enum log_level level, const char *format, ...)
{
    if (!l || l->quiet || !l->message) return;
    char text[1024];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0) return;
    text_tame(text);
    l->message(l->user, (int)level, text);
}

void log_progress(struct log *l, const char *what, int64_t done, int64_t total, const char *detail)
{
    if (l && l->progress) l->progress(l->user, what, done, total, detail);
}

bool log_stopped(struct log *l)
{
    static const double pause = .25;
    if (!l) return false;
    if (atomic_load(&l->stop)) return true;
    if (!l->stop_file[0] || log_clock() - atomic_load(&l->looked) < pause) return false;
    atomic_store(&l->looked, log_clock());
    for (int i = 0; i < LOG_STOP_FILES && l->stop_file[i]; i++) {
        if (access(l->stop_file[i], F_OK) != 0) continue;
        log_say(l, LOG_INFO, "%s is there: stopping", l->stop_file[i]);
        atomic_store(&l->stop, 1);
        return true;
    }
    return false;
}

att_status log_part(struct log *l, const char *what, int64_t done, int64_t total, struct err *e)
{
    log_progress(l, what, done, total, NULL);
    return log_stopped(l) ? err_set(e, ATT_INTERRUPTED, "stopped while %s", what) : ATT_OK;
}

double log_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
