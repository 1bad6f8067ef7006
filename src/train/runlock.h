/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/lock keeps two trainings out of one folder; FOLDER/readers keeps packed files while a
 * training reads them. The kernel drops a lock when its process ends; the file stays. */
#pragma once

#include <stdbool.h>

#include "files/lease.h"

/* ATT_USAGE if another process has the lock: "another attunet (process 123 on HOST) DOES RUN; ...",
 * with `does` such as "trains in"; ATT_IO if the file cannot be opened. *fd is for runlock_drop;
 * -1: no lock. Warns if the file system has no locks. */
att_status runlock_take(
    const char *run, const char *does, struct host *host, int *fd, struct err *e);
/* Checks whether it could be taken; writes nothing. */
att_status runlock_check(const char *run, const char *does, struct err *e);
/* lease_take of a run in `folder`. The lock of a silent process may last longer than its lease:
 * then *lease is NULL, too. */
att_status runlock_lease(const char *folder, const char *run, struct lease_watch *w,
    struct host *host, struct lease **lease, struct err *e);
void runlock_drop(int fd);

/* FOLDER/readers of a packed set: trainings share it, so that attunet pack keeps its files. *fd as
 * above. */
void runlock_share(const char *folder, int *fd);
/* True if nobody shares it, or nothing can be locked; nobody can share it until *fd is dropped. */
bool runlock_exclusive(const char *folder, int *fd);
