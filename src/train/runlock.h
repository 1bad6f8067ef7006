/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/lock: two trainings never write one run folder.  The lock is the kernel's and goes with the process, however that ends; the file
 * stays. */
#ifndef TRAIN_RUNLOCK_H
#define TRAIN_RUNLOCK_H

#include "base/status.h"

/* ATT_USAGE while another process holds it: "another attunet (process 123 on HOST) DOES RUN: ...", with `does` such as "trains in".  *fd is
 * for runlock_drop; -1 where nothing can be locked. */
att_status runlock_take(const char *run, const char *does, int *fd, struct err *e);
void runlock_drop(int fd);

#endif
