/* SPDX-License-Identifier: Apache-2.0 */
/* From /proc/self/status (proc(5)). */
#include "base/resident.h"

#include <stdio.h>
#include <string.h>

static size_t field(const char *name)
{
    char line[256];
    unsigned long kib = 0;
    size_t length = strlen(name);
    FILE *f = fopen("/proc/self/status", "r");
    if (!f) return 0;
    while (fgets(line, sizeof line, f))
        if (strncmp(line, name, length) == 0 && sscanf(line + length, ":%lu", &kib) == 1) break;
    fclose(f);
    return (size_t)kib * 1024;
}

size_t resident_now(void) { return field("VmRSS"); }
size_t resident_peak(void) { return field("VmHWM"); }

const char *resident_text(double bytes, char text[RESIDENT_TEXT])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int u = 0;
    for (; bytes >= 1024 && u < 4; u++) bytes /= 1024;
    snprintf(text, RESIDENT_TEXT, "%.*f %s", u > 0 && bytes < 100 ? 1 : 0, bytes, units[u]);
    return text;
}
