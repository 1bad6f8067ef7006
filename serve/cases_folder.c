/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a datastore: whose it is, its locks, its files, and what a killed server left. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases_list.h"

/* ---- files */

bool cases_sync_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot sync folders. */
    const bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP);
    if (fd >= 0) close(fd);
    return good;
}

static bool write_bytes(const char *path, const char *bytes, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    bool good = fd >= 0;
    for (size_t done = 0; good && done < size;) {
        const ssize_t n = write(fd, bytes + done, size - done);
        good = n > 0 || (n < 0 && errno == EINTR);
        if (n > 0) done += (size_t)n;
    }
    good = good && fsync(fd) == 0;
    if (fd >= 0) good = close(fd) == 0 && good;
    return good;
}

bool cases_replace_file(const struct cases *s, const char *name, const char *bytes, size_t size)
{
    char *path = cases_text("%s/%s", s->folder, name),
         *next = cases_text("%s/%s.next", s->folder, name);
    bool good = path && next && write_bytes(next, bytes, size) && rename(next, path) == 0;
    const int why = errno;
    if (next && !good) unlink(next); /* a full disk needs its room */
    if (good)
        *strrchr(path, '/') = 0;
    else
        errno = why;
    good = good && cases_sync_folder(path);
    free(path);
    free(next);
    return good;
}

int cases_new_file(const struct cases *s, const char *name)
{
    char *path = cases_in_folder(s, name);
    const int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    free(path);
    if (fd < 0) return path && errno == EEXIST ? 0 : -1;
    close(fd);
    return 1;
}

void cases_remove_file(const struct cases *s, const char *name)
{
    const int why = errno;
    char *path = cases_in_folder(s, name);
    if (path) unlink(path);
    free(path);
    errno = why;
}

char *cases_file_of(const char *folder, const char *name)
{
    DIR *d = opendir(folder);
    char *found = NULL;
    for (struct dirent *f; d && !found && (f = readdir(d));)
        if (*f->d_name != '.' && cases_stem(f->d_name) == strlen(name) &&
            strncmp(f->d_name, name, strlen(name)) == 0)
            found = cases_text("%s/%s", folder, f->d_name);
    if (d) closedir(d);
    return found;
}

/* ---- folders of it */

bool cases_make_folder(const struct cases *s, const char *name)
{
    char *path = cases_text("%s/%s", s->folder, name);
    const bool good = path && (mkdir(s->folder, 0777) == 0 || errno == EEXIST) &&
        (mkdir(path, 0777) == 0 || errno == EEXIST);
    free(path);
    return good;
}

int cases_lock_folder(const struct cases *s, const char *name)
{
    char *path = s->folder && cases_make_folder(s, name) ? cases_text("%s/.lock", s->folder) : NULL;
    const int lock = path ? open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666) : -1;
    free(path);
    if (lock < 0 || flock(lock, LOCK_EX) == 0) return lock;
    close(lock);
    return -1;
}

/* ---- who has it */

static bool has_name(const char *folder, const char *name)
{
    char *path = cases_text("%s/%s", folder, name);
    const bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

/* Whether a folder has files, but neither a list (cases_create reads it) nor our lock. */
static bool is_foreign(const char *folder)
{
    char *const folders[] = {(char *)(uintptr_t)folder, NULL};
    const bool listed = has_name(folder, "dataset.json") || has_name(folder, ".lock");
    FTS *walk = listed ? NULL : fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool foreign = false;
    for (FTSENT *f; walk && !foreign && (f = fts_read(walk));) foreign = f->fts_info == FTS_F;
    if (walk) fts_close(walk);
    return foreign;
}

/* What a killed server was writing: images and lists (.next, or an empty image), labels (.tmp-). */
static void clean_folder(const char *folder, const char *name)
{
    char *path = cases_text("%s/%s", folder, name);
    DIR *d = path ? opendir(path) : NULL;
    struct stat info;
    for (struct dirent *f; d && (f = readdir(d));) {
        const size_t length = strlen(f->d_name);
        char *file = cases_text("%s/%s", path, f->d_name);
        const bool next = length > 5 && strcmp(f->d_name + length - 5, ".next") == 0,
                   empty = strncmp(f->d_name, "image_", 6) == 0 && file && stat(file, &info) == 0 &&
            S_ISREG(info.st_mode) && !info.st_size;
        if (file && (next || empty || strstr(f->d_name, ".tmp-"))) unlink(file);
        free(file);
    }
    if (d) closedir(d);
    free(path);
}

static att_status hold_refuses(char error[512], att_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static att_status hold_refuses(char error[512], att_status status, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(error, 512, format, list);
    va_end(list);
    return status;
}

static att_status lock_for_life(int fd, const char *folder, bool together, char error[512])
{
    static const char *const ours[] = {".", "images", "labels"};
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) clean_folder(folder, ours[i]);
        if (together) flock(fd, LOCK_SH | LOCK_NB);
    } else if (errno != EWOULDBLOCK) {
        fprintf(stderr,
            "attunet-serve: cannot lock --datastore %s: %s; start no other server on it\n", folder,
            strerror(errno));
    } else if (!together || flock(fd, LOCK_SH | LOCK_NB) != 0) {
        return hold_refuses(error, ATT_IO,
            "another attunet serve or view uses --datastore %.300s; stop it, or give another",
            folder);
    }
    return ATT_OK;
}

att_status cases_hold(const char *folder, bool together, int *lock, char error[512])
{
    struct stat info;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return hold_refuses(error, ATT_IO, "cannot make --datastore %.300s: %s; give another",
            folder, strerror(errno));
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
        return hold_refuses(
            error, ATT_USAGE, "--datastore %.300s is no folder; give another", folder);
    *lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0 || access(folder, W_OK | X_OK) != 0)
        return hold_refuses(error, ATT_IO, "cannot write into --datastore %.300s: %s; give another",
            folder, strerror(errno));
    if (is_foreign(folder))
        return hold_refuses(error, ATT_USAGE,
            "--datastore %.300s has files, but no list of this program; give another", folder);
    return lock_for_life(*lock, folder, together, error);
}
