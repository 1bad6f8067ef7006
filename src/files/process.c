/* SPDX-License-Identifier: Apache-2.0 */
#include "files/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files/file.h"

extern char **environ;

/* Whether the program is in the folder of this process's own. */
static bool process_beside(const char *name, char path[PATH_MAX])
{
    char own[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    if (length <= 0) return false;
    own[length] = 0;
    const int folder = (int)(file_base(own) - own);
    return snprintf(path, PATH_MAX, "%.*s%s", folder, own, name) < PATH_MAX &&
        access(path, X_OK) == 0;
}

static int process_files(posix_spawn_file_actions_t *f, const char *out, const char *errors)
{
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    int bad = posix_spawn_file_actions_addopen(f, 0, "/dev/null", O_RDONLY, 0);
    if (!bad) bad = posix_spawn_file_actions_addopen(f, 1, out, flags, 0600);
    return bad ? bad : posix_spawn_file_actions_addopen(f, 2, errors, flags, 0600);
}

/* Nanoseconds between looks at a process that runs; looks until one that goes on is killed. */
enum { LOOK = 20 * 1000 * 1000, LOOKS_KILL = 100 };

/* Whatever this process blocks or ignores, SIGTERM ends the other. */
static int process_spawn(
    pid_t *child, const char *const *argv, const posix_spawn_file_actions_t *files)
{
    char path[PATH_MAX];
    char *const *words = (char *const *)(uintptr_t)argv; /* which are not written to */
    posix_spawnattr_t how;
    sigset_t set;
    int bad = posix_spawnattr_init(&how);
    if (bad) return bad;
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&how, &set);
    sigaddset(&set, SIGTERM);
    posix_spawnattr_setsigdefault(&how, &set);
    bad = posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!bad)
        bad = process_beside(argv[0], path)
            ? posix_spawn(child, path, files, &how, words, environ)
            : posix_spawnp(child, argv[0], files, &how, words, environ);
    posix_spawnattr_destroy(&how);
    return bad;
}

static att_status process_wait(
    pid_t child, const char *name, struct host *host, int *status, struct err *e)
{
    const struct timespec pause = {0, LOOK};
    int stopped = 0; /* looks since SIGTERM */
    for (;;) {
        const pid_t ended = waitpid(child, status, WNOHANG);
        if (ended == child) break;
        if (ended < 0 && errno != EINTR) return file_error(e, "wait for", name, errno);
        if (stopped || host_stopped(host)) stopped++;
        if (stopped == 1) kill(child, SIGTERM);
        if (stopped == LOOKS_KILL) kill(child, SIGKILL);
        nanosleep(&pause, NULL);
    }
    return stopped ? err_set(e, ATT_INTERRUPTED, "stopped") : ATT_OK;
}

att_status process_run(const char *const *argv, const char *out, const char *errors,
    struct host *host, int *code, struct err *e)
{
    posix_spawn_file_actions_t files;
    pid_t child;
    int status = 0, bad = posix_spawn_file_actions_init(&files);
    if (bad) return file_error(e, "start", argv[0], bad);
    bad = process_files(&files, out, errors);
    if (!bad) bad = process_spawn(&child, argv, &files);
    posix_spawn_file_actions_destroy(&files);
    if (bad == ENOENT) {
        *code = PROCESS_MISSING;
        return ATT_OK;
    }
    if (bad) return file_error(e, "start", argv[0], bad);
    TRY(process_wait(child, argv[0], host, &status, e));
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : PROCESS_KILLED;
    return ATT_OK;
}
