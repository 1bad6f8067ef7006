/* SPDX-License-Identifier: Apache-2.0 */
#include "base/host.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

struct host host_silent(const struct host *own)
{
    return (struct host){.memory = own->memory, .dry_run = own->dry_run, .limit = own->limit};
}

static void __attribute__((format(printf, 4, 0))) host_send(
    struct host *host, enum log_level level, const char *kind, const char *format, va_list args)
{
    char text[1024];
    if (!host || host->muted || vsnprintf(text, sizeof text, format, args) < 0) return;
    text_tame(text);
    const struct log *log = &host->log;
    if (kind && log->warning)
        log->warning(log->user, kind, text);
    else if (log->message)
        log->message(log->user, (int)level, text);
}

void host_say(struct host *host, enum log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    host_send(host, level, NULL, format, args);
    va_end(args);
}

void host_warn(struct host *host, enum warning kind, const char *format, ...)
{
    static const char *const names[] = {
#define X(name) #name,
#include "base/warning.def"
    };
    char name[32];
    snprintf(name, sizeof name, "%s", names[kind]);
    for (char *c = name; *c; c++) *c = *c == '_' ? '-' : text_lower(*c);
    va_list args;
    va_start(args, format);
    host_send(host, LOG_WARN, name, format, args);
    va_end(args);
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
    if (atomic_load(&host->stop) || atomic_load(&host->lost)) return true;
    if (!host->stop_file[0] || clock_now() - atomic_load(&host->checked) < pause) return false;
    atomic_store(&host->checked, clock_now());
    for (int i = 0; i < HOST_STOP_FILES && host->stop_file[i]; i++) {
        if (access(host->stop_file[i], F_OK) != 0) continue;
        host_say(host, LOG_INFO, "%s exists: stopping", host->stop_file[i]);
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
