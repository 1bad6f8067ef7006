/* SPDX-License-Identifier: Apache-2.0 */
/* flock(2) on a file of the run; called by train.c. */
#include "train/runlock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/run_files.h"

att_status runlock_take(const char *run, int *fd, struct err *e)
{
    char *path = file_join(run, RUN_LOCK);
    *fd = -1;
    if (!path) return err_memory(e, strlen(run), "a file name");
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    mem_free(path);
    /* A folder that takes no file, or a file system without locks: what is written next says what is wrong, or nothing is. */
    if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return ATT_OK;
    runlock_drop(*fd);
    *fd = -1;
    return err_set(e, ATT_USAGE, "another attunet trains in %s: wait until it ends, or choose another folder", run);
}

void runlock_drop(int fd)
{
    if (fd >= 0) close(fd);
}
