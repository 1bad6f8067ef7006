/* SPDX-License-Identifier: Apache-2.0 */
#include "files/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limit.h"
#include "base/mem.h"
#include "files/file.h"

static att_status scratch_failed(struct err *e, const char *verb, const char *folder, int error)
{
    char what[48];
    snprintf(what, sizeof what, "%s a temporary file in", verb);
    return file_error(e, what, folder, error);
}

#define FOLDER_NAME "attunet"
enum { TRIES = 1000 };

static int open_named(const char *folder)
{
    static const char *const own[] = {SPOOL_NAME, NULL};
    char *base = file_join(folder, SPOOL_NAME);
    int fd = -1, error = base ? EEXIST : ENOMEM;
    file_sweep(folder, own);
    for (int i = 0; i < TRIES && error == EEXIST; i++) {
        char *path = file_temporary(base);
        fd = path ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
        error = fd >= 0 ? 0 : path ? errno : ENOMEM;
        if (fd >= 0) unlink(path);
        mem_free(path);
    }
    mem_free(base);
    errno = error;
    return fd;
}

static att_status scratch_begin(
    const char *folder, int fd, uint64_t size, struct spool *s, struct err *e)
{
    int error = fd < 0 ? errno : size > INT64_MAX ? EFBIG : 0;
    *s = (struct spool){.file = {.fd = fd, .size = size}, .folder = folder};
    if (!error && ftruncate(fd, (off_t)size)) error = errno;
    if (!error) return ATT_OK;
    scratch_close(s);
    return scratch_failed(e, "make", folder, error);
}

att_status scratch_create(const char *folder, uint64_t size, struct spool *s, struct err *e)
{
    int fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
        return scratch_create_named(folder, size, s, e);
    return scratch_begin(folder, fd, size, s, e);
}

att_status scratch_create_named(const char *folder, uint64_t size, struct spool *s, struct err *e)
{
    return scratch_begin(folder, open_named(folder), size, s, e);
}

att_status scratch_write(
    const struct spool *s, uint64_t at, const void *data, size_t size, struct err *e)
{
    const char *p = data;
    while (size > 0) {
        ssize_t wrote = pwrite(s->file.fd, p, size, (off_t)at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return scratch_failed(e, "write", s->folder, wrote < 0 ? errno : EIO);
        p += wrote;
        at += (uint64_t)wrote;
        size -= (size_t)wrote;
    }
    return ATT_OK;
}

att_status scratch_read(const struct spool *s, uint64_t at, void *to, size_t size, struct err *e)
{
    struct err why = {0};
    att_status status = file_at_read(&s->file, s->folder, at, to, size, &why);
    if (status == ATT_DATA)
        return err_set(e, ATT_IO,
            "cannot read a temporary file in %s because it was truncated; check the disk, or "
            "choose another place",
            s->folder);
    return status == ATT_OK ? ATT_OK : scratch_failed(e, "read", s->folder, errno);
}

att_status scratch_bytes(
    const void *data, size_t size, struct spool *s, char path[SCRATCH_PATH], struct err *e)
{
    TRY(scratch_begin("memory", memfd_create("attunet", MFD_CLOEXEC), size, s, e));
    snprintf(path, SCRATCH_PATH, "/proc/self/fd/%d", s->file.fd);
    const att_status status = scratch_write(s, 0, data, size, e);
    if (status != ATT_OK) scratch_close(s);
    return status;
}

void scratch_close(struct spool *s) { file_at_close(&s->file); }

att_status scratch_room(const char *folder, double bytes, const char *what, struct err *e)
{
    struct statvfs v;
    char wanted[BYTES_TEXT], left[BYTES_TEXT];
    if (statvfs(folder, &v)) return ATT_OK; /* unknown; a full disk fails later */
    double there = (double)v.f_bavail * (double)v.f_frsize;
    if (bytes <= there) return ATT_OK;
    return err_set(e, ATT_IO,
        "%s takes %s of temporary files in %s, but only %s are left; free some space or choose "
        "another place",
        what, bytes_text(bytes, wanted), folder, bytes_text(there, left));
}

void scratch_remove_folder(const char *path)
{
    struct stat s;
    struct file_list l;
    struct err ignored = {0};
    /* In /tmp anybody may make an entry of this name, such as a link to another folder. */
    if (lstat(path, &s) != 0 || !S_ISDIR(s.st_mode) || s.st_uid != geteuid()) return;
    if (file_list(path, &l, &ignored) != ATT_OK) return;
    for (int i = 0; i < l.count; i++) file_remove_in(path, l.names[i]);
    file_list_free(&l);
    file_remove_folder(path);
}

att_status scratch_folder(char **path, struct err *e)
{
    static const char *const own[] = {FOLDER_NAME, NULL};
    const char *set = getenv("TMPDIR"), *folder = set && *set ? set : "/tmp";
    char *base = file_join(folder, FOLDER_NAME);
    int error = base ? EEXIST : ENOMEM;
    *path = NULL;
    file_sweep_with(folder, own, scratch_remove_folder);
    for (int i = 0; i < TRIES && error == EEXIST; i++) {
        mem_free(*path);
        *path = file_temporary(base);
        error = !*path ? ENOMEM : mkdir(*path, 0700) ? errno : 0;
    }
    mem_free(base);
    if (!error) return ATT_OK;
    mem_free(*path);
    *path = NULL;
    return error == ENOMEM ? err_path(e)
                           : file_error(e, "make a temporary folder in", folder, error);
}
