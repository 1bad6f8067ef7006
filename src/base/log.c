/* SPDX-License-Identifier: Apache-2.0 */
/* Hands sentences and progress to the caller's callbacks. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

void log_say(struct log *l, enum log_level level, const char *format, ...)
{
    if (!l || !l->message) return;
    char text[1024];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length >= 0) l->message(l->user, (int)level, text);
}

void log_progress(struct log *l, const char *what, int64_t done, int64_t total, const char *detail)
{
    if (l && l->progress) l->progress(l->user, what, done, total, detail);
}

double log_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
