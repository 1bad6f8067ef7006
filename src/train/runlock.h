/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/lock: two trainings never write one run folder; FOLDER/readers: no packed set loses files
 * while a training reads them.  The lock is the kernel's and goes with the process, however that
 * ends; the file stays. */
#pragma once

#include <stdbool.h>

#include "base/host.h"

/* ATT_USAGE while another process holds it: "another attunet (process 123 on HOST) DOES RUN: ...",
 * with `does` such as "trains in"; ATT_IO where the lock is not to be read.  *fd is for
 * runlock_drop; -1 where nothing can be locked, of which a file system's lack is warned of.
 */
att_status runlock_take(
    const char *run, const char *does, struct host *host, int *fd, struct err *e);
/* Whether it could be taken; no file is made or changed. */
att_status runlock_look(const char *run, const char *does, struct err *e);
void runlock_drop(int fd);

/* FOLDER/readers of a packed set: those who train on it share it, and while they do its files are
 * not swept away.  *fd is as above. */
void runlock_share(const char *folder, int *fd);
bool runlock_alone(const char *folder, int *fd); /* true where nobody shares it, or nothing can be
                                                    locked; then nobody does until it is dropped */
