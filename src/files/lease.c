/* SPDX-License-Identifier: Apache-2.0 */
#include "files/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "files/file.h"
#include "files/hash.h"

enum { LEASE_TEXT = 256, LEASE_SIGN = 64, LEASE_PAUSE = 250000000 /* ns */ };

struct lease {
    char *path; /* of its term */
    struct host *host;
    pthread_t thread;
    int end; /* eventfd that wakes the thread */
    unsigned count;
    char sign[LEASE_SIGN];
    atomic_bool lost;
};

/* ---- the process of a term: "PID START PLACE COUNT HOST", of which the first three sign it */

/* When a process began, in ticks after the boot; 0: unknown, -1: it has ended. */
static long long lease_start_of(long id)
{
    char path[48], text[1024], state = 0;
    long long start = 0;
    if (kill((pid_t)id, 0) != 0 && errno == ESRCH) return -1;
    snprintf(path, sizeof path, "/proc/%ld/stat", id);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0) close(fd);
    text[n > 0 ? n : 0] = 0;
    const char *name_end = strrchr(text, ')'); /* fields 3 (state) and 22 (start) follow */
    if (!name_end ||
        sscanf(name_end + 1,
            " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lld",
            &state, &start) != 2)
        return 0;
    return state == 'Z' || state == 'X' ? -1 : start;
}

static void lease_sign(struct lease *l)
{
    char place[FILE_PLACE + 1];
    const long id = (long)getpid();
    file_find_place(place);
    snprintf(l->sign, sizeof l->sign, "%ld %lld %s ", id, lease_start_of(id), place);
}

static bool lease_write(const struct lease *l, int fd)
{
    char text[LEASE_TEXT], host[65] = "";
    if (gethostname(host, sizeof host - 1)) host[0] = 0;
    /* of a fixed length for a process, so that no reader sees half of it */
    const int n = snprintf(text, sizeof text, "%s%010u %s\n", l->sign, l->count, host);
    errno = ENOSPC; /* if only a part fits */
    return pwrite(fd, text, (size_t)n, 0) == n;
}

/* Makes the file of the term, or leaves none. False: see errno. */
static bool lease_create(const struct lease *l)
{
    const int fd = open(l->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) return false;
    const bool written = lease_write(l, fd);
    const int error = errno;
    close(fd);
    if (!written) file_remove(l->path);
    errno = error;
    return written;
}

/* Whether the file of the term is gone, or another process's: numbers of terms begin again. If not,
 * counts on in the very file that was compared, as this process may sleep in between. */
static bool lease_is_taken(const struct lease *l, bool counts)
{
    char text[LEASE_SIGN];
    const size_t n = strlen(l->sign);
    const int fd = open(l->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    const ssize_t got = fd >= 0 ? pread(fd, text, n, 0) : -1;
    const int error = errno;
    const bool own = got == (ssize_t)n && memcmp(text, l->sign, n) == 0;
    if (own && counts) lease_write(l, fd); /* if that fails, the next beat may succeed */
    if (fd >= 0) close(fd);
    return got < 0 ? error == ENOENT || error == ESTALE : !own;
}

/* The terms of a lease that have files. */
struct lease_terms {
    int newest;     /* 0: none */
    uint64_t text;  /* of their numbers and contents, in any order */
    bool held, far; /* by a process of this machine that can go on; by one of another machine */
};

/* A file that cannot be read counts as held: it is looked at again. */
static void lease_add_term(struct lease_terms *t, const char *path, int term)
{
    struct err ignored = {0};
    char *text, own[FILE_PLACE + 1], place[FILE_PLACE + 1] = "";
    long id = 0;
    long long start = 0;
    size_t size;
    if (term > t->newest) t->newest = term;
    if (file_read(path, LEASE_TEXT, &text, &size, &ignored) != ATT_OK) {
        t->held = true;
        return;
    }
    t->text += hash_bytes(text, size) * (2 * (uint64_t)term + 1);
    const bool signs = sscanf(text, "%9ld %lld %12s", &id, &start, place) == 3 && id > 0;
    mem_free(text);
    file_find_place(own);
    if (!signs || strcmp(place, own) != 0) {
        t->far = true;
        return;
    }
    const long long now = lease_start_of(id);
    t->held |= now == 0 || (now > 0 && (!start || now == start));
}

/* ---- terms */

/* The term of a file of this lease; 0: another file. */
static int lease_term_of(const char *file, const char *name)
{
    const size_t n = strlen(name);
    if (*file != '.' || strncmp(file + 1, name, n) != 0 || file[n + 1] != '.') return 0;
    const char *digits = file + n + 2;
    const size_t count = strspn(digits, "0123456789");
    return count > 0 && count < 10 && !digits[count] ? (int)strtol(digits, NULL, 10) : 0;
}

static char *lease_path(const char *folder, const char *name, int term)
{
    return mem_text("%s/.%s.%d", folder, name, term);
}

/* All terms but `own`; t NULL: removes those before it. A later one is of a process that took the
 * work over. */
static att_status lease_look(
    const char *folder, const char *name, int own, struct lease_terms *t, struct err *e)
{
    struct file_list l;
    TRY(file_list_all(folder, &l, e));
    if (t) *t = (struct lease_terms){0};
    for (int i = 0; i < l.count; i++) {
        const int term = lease_term_of(l.names[i], name);
        char *path = term && term != own ? lease_path(folder, name, term) : NULL;
        if (path && t) lease_add_term(t, path, term);
        if (path && !t && term < own) file_remove(path);
        mem_free(path);
    }
    file_list_free(&l);
    return ATT_OK;
}

/* Whether nobody has it. Of processes on another machine, this is known by their silence alone. */
static bool lease_is_free(const struct lease_terms *t, struct lease_watch *w)
{
    if (t->held || !t->far) return !t->held;
    const double time = clock_now();
    if (w->text != t->text) *w = (struct lease_watch){t->text, time};
    return time - w->since > LEASE_SECONDS;
}

static void *lease_count(void *arg)
{
    struct lease *l = arg;
    struct pollfd end = {.fd = l->end, .events = POLLIN};
    while (poll(&end, 1, LEASE_BEAT * 1000) <= 0) {
        l->count++;
        if (!lease_is_taken(l, true)) continue;
        atomic_store(&l->lost, true);
        if (l->host) atomic_fetch_add(&l->host->lost, 1);
        break;
    }
    return NULL;
}

static att_status lease_begin(struct lease *l, struct err *e)
{
    l->end = eventfd(0, EFD_CLOEXEC);
    const int error = l->end < 0 ? errno : thread_start(&l->thread, lease_count, l);
    if (!error) return ATT_OK;
    if (l->end >= 0) close(l->end);
    return err_set(e, ATT_MEMORY, "cannot start a thread for %s: %s; close other programs", l->path,
        strerror(error));
}

/* The next term, if the others are still as they were seen; else somebody was faster. */
static att_status lease_make(const char *folder, const char *name, const struct lease_terms *seen,
    struct lease *l, bool *made, struct err *e)
{
    struct lease_terms now;
    struct err ignored = {0};
    const int term = seen->newest + 1;
    if (!lease_create(l)) return errno == EEXIST ? ATT_OK : file_error(e, "write", l->path, errno);
    att_status status = lease_look(folder, name, term, &now, e);
    const bool same = !now.held && now.newest == seen->newest && now.text == seen->text;
    if (status == ATT_OK && same) {
        status = lease_begin(l, e);
        *made = status == ATT_OK;
    }
    if (*made)
        (void)lease_look(folder, name, term, NULL, &ignored); /* what stays is over */
    else
        file_remove(l->path);
    return status;
}

att_status lease_take(const char *folder, const char *name, struct lease_watch *w,
    struct host *host, struct lease **lease, struct err *e)
{
    struct lease_terms seen;
    struct timespec now;
    bool made = false;
    *lease = NULL;
    TRY(lease_look(folder, name, 0, &seen, e));
    if (!lease_is_free(&seen, w)) return ATT_OK;
    struct lease *l;
    TRY(MEM_NEW(l, "a lease", e));
    clock_gettime(CLOCK_REALTIME, &now);
    l->count = (unsigned)now.tv_nsec; /* so that no two leases of a process begin alike */
    l->host = host;
    lease_sign(l);
    l->path = lease_path(folder, name, seen.newest + 1);
    att_status status = l->path ? lease_make(folder, name, &seen, l, &made, e) : err_path(e);
    if (made) {
        *lease = l;
        return ATT_OK;
    }
    mem_free(l->path);
    mem_free(l);
    return status;
}

att_status lease_pause(const char *folder, struct host *host, struct err *e)
{
    const struct timespec pause = {.tv_nsec = LEASE_PAUSE};
    if (host_stopped(host))
        return err_set(e, ATT_INTERRUPTED, "stopped while other processes work in %s", folder);
    nanosleep(&pause, NULL);
    return ATT_OK;
}

att_status lease_wait(
    const char *folder, const char *name, struct host *host, struct lease **lease, struct err *e)
{
    struct lease_watch w = {0};
    for (;;) {
        TRY(lease_take(folder, name, &w, host, lease, e));
        if (*lease) return ATT_OK;
        TRY(lease_pause(folder, host, e));
    }
}

bool lease_lost(const struct lease *l)
{
    return l && (atomic_load(&l->lost) || lease_is_taken(l, false));
}

void lease_drop(struct lease *l)
{
    const uint64_t one = 1;
    if (!l) return;
    (void)!write(l->end, &one, sizeof one);
    pthread_join(l->thread, NULL);
    close(l->end);
    if (atomic_load(&l->lost)) {
        host_say(l->host, LOG_INFO,
            "stopping, because another process has taken over the work of this one, which did not "
            "respond for %d s",
            LEASE_SECONDS);
        if (l->host) atomic_fetch_sub(&l->host->lost, 1);
    }
    if (!lease_lost(l)) file_remove(l->path);
    mem_free(l->path);
    mem_free(l);
}
