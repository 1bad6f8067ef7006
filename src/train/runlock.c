/* SPDX-License-Identifier: Apache-2.0 */
/* flock(2) on a file of the run. */
#include "train/runlock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "dataset/pack.h"
#include "files/file.h"

enum { HOLDER = 128 };

/* Writes "process 123 on NAME" for the messages of others; ignores failures. */
static void write_holder(int fd)
{
    char text[HOLDER], host[65] = "";
    if (gethostname(host, sizeof host - 1)) host[0] = 0;
    int n =
        snprintf(text, sizeof text, "process %ld%s%s\n", (long)getpid(), *host ? " on " : "", host);
    if (ftruncate(fd, 0) == 0) n = (int)pwrite(fd, text, (size_t)n, 0);
    (void)n;
}

/* The holder's text in parentheses; "" if it is invalid or names an ended process of this machine,
 * since the present holder has not signed yet or may not. */
static void read_holder(int fd, char text[HOLDER + 4])
{
    char line[HOLDER], host[65] = "";
    long id = 0;
    int end = 0;
    ssize_t n = pread(fd, line, sizeof line - 1, 0);
    line[n > 0 ? n : 0] = 0;
    line[strcspn(line, "\n")] = 0;
    bool good = sscanf(line, "process %9ld%n", &id, &end) == 1 && id > 0;
    for (const char *c = line; *c; c++) good &= *c >= ' ' && *c <= '~';
    if (good && !gethostname(host, sizeof host - 1) && !strncmp(line + end, " on ", 4) &&
        !strcmp(line + end + 4, host))
        good = kill((pid_t)id, 0) == 0 || errno != ESRCH;
    text[0] = 0;
    if (good) snprintf(text, HOLDER + 4, " (%s)", line);
}

/* Read access is enough, such as to another user's file in a shared folder. -1: see errno. */
static int open_lock(const char *folder, const char *name, bool make)
{
    char *path = file_join(folder, name);
    const int fd = path ? file_open_lock(path, make) : -1;
    const int why = path ? errno : ENOMEM;
    mem_free(path);
    errno = why;
    return fd;
}

/* False if another process has removed the file, since its new run failed. */
static bool is_current(int fd, const char *run)
{
    struct stat here, there;
    char *path = file_join(run, RUN_LOCK);
    const bool same = !path || fstat(fd, &here) != 0 ||
        (stat(path, &there) == 0 && here.st_ino == there.st_ino && here.st_dev == there.st_dev);
    mem_free(path);
    return same;
}

/* Warns `host` (may be NULL) if the file system has no locks. */
static att_status train_runlock_take(
    const char *run, const char *does, struct host *host, bool make, int *fd, struct err *e)
{
    char holder[HOLDER + 4];
    *fd = open_lock(run, RUN_LOCK, make);
    if (*fd < 0 && errno == ENOMEM) return err_path(e);
    if (*fd < 0 && (errno == ELOOP || errno == ENODEV || errno == ENXIO || errno == EISDIR))
        return err_set(e, ATT_IO,
            "%s/%s is a link, a folder, a pipe or a device, not the lock that attunet writes; "
            "remove it",
            run, RUN_LOCK);
    if (*fd < 0 && errno != ENOENT && errno != ENOTDIR)
        return err_set(e, ATT_IO,
            "cannot open %s/%s: %s; correct its permissions, so that attunet can check whether "
            "another one %s %s",
            run, RUN_LOCK, strerror(errno), does, run);
    if (*fd < 0) return ATT_OK; /* the next write reports the error */
    const bool taken = flock(*fd, LOCK_EX | LOCK_NB) == 0;
    const int why = errno;
    if (taken && make && !is_current(*fd, run)) {
        runlock_drop(*fd);
        return train_runlock_take(run, does, host, make, fd, e);
    }
    if (taken && make) write_holder(*fd);
    if (taken) return ATT_OK;
    if (why == EWOULDBLOCK) read_holder(*fd, holder);
    runlock_drop(*fd);
    *fd = -1;
    if (why == EWOULDBLOCK)
        return err_usage(e, "another attunet%s %s %s; wait until it ends, or choose another folder",
            holder, does, run);
    if (host)
        host_warn(host, WARN_RUN_NOT_LOCKED,
            "%s cannot be locked (%s); do not start another attunet in it", run, strerror(why));
    return ATT_OK;
}

att_status runlock_take(
    const char *run, const char *does, struct host *host, int *fd, struct err *e)
{
    return train_runlock_take(run, does, host, true, fd, e);
}

att_status runlock_check(const char *run, const char *does, struct err *e)
{
    int fd;
    TRY(train_runlock_take(run, does, NULL, false, &fd, e));
    runlock_drop(fd);
    return ATT_OK;
}

att_status runlock_lease(const char *folder, const char *run, struct lease_watch *w,
    struct host *host, struct lease **lease, struct err *e)
{
    struct err why = {0};
    TRY(lease_take(folder, file_base(run), w, host, lease, e));
    if (*lease && runlock_check(run, "trains in", &why) == ATT_USAGE) {
        lease_drop(*lease);
        *lease = NULL;
    }
    return ATT_OK;
}

/* Waits, since sweeps are short. */
void runlock_share(const char *folder, int *fd)
{
    *fd = open_lock(folder, PACK_READERS, true);
    while (*fd >= 0 && flock(*fd, LOCK_SH) != 0 && errno == EINTR) continue;
}

bool runlock_exclusive(const char *folder, int *fd)
{
    *fd = open_lock(folder, PACK_READERS, true);
    if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return true;
    runlock_drop(*fd);
    *fd = -1;
    return false;
}

void runlock_drop(int fd)
{
    if (fd >= 0) close(fd);
}
