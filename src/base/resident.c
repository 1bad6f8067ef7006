/* SPDX-License-Identifier: Apache-2.0 */
/* From /proc/self/status (proc(5)) and the files of control groups. */
#include "base/resident.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Sizes of these names (NULL-terminated), 0 where the system does not say. */
static void fields(const char *const *names, size_t *bytes)
{
    char line[256];
    unsigned long kib;
    for (int i = 0; names[i]; i++) bytes[i] = 0;
    FILE *f = fopen("/proc/self/status", "r");
    if (!f) return;
    while (fgets(line, sizeof line, f))
        for (int i = 0; names[i]; i++) {
            size_t length = strlen(names[i]);
            if (strncmp(line, names[i], length) == 0 && sscanf(line + length, ":%lu", &kib) == 1) bytes[i] = (size_t)kib * 1024;
        }
    fclose(f);
}

static size_t field(const char *name)
{
    size_t bytes;
    fields((const char *const[]){name, NULL}, &bytes);
    return bytes;
}

size_t resident_now(void) { return field("VmRSS"); }
size_t resident_peak(void) { return field("VmHWM"); }

size_t resident_held(void)
{
    static const char *const names[] = {"VmRSS", "RssAnon", "RssShmem", NULL};
    size_t bytes[3];
    fields(names, bytes);
    return bytes[1] ? bytes[1] + bytes[2] : bytes[0]; /* Linux before 4.5 does not tell them apart */
}

/* A number in a file of its own; 0: there is none, such as "max". */
static size_t number_in(const char *path)
{
    unsigned long long n = 0;
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    if (fscanf(f, "%llu", &n) != 1) n = 0;
    fclose(f);
    return (size_t)n;
}

size_t resident_machine(void)
{
    static const char *const limits[] = {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    size_t least = pages > 0 && size > 0 ? (size_t)pages * (size_t)size : 0;
    for (int i = 0; i < 2; i++) {
        const size_t limit = number_in(limits[i]);
        if (limit > 0 && (least == 0 || limit < least)) least = limit;
    }
    return least;
}

const char *resident_text(double bytes, char text[RESIDENT_TEXT])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int u = 0;
    for (; bytes >= 1024 && u < 4; u++) bytes /= 1024;
    snprintf(text, RESIDENT_TEXT, "%.*f %s", u > 0 && bytes < 100 ? 1 : 0, bytes, units[u]);
    return text;
}
