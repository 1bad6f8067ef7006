/* SPDX-License-Identifier: Apache-2.0 */
/* flock(2) on a file of the run; called by train.c, folds.c, hardrun.c and packing.c. */
#include "train/runlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "dataset/pack.h"
#include "model/run_files.h"

enum { HOLDER = 128 };

/* "process 123 on NAME", for whoever comes second; that it cannot be written is no reason not to train. */
static void sign(int fd)
{
    char text[HOLDER], host[65] = "";
    if (gethostname(host, sizeof host - 1)) host[0] = 0;
    int n = snprintf(text, sizeof text, "process %ld%s%s\n", (long)getpid(), *host ? " on " : "", host);
    if (ftruncate(fd, 0) == 0) n = (int)pwrite(fd, text, (size_t)n, 0);
    (void)n;
}

/* What a holder wrote, in parentheses; "" where it is nothing of the kind. */
static void read_holder(int fd, char text[HOLDER + 4])
{
    char line[HOLDER];
    ssize_t n = pread(fd, line, sizeof line - 1, 0);
    line[n > 0 ? n : 0] = 0;
    line[strcspn(line, "\n")] = 0;
    bool good = !strncmp(line, "process ", 8) && strspn(line + 8, "0123456789") > 0;
    for (const char *c = line; *c; c++) good &= *c >= ' ' && *c <= '~';
    text[0] = 0;
    if (good) snprintf(text, HOLDER + 4, " (%s)", line);
}

static att_status take(const char *run, const char *does, bool dry, int *fd, struct err *e)
{
    char *path = file_join(run, RUN_LOCK), holder[HOLDER + 4];
    *fd = -1;
    if (!path) return err_memory(e, strlen(run), "a file name");
    *fd = open(path, dry ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    mem_free(path);
    /* A folder that takes no file, or a file system without locks: what is written next says what is wrong, or nothing is. */
    if (*fd < 0) return ATT_OK;
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) {
        if (!dry) sign(*fd);
        return ATT_OK;
    }
    if (errno != EWOULDBLOCK) return ATT_OK;
    read_holder(*fd, holder);
    runlock_drop(*fd);
    *fd = -1;
    return err_set(e, ATT_USAGE, "another attunet%s %s %s: wait until it ends, or choose another folder", holder, does, run);
}

att_status runlock_take(const char *run, const char *does, int *fd, struct err *e) { return take(run, does, false, fd, e); }

att_status runlock_look(const char *run, const char *does, struct err *e)
{
    int fd;
    TRY(take(run, does, true, &fd, e));
    runlock_drop(fd);
    return ATT_OK;
}

/* Made where it is not there; who may only read the folder locks what is there. */
static int open_readers(const char *folder)
{
    char *path = file_join(folder, PACK_READERS);
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (path && fd < 0) fd = open(path, O_RDONLY | O_CLOEXEC);
    mem_free(path);
    return fd;
}

/* A sweep is short: it is waited for. */
void runlock_share(const char *folder, int *fd)
{
    *fd = open_readers(folder);
    while (*fd >= 0 && flock(*fd, LOCK_SH) != 0 && errno == EINTR) continue;
}

bool runlock_alone(const char *folder, int *fd)
{
    *fd = open_readers(folder);
    if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return true;
    runlock_drop(*fd);
    *fd = -1;
    return false;
}

void runlock_drop(int fd)
{
    if (fd >= 0) close(fd);
}
