/* SPDX-License-Identifier: Apache-2.0 */
/* What the control groups that this process is in allow it (cgroups(7), versions 1 and 2). */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

/* What the folder of one group says; 0: nothing. */
typedef double cgroup_fn(const char *folder);

/* The least of it from the group up to the mount point, of version 2 and of version 1's controller;
 * 0: no limit.  `groups` is /proc/self/cgroup, `mount` /sys/fs/cgroup. */
double cgroup_min(
    const char *groups, const char *mount, const char *controller, cgroup_fn *v2, cgroup_fn *v1);
/* Reads the start of a small file as text; false when there is none. */
bool cgroup_read(const char *folder, const char *name, char *text, size_t room);

#endif
