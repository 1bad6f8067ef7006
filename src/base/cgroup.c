/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool cgroup_read_text(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    size_t size = 0;
    ssize_t got;
    while (size < room - 1 && (got = read(fd, text + size, room - 1 - size)) > 0)
        size += (size_t)got;
    text[size] = 0;
    close(fd);
    return size > 0;
}

bool cgroup_read(const char *folder, const char *name, char *text, size_t room)
{
    char path[2048];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return cgroup_read_text(path, text, room);
}

static double min_of(double a, double b) { return a > 0 && (b <= 0 || a < b) ? a : b; }

/* In a container the group's path may be hidden; the mount point is the group then. */
static double upwards(const char *mount, const char *group, cgroup_fn *allowed)
{
    char folder[1024];
    int length = snprintf(folder, sizeof folder, "%s%s", mount, group);
    if (length < 0 || (size_t)length >= sizeof folder) return allowed(mount);
    double min = 0;
    size_t root = strlen(mount);
    for (;;) {
        min = min_of(allowed(folder), min);
        char *slash = strrchr(folder, '/');
        if (!slash || (size_t)(slash - folder) < root) return min;
        *slash = 0;
    }
}

static bool lists(const char *list, const char *controller)
{
    const size_t length = strlen(controller);
    for (const char *s = list; (s = strstr(s, controller)) != NULL; s += length)
        if ((s == list || s[-1] == ',') && (s[length] == 0 || s[length] == ',')) return true;
    return false;
}

double cgroup_min(
    const char *groups, const char *mount, const char *controller, cgroup_fn *v2, cgroup_fn *v1)
{
    char text[4096], own[1024];
    if (!cgroup_read_text(groups, text, sizeof text)) return 0;
    snprintf(own, sizeof own, "%s/%s", mount, controller);
    double min = 0;
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) { /* version 2: "0::/path"; version 1:
                                                    * "4:cpu,cpuacct:/path" */
        strsep(&line, ":");
        const char *controllers = strsep(&line, ":");
        if (!controllers || !line) continue;
        if (!*controllers)
            min = min_of(upwards(mount, line, v2), min);
        else if (lists(controllers, controller))
            min = min_of(upwards(own, line, v1), min);
    }
    return min;
}
