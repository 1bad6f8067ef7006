/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-serve --child PARENT PATH PROGRAM...: asks the kernel for a signal when its parent ends,
 * since posix_spawn cannot, then becomes the program. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CHILD "--child"
enum { BEFORE = 4, COMMAND_PATH = 512 }; /* words before those of the program */

static void command_path(const char *name, char path[COMMAND_PATH])
{
    const ssize_t n = readlink("/proc/self/exe", path, COMMAND_PATH - 16);
    char *slash;
    path[n > 0 ? n : 0] = 0;
    if ((slash = strrchr(path, '/'))) strcpy(slash + 1, name);
    if (!slash || access(path, X_OK) != 0) strcpy(path, name);
}

static bool child_files(
    posix_spawn_file_actions_t *files, const char *folder, const char *out, const char *err)
{
    const int flags = O_WRONLY | O_CREAT | O_APPEND, begin = flags | O_TRUNC;
    return (!folder || posix_spawn_file_actions_addchdir_np(files, folder) == 0) &&
        posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(files, 1, out, begin, 0666) == 0 &&
        posix_spawn_file_actions_addopen(files, 2, err, out == err ? flags : begin, 0666) == 0;
}

pid_t child_start(const char *const *words, const char *folder, const char *out, const char *err)
{
    extern char **environ;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    char parent[24], path[COMMAND_PATH];
    pid_t child = 0;
    size_t n = 0;
    while (words[n]) n++;
    const char **all = calloc(n + BEFORE + 1, sizeof *all);
    if (!all) return 0;
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    all[0] = "attunet-serve";
    all[1] = CHILD;
    all[2] = parent;
    all[3] = path;
    command_path(words[0], path);
    memcpy(all + BEFORE, words, n * sizeof *all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    if (!child_files(&files, folder, out, err) ||
        posix_spawn(&child, "/proc/self/exe", &files, &how, (char *const *)(uintptr_t)all,
            environ) != 0) /* reads only */
        child = 0;
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    free(all);
    return child;
}

bool child_asked(int argc, char **argv) { return argc > BEFORE && strcmp(argv[1], CHILD) == 0; }

int child_become(char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != (pid_t)atol(argv[2])) return CHILD_LOST; /* it has ended already */
    execvp(argv[3], argv + BEFORE);
    fprintf(stderr, "cannot start %s: %s\n", argv[3], strerror(errno));
    return CHILD_LOST;
}
