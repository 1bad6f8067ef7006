/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, progress and stops for a caller. */
#include "base/host.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

void host_say(struct host *host, enum log_level level, const char *format, ...)
{
    if (!host || host->muted || !host->log.message) return;
    char text[1024];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0) return;
    text_tame(text);
    host->log.message(host->log.user, (int)level, text);
}

void host_progress(
    struct host *host, const char *what, int64_t done, int64_t total, const char *detail)
{
    if (host && host->log.progress) host->log.progress(host->log.user, what, done, total, detail);
}

bool host_stopped(struct host *host)
{
    static const double pause = .25;
    if (!host) return false;
    if (atomic_load(&host->stop)) return true;
    if (!host->stop_file[0] || clock_now() - atomic_load(&host->checked) < pause) return false;
    atomic_store(&host->checked, clock_now());
    for (int i = 0; i < HOST_STOP_FILES && host->stop_file[i]; i++) {
        if (access(host->stop_file[i], F_OK) != 0) continue;
        host_say(host, LOG_INFO, "%s is there: stopping", host->stop_file[i]);
        atomic_store(&host->stop, 1);
        return true;
    }
    return false;
}

att_status host_part(
    struct host *host, const char *what, int64_t done, int64_t total, struct err *e)
{
    host_progress(host, what, done, total, NULL);
    return host_stopped(host) ? err_set(e, ATT_INTERRUPTED, "stopped while %s", what) : ATT_OK;
}
