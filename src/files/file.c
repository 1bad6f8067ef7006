/* SPDX-License-Identifier: Apache-2.0 */
#include "files/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/claims.h"

static const char *remedy(int error)
{
    switch (error) {
    case ENOENT:
        return "; check the path";
    case EACCES:
    case EPERM:
    case EROFS:
        return "; check the permissions";
    case ENOSPC:
    case EDQUOT:
        return "; free some space or choose another place";
    case EFBIG:
        return "; the file system or a limit of this process allows no file that large";
    case ENODEV:
    case ENXIO:
        return "; a file is needed here, not a pipe or device";
    case EMFILE:
    case ENFILE:
        return "; close other files or raise the limit with ulimit -n";
    default:
        return "";
    }
}

att_status file_error(struct err *e, const char *verb, const char *path, int error)
{
    errno = error; /* for %m */
    att_status status = error == ENOENT && !strcmp(verb, "read")
        ? err_set(e, ATT_IO, "%s does not exist; check the path", path)
        : err_set(e, error == ENOMEM ? ATT_MEMORY : ATT_IO, "cannot %s %s: %m%s", verb, path,
              remedy(error));
    errno = error; /* for the caller */
    return status;
}

att_status file_open(const char *path, bool device, int *fd, struct stat *s, struct err *e)
{
    const bool any = device && strncmp(path, "/dev/", 5) == 0;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (any ? 0 : O_NONBLOCK));
    if (*fd < 0) return file_error(e, "read", path, errno);
    int error = fstat(*fd, s)        ? errno
        : S_ISDIR(s->st_mode)        ? EISDIR
        : S_ISREG(s->st_mode) || any ? 0
                                     : ENODEV;
    if (!error) return ATT_OK;
    close(*fd);
    *fd = -1;
    return file_error(e, "read", path, error);
}

int file_open_lock(const char *path, bool make)
{
    const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    struct stat s;
    int fd = make ? open(path, O_RDWR | O_CREAT | flags, 0666) : -1;
    if (fd < 0) fd = open(path, O_RDONLY | flags);
    if (fd < 0) return -1;
    const int error = fstat(fd, &s) ? errno : S_ISREG(s.st_mode) ? 0 : ENODEV;
    if (!error) return fd;
    close(fd);
    errno = error;
    return -1;
}

static att_status file_too_large(const char *path, size_t limit, struct err *e)
{
    return err_data(e, "%s is larger than the %zu bytes allowed for such a file", path, limit);
}

/* *data has `room` bytes and grows; the size of a pipe is unknown. */
static att_status read_to_end(
    int fd, const char *path, size_t limit, char **data, size_t room, size_t *size, struct err *e)
{
    *size = 0;
    for (;;) {
        ssize_t got = read(fd, *data + *size, room - 1 - *size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error(e, "read", path, errno);
        if (got == 0) break;
        *size += (size_t)got;
        if (*size > limit) return file_too_large(path, limit, e);
        if (*size < room - 1) continue;
        TRY(MEM_REACH(*data, &room, room + 1, path, e));
    }
    (*data)[*size] = 0;
    return ATT_OK;
}

att_status file_read(const char *path, size_t limit, char **data, size_t *size, struct err *e)
{
    int fd;
    struct stat s;
    *data = NULL;
    *size = 0;
    TRY(file_open(path, true, &fd, &s, e));
    att_status status = ATT_OK;
    /* Two more: the final 0, and one so that the read at the end needs no larger block. */
    size_t room = S_ISREG(s.st_mode) && s.st_size > 0 ? (size_t)s.st_size + 2 : 65536;
    if (S_ISREG(s.st_mode) && (uintmax_t)s.st_size > limit)
        status = file_too_large(path, limit, e);
    else if (!(*data = mem_alloc(room)))
        status = err_memory(e, room, path);
    else
        status = read_to_end(fd, path, limit, data, room, size, e);
    close(fd);
    if (status != ATT_OK) {
        mem_free(*data);
        *data = NULL;
        *size = 0;
    }
    return status;
}

att_status file_read_text(const char *path, size_t limit, char **text, struct err *e)
{
    size_t size;
    TRY(file_read(path, limit, text, &size, e));
    if (strlen(*text) == size) return ATT_OK;
    const size_t at = strlen(*text);
    mem_free(*text);
    *text = NULL;
    return err_data(
        e, "%s is not text: byte %zu is 0; it may be damaged, so write it again", path, at + 1);
}

enum { BUFFER = 1 << 16, TRIES = 1000 };

struct file_writer {
    int fd;
    att_status failed; /* set after a failure */
    char *path;
    char *temporary;  /* NULL: a pipe or device */
    uint64_t flushed; /* bytes written from the buffer */
    size_t used;
    char buffer[BUFFER];
};

void file_abandon(struct file_writer *w)
{
    if (!w) return;
    if (w->fd >= 0) close(w->fd);
    if (w->temporary) unlink(w->temporary);
    mem_free(w->path);
    mem_free(w->temporary);
    mem_free(w);
}

/* Owner (for root), group and mode; if the group cannot be kept, fewer may read it. */
static void keep_access(int fd, const struct stat *old)
{
    struct stat new;
    const mode_t mode = old->st_mode & 0777;
    const bool same = fchown(fd, old->st_uid, old->st_gid) == 0 ||
        fchown(fd, (uid_t)-1, old->st_gid) == 0 ||
        (fstat(fd, &new) == 0 && new.st_gid == old->st_gid);
    fchmod(fd, same ? mode : mode & 0707);
}

/* The temporary, or a pipe or device itself. */
static att_status open_to_write(struct file_writer *w, struct err *e)
{
    struct file_target target;
    TRY(file_target(w->path, &target, e));
    if (target.direct) {
        w->fd = open(w->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return w->fd < 0 ? file_error(e, "write", w->path, errno) : ATT_OK;
    }
    const mode_t mode = target.there ? target.old.st_mode & 0777 : 0666;
    int error = EEXIST;
    for (int i = 0; i < TRIES && error == EEXIST;
         i++) { /* left by a killed process with this number */
        char *temporary = file_temporary(w->path);
        if (!temporary) return err_path(e);
        w->fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (w->fd >= 0) {
            if (target.there) keep_access(w->fd, &target.old);
            w->temporary = temporary;
            return ATT_OK;
        }
        error = errno;
        mem_free(temporary);
    }
    return file_error(e, "write", w->path, error);
}

att_status file_create(const char *path, struct file_writer **writer, struct err *e)
{
    *writer = NULL;
    struct file_writer *w;
    TRY(MEM_NEW(w, path, e));
    w->fd = -1;
    w->path = mem_text("%s", path);
    att_status status = w->path ? open_to_write(w, e) : err_path(e);
    if (status == ATT_OK)
        *writer = w;
    else
        file_abandon(w);
    return status;
}

/* Frees a full disk's space at once. */
static att_status file_write_failed(struct file_writer *w, ssize_t wrote, struct err *e)
{
    w->failed = file_error(e, "write", w->path, wrote < 0 ? errno : EIO);
    if (w->temporary) unlink(w->temporary);
    return w->failed;
}

static att_status file_put(struct file_writer *w, const char *data, size_t size, struct err *e)
{
    while (size > 0) {
        ssize_t wrote = write(w->fd, data, size);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return file_write_failed(w, wrote, e);
        data += wrote;
        size -= (size_t)wrote;
        w->flushed += (size_t)wrote;
    }
    return ATT_OK;
}

static att_status flush(struct file_writer *w, struct err *e)
{
    size_t used = w->used;
    w->used = 0;
    return file_put(w, w->buffer, used, e);
}

att_status file_write(struct file_writer *w, const void *data, size_t size, struct err *e)
{
    if (w->failed)
        return err_set(
            e, w->failed, "cannot write %s: an earlier part could not be written", w->path);
    if (size > BUFFER - w->used) TRY(flush(w, e));
    if (size >= BUFFER) return file_put(w, data, size, e);
    if (size > 0) memcpy(w->buffer + w->used, data, size);
    w->used += size;
    return ATT_OK;
}

bool file_goes_back(const struct file_writer *w) { return w->temporary; }

uint64_t file_written(const struct file_writer *w) { return w->flushed + w->used; }

att_status file_write_at(
    struct file_writer *w, uint64_t at, const void *data, size_t size, struct err *e)
{
    static const char zeros[512];
    const char *from = data;
    for (uint64_t gap; (gap = at > file_written(w) ? at - file_written(w) : 0) > 0;)
        TRY(file_write(w, zeros, gap < sizeof zeros ? (size_t)gap : sizeof zeros, e));
    if (at < file_written(w) && !w->failed) TRY(flush(w, e));
    while (size > 0 && at < w->flushed && !w->failed) {
        size_t part = size < w->flushed - at ? size : (size_t)(w->flushed - at);
        ssize_t wrote = pwrite(w->fd, from, part, (off_t)at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return file_write_failed(w, wrote, e);
        from += wrote;
        at += (uint64_t)wrote;
        size -= (size_t)wrote;
    }
    return file_write(w, from, size, e);
}

att_status file_read_at(
    struct file_writer *w, uint64_t at, void *to, size_t size, size_t *got, struct err *e)
{
    *got = 0;
    if (!w->failed) TRY(flush(w, e));
    while (*got < size && !w->failed) {
        ssize_t n = pread(w->fd, (char *)to + *got, size - *got, (off_t)(at + *got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return w->failed = file_error(e, "read", w->path, errno);
        if (n == 0) break;
        *got += (size_t)n;
    }
    return w->failed
        ? err_set(e, w->failed, "cannot write %s: an earlier part could not be written", w->path)
        : ATT_OK;
}

/* The folder of a path, to sync it; -1 on failure. */
static int open_parent(const char *path)
{
    char folder[PATH_MAX];
    const char *base = file_base(path);
    size_t length = (size_t)(base - path);
    if (length >= sizeof folder) return -1;
    memcpy(folder, path, length);
    folder[length] = 0;
    return open(length ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Syncs and closes it; 0 or an errno. Some file systems cannot sync folders. */
static int sync_folder(int folder)
{
    int error = folder >= 0 && fsync(folder) && errno != EINVAL && errno != ENOTSUP ? errno : 0;
    if (folder >= 0) close(folder);
    return error;
}

/* Renames the temporary; 0 or an errno. */
static int take_place(struct file_writer *w)
{
    int folder = open_parent(w->path);
    if (rename(w->temporary, w->path)) {
        int error = errno;
        if (folder >= 0) close(folder);
        return error;
    }
    mem_free(w->temporary);
    w->temporary = NULL;
    return sync_folder(folder);
}

/* Syncs and closes. */
static att_status complete(struct file_writer *w, struct err *e)
{
    if (w->failed) return err_set(e, w->failed, "cannot write %s", w->path);
    if (json_memory_lost())
        return err_set(e, ATT_MEMORY, "out of memory: the content of %s is incomplete", w->path);
    TRY(flush(w, e));
    int error = w->temporary && fsync(w->fd) ? errno : 0;
    if (close(w->fd) && !error) error = errno;
    w->fd = -1;
    return error ? file_error(e, "write", w->path, error) : ATT_OK;
}

static att_status file_place(struct file_writer *w, struct err *e)
{
    if (w->temporary) TRY(claims_update(w->path, w->temporary, e));
    int error = w->temporary ? take_place(w) : 0;
    return error ? file_error(e, "write", w->path, error) : ATT_OK;
}

att_status file_commit(struct file_writer *w, struct err *e)
{
    att_status status = complete(w, e);
    if (status == ATT_OK) status = file_place(w, e);
    file_abandon(w);
    return status;
}

/* The old header moves to `aside` and returns only to the old data; the new one then replaces
 * it. */
static att_status place_pair(
    struct file_writer *data, struct file_writer *header, char **aside, struct err *e)
{
    bool hidden = header->temporary && rename(header->path, *aside) == 0;
    if (header->temporary && !hidden && errno != ENOENT)
        return file_error(e, "write", header->path, errno);
    att_status status = file_place(data, e);
    if (status != ATT_OK && data->temporary) {
        if (hidden) (void)!rename(*aside, header->path);
        return status;
    }
    struct err unread = {0};
    struct err *first = status == ATT_OK ? e : &unread;
    if (hidden) {
        int error = rename(header->temporary, *aside) ? errno : 0;
        char *from = header->temporary;
        if (error) unlink(from);
        header->temporary = *aside; /* freed with the writer */
        *aside = from;
        if (error) return status == ATT_OK ? file_error(e, "write", header->path, error) : status;
    }
    att_status last = file_place(header, first);
    return status == ATT_OK ? last : status;
}

att_status file_commit_pair(struct file_writer *data, struct file_writer *header, struct err *e)
{
    att_status status = complete(data, e);
    if (status == ATT_OK) status = complete(header, e);
    char *aside = status == ATT_OK ? file_temporary(header->path) : NULL;
    if (status == ATT_OK) status = aside ? place_pair(data, header, &aside, e) : err_path(e);
    mem_free(aside);
    file_abandon(data);
    file_abandon(header);
    return status;
}

att_status file_write_all(const char *path, const void *data, size_t size, struct err *e)
{
    struct file_writer *w;
    TRY(file_create(path, &w, e));
    att_status status = file_write(w, data, size, e);
    if (status == ATT_OK) return file_commit(w, e);
    file_abandon(w);
    return status;
}

/* 0 or an errno. */
static int append_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, data, size);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return wrote < 0 ? errno : EIO;
        data += wrote;
        size -= (size_t)wrote;
    }
    return 0;
}

static att_status base_file_append(
    const char *path, const void *data, size_t size, bool sync, struct err *e)
{
    struct file_target target;
    if (json_memory_lost())
        return err_set(e, ATT_MEMORY, "out of memory: the content of %s is incomplete", path);
    TRY(file_target(path, &target, e));
    const int fd = open(path,
        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | (target.direct ? 0 : O_NOFOLLOW),
        0666);
    if (fd < 0) return file_error(e, "write", path, errno);
    const off_t before = lseek(fd, 0, SEEK_END); /* 0: its name may not be synced */
    int error = append_all(fd, data, size);
    if (sync && !error && fsync(fd)) error = errno;
    if (error && before >= 0)
        (void)!ftruncate(fd, before); /* half a record would hide later ones */
    if (close(fd) && !error) error = errno;
    if (sync && !before && !error) error = sync_folder(open_parent(path));
    return error ? file_error(e, "write", path, error) : ATT_OK;
}

att_status file_append(const char *path, const void *data, size_t size, struct err *e)
{
    return base_file_append(path, data, size, false, e);
}
att_status file_append_synced(const char *path, const void *data, size_t size, struct err *e)
{
    return base_file_append(path, data, size, true, e);
}

att_status file_sync(const char *path, struct err *e)
{
    struct stat s;
    int fd;
    if (!file_exists(path)) return ATT_OK;
    TRY(file_open(path, false, &fd, &s, e));
    const int error = fsync(fd) ? errno : 0;
    close(fd);
    return error ? file_error(e, "write", path, error) : ATT_OK;
}

att_status file_make_folders(const char *path, struct err *e)
{
    char *partial = mem_text("%s", path);
    if (!partial) return err_path(e);
    att_status status = ATT_OK;
    for (char *s = partial; *s && status == ATT_OK;) {
        s += strspn(s, "/");
        s += strcspn(s, "/");
        char after = *s;
        *s = 0;
        bool made = *partial && mkdir(partial, 0777) == 0;
        int error = made ? sync_folder(open_parent(partial)) : *partial ? errno : 0;
        if (error && (made || !file_is_folder(partial)))
            status = file_error(e, "make the folder", partial, error);
        *s = after;
    }
    mem_free(partial);
    return status;
}

att_status file_check_inside(const char *path, struct err *e)
{
    struct stat s;
    if (lstat(path, &s) != 0 || !S_ISLNK(s.st_mode)) return ATT_OK;
    return err_set(e, ATT_IO,
        "cannot write into %s: it is a symbolic link; remove it, or put a folder in its place",
        path);
}

att_status file_make_inside(const char *path, struct err *e)
{
    TRY(file_check_inside(path, e));
    return file_make_folders(path, e);
}

att_status file_each(const char *folder, const char *const *names,
    att_status (*f)(const char *path, struct err *e), struct err *e)
{
    att_status status = ATT_OK;
    for (; *names && status == ATT_OK; names++) {
        char *path = file_join(folder, *names);
        status = path ? f(path, e) : err_path(e);
        mem_free(path);
    }
    return status;
}

/* Behind a name stands its type, so that both are sorted together. */
static att_status file_add_name(struct file_list *l, const struct dirent *entry, struct err *e)
{
    TRY(MEM_ROOM(l->names, l->count, "the names in a folder", e));
    if (!(l->names[l->count] = mem_text("%s%c%c", entry->d_name, 0, entry->d_type)))
        return err_path(e);
    l->count++;
    return ATT_OK;
}

static att_status base_file_list(
    const char *folder, bool hidden, struct file_list *l, struct err *e)
{
    *l = (struct file_list){0};
    DIR *dir = opendir(folder);
    if (!dir) return file_error(e, "list", folder, errno);
    att_status status = ATT_OK;
    while (status == ATT_OK) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry && errno) status = file_error(e, "list", folder, errno);
        if (!entry) break;
        const char *name = entry->d_name;
        if (*name != '.' || (hidden && strcmp(name, ".") && strcmp(name, "..")))
            status = file_add_name(l, entry, e);
    }
    closedir(dir);
    if (status != ATT_OK)
        file_list_free(l);
    else if (l->count)
        qsort(l->names, (size_t)l->count, sizeof *l->names, text_order);
    return status;
}

att_status file_list(const char *folder, struct file_list *l, struct err *e)
{
    return base_file_list(folder, false, l, e);
}

att_status file_list_all(const char *folder, struct file_list *l, struct err *e)
{
    return base_file_list(folder, true, l, e);
}

bool file_listed_folder(const char *name, const char *path)
{
    const unsigned char type = (unsigned char)name[strlen(name) + 1];
    return type == DT_DIR || ((type == DT_LNK || type == DT_UNKNOWN) && file_is_folder(path));
}

void file_list_free(struct file_list *l)
{
    for (int i = 0; i < l->count; i++) mem_free(l->names[i]);
    mem_free(l->names);
    *l = (struct file_list){0};
}

uint32_t file_crc(uint32_t crc, const void *data, size_t size)
{
    return data ? (uint32_t)crc32_z(crc, data, size) : crc;
}

att_status file_rename(const char *from, const char *to, struct err *e)
{
    int folder = open_parent(to), error = rename(from, to) ? errno : 0;
    int unsynced = sync_folder(folder);
    if (!error) error = unsynced;
    return error ? file_error(e, "rename", from, error) : ATT_OK;
}
