/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/lock: two trainings never write one run folder.  The lock is the kernel's and goes with the process, however that ends; the file
 * stays. */
#ifndef TRAIN_RUNLOCK_H
#define TRAIN_RUNLOCK_H

#include "base/status.h"

/* ATT_USAGE while another training holds it.  *fd is for runlock_drop; -1 where nothing can be locked. */
att_status runlock_take(const char *run, int *fd, struct err *e);
void runlock_drop(int fd);

#endif
