/* SPDX-License-Identifier: Apache-2.0 */
/* Limits from the control groups of this process (cgroups(7), versions 1 and 2). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Reads one group's limit from its folder; 0: none. */
typedef double cgroup_fn(const char *folder);

/* The smallest limit from the group up to the mount point, of version 2 and version 1's controller;
 * 0: none. `groups` is /proc/self/cgroup, `mount` /sys/fs/cgroup. */
double cgroup_min(
    const char *groups, const char *mount, const char *controller, cgroup_fn *v2, cgroup_fn *v1);
/* Reads the start of a small text file; false if it does not exist. */
bool cgroup_read(const char *folder, const char *name, char *text, size_t room);
