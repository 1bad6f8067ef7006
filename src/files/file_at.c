/* SPDX-License-Identifier: Apache-2.0 */
#include "files/file_at.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"
#include "files/hash.h"

att_status file_at_open(const char *path, struct file_at *f, struct err *e)
{
    struct stat s;
    *f = (struct file_at){.fd = -1};
    TRY(file_open(path, false, &f->fd, &s, e));
    f->size = (uint64_t)s.st_size;
    return ATT_OK;
}

att_status file_at_read(
    const struct file_at *f, const char *path, uint64_t at, void *to, size_t size, struct err *e)
{
    char *p = to;
    if (at > INT64_MAX || size > INT64_MAX - at) return file_error(e, "read", path, EOVERFLOW);
    if (f->memory && at + size <= f->size) {
        memmove(p, f->memory + at, size);
        return ATT_OK;
    }
    while (size > 0) {
        ssize_t got = f->memory ? 0 : pread(f->fd, p, size, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error(e, "read", path, errno);
        if (got == 0)
            return err_data(e, "%s ends too early; it may be truncated, so copy it again", path);
        p += got;
        at += (uint64_t)got;
        size -= (size_t)got;
    }
    return ATT_OK;
}

void file_at_want(const struct file_at *f, uint64_t at, uint64_t size)
{
    if (at <= INT64_MAX && size <= INT64_MAX)
        posix_fadvise(f->fd, (off_t)at, (off_t)size, POSIX_FADV_WILLNEED);
}

void file_at_close(struct file_at *f)
{
    if (f->fd >= 0) close(f->fd);
    mem_unmap(f->memory, (size_t)f->size);
    f->fd = -1;
    f->memory = NULL;
}

bool file_at_equal(const char *a, const char *b)
{
    enum { PART = 4096 };
    char x[PART], y[PART];
    struct file_at first, second;
    struct err ignored = {0};
    file_at_open(a, &first, &ignored);
    file_at_open(b, &second, &ignored);
    bool equal = first.fd >= 0 && second.fd >= 0 && first.size == second.size;
    for (uint64_t at = 0; equal && at < first.size; at += PART) {
        const size_t n = first.size - at < PART ? (size_t)(first.size - at) : PART;
        equal = file_at_read(&first, a, at, x, n, &ignored) == ATT_OK &&
            file_at_read(&second, b, at, y, n, &ignored) == ATT_OK && memcmp(x, y, n) == 0;
    }
    file_at_close(&first);
    file_at_close(&second);
    return equal;
}

enum {
    SMALL = 1 << 16, /* bytes of a file that needs no pages of its own */
    FIRST = 1 << 13, /* min bytes of the first read, for headers */
    STEP = 1 << 16 /* min bytes per read */,
    LEAST = 1 << 22 /* min bytes to release */
};

att_status file_stream_open(const char *path, struct file_stream *h, struct err *e)
{
    struct file_at at;
    *h = (struct file_stream){.size = 0};
    TRY(file_at_open(path, &at, e));
    return file_stream_of(path, at, h, e);
}

att_status file_stream_of(const char *path, struct file_at at, struct file_stream *h, struct err *e)
{
    *h = (struct file_stream){.size = (size_t)at.size, .at = at};
    h->data = at.memory          ? at.memory
        : h->size <= SMALL       ? mem_alloc(h->size)
        : at.size <= PTRDIFF_MAX ? mem_map_place(h->size)
                                 : NULL;
    if (h->data) return ATT_OK;
    file_at_close(&h->at);
    return err_memory(e, h->size, path);
}

att_status file_stream_reach(struct file_stream *h, const char *path, size_t till, struct err *e)
{
    if (till <= h->have) return ATT_OK;
    const size_t step = h->have ? STEP : FIRST;
    if (till - h->have < step) till = h->size - h->have < step ? h->size : h->have + step;
    if (!h->at.memory)
        TRY(file_at_read(&h->at, path, h->have, h->data + h->have, till - h->have, e));
    h->have = till;
    return ATT_OK;
}

void file_stream_release(struct file_stream *h, size_t till)
{
    const size_t first = h->from / LEAST * LEAST, last = till / LEAST * LEAST; /* whole pages */
    if (last <= first) return;
    mem_release(h->data + first, last - first);
    h->from = last;
}

void file_stream_close(struct file_stream *h)
{
    if (h->data) {
        if (!h->at.memory && h->size <= SMALL)
            mem_free(h->data);
        else if (!h->at.memory)
            mem_unmap(h->data, h->size);
        file_at_close(&h->at);
    }
    *h = (struct file_stream){.size = 0};
}

att_status file_lines_open(const char *path, struct file_lines *l, struct err *e)
{
    l->next = 0;
    return file_stream_open(path, &l->file, e);
}

att_status file_lines_next(
    struct file_lines *l, const char *path, char **line, size_t *size, struct err *e)
{
    struct file_stream *h = &l->file;
    const unsigned char *end = NULL;
    *size = 0;
    file_stream_release(h, l->next);
    for (size_t seen = l->next; !end && seen < h->size; seen = h->have) {
        TRY(file_stream_reach(h, path, seen + 1, e));
        end = memchr(h->data + seen, '\n', h->have - seen);
    }
    if (!end) return ATT_OK;
    *line = (char *)h->data + l->next;
    *size = (size_t)(end + 1 - h->data) - l->next;
    l->next += *size;
    return ATT_OK;
}

void file_lines_close(struct file_lines *l) { file_stream_close(&l->file); }

bool file_facts(const char *path, struct file_facts *f)
{
    struct stat s;
    *f = (struct file_facts){0};
    if (stat(path, &s)) return false;
    *f = (struct file_facts){s.st_size,
        (int64_t)((uint64_t)s.st_mtim.tv_sec * 1000000000 +
            (uint64_t)s.st_mtim.tv_nsec)}; /* wraps from 2262 on */
    return true;
}

enum { PIECE = 1 << 15 };

att_status file_hash(const char *path, uint64_t *hash, struct err *e)
{
    struct file_at f;
    struct hash h;
    unsigned char piece[PIECE];
    att_status status = file_at_open(path, &f, e);
    TRY(status);
    hash_begin(&h);
    for (uint64_t at = 0; at < f.size && status == ATT_OK;) {
        size_t size = f.size - at < PIECE ? (size_t)(f.size - at) : PIECE;
        status = file_at_read(&f, path, at, piece, size, e);
        if (status == ATT_OK) hash_add(&h, piece, size);
        at += size;
    }
    file_at_close(&f);
    *hash = hash_end(&h);
    return status;
}
