/* SPDX-License-Identifier: Apache-2.0 */
/* From /proc/self/status, /proc/meminfo (proc(5)) and the files of control groups. */
#include "base/limit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/mem.h"

/* Sizes of these names (NULL-terminated) in a file of proc, which is closed; 0 where the system
 * does not say. */
static void fields(FILE *f, const char *const *names, size_t *bytes)
{
    char line[256];
    unsigned long kib;
    for (int i = 0; names[i]; i++) bytes[i] = 0;
    if (!f) return;
    while (fgets(line, sizeof line, f))
        for (int i = 0; names[i]; i++) {
            size_t length = strlen(names[i]);
            if (strncmp(line, names[i], length) == 0 && sscanf(line + length, ":%lu", &kib) == 1)
                bytes[i] = (size_t)kib * 1024;
        }
    fclose(f);
}

static size_t resident_field(const char *name)
{
    size_t bytes;
    fields(fopen("/proc/self/status", "re"), (const char *const[]){name, NULL}, &bytes);
    return bytes;
}

size_t resident_now(void) { return resident_field("VmRSS"); }
size_t resident_peak(void) { return resident_field("VmHWM"); }

size_t resident_pinned(void)
{
    static const char *const names[] = {"VmRSS", "RssAnon", "RssShmem", NULL};
    size_t bytes[3];
    fields(fopen("/proc/self/status", "re"), names, bytes);
    return bytes[1] ? bytes[1] + bytes[2]
                    : bytes[0]; /* Linux before 4.5 does not tell them apart */
}

double resident_estimate(void)
{
    mem_trim();
    return (double)resident_now() + LIMIT_UNCOUNTED;
}

static double limit_in(const char *folder, const char *name)
{
    char text[64];
    unsigned long long bytes; /* "max": no limit */
    return cgroup_read(folder, name, text, sizeof text) && sscanf(text, "%llu", &bytes) == 1
        ? (double)bytes
        : 0;
}

static double limit_v2(const char *folder) { return limit_in(folder, "memory.max"); }
static double limit_v1(const char *folder) { return limit_in(folder, "memory.limit_in_bytes"); }

double limit_cgroup(const char *groups, const char *mount)
{
    return cgroup_min(groups, mount, "memory", limit_v2, limit_v1);
}

double limit_machine(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    const double all = pages > 0 && size > 0 ? (double)pages * (double)size : 0;
    const double limit = limit_cgroup("/proc/self/cgroup", "/sys/fs/cgroup");
    return limit > 0 && (all <= 0 || limit < all) ? limit : all;
}

double limit_free(void)
{
    size_t bytes;
    fields(fopen("/proc/meminfo", "re"), (const char *const[]){"MemAvailable", NULL}, &bytes);
    const double all = limit_machine(), now = (double)resident_now(),
                 own = all > 0 ? fmax(all - now, 1) : 0; /* 0 would mean that it is not known */
    return bytes > 0 && (own <= 0 || (double)bytes < own) ? (double)bytes : own;
}

const char *bytes_text(double bytes, char text[BYTES_TEXT])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int u = 0;
    for (; bytes >= 1024 && u < 4; u++) bytes /= 1024;
    snprintf(text, BYTES_TEXT, "%.*f %s", u > 0 && bytes < 100 ? 1 : 0, bytes, units[u]);
    return text;
}

const char *limit_text(double bytes, char text[LIMIT_TEXT])
{
    snprintf(text, LIMIT_TEXT, "`max-memory` %.0fMiB", ceil((bytes + LIMIT_RESTART) / (1 << 20)));
    return text;
}
