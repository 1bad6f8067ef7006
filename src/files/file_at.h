/* SPDX-License-Identifier: Apache-2.0 */
/* Reads parts of files, and detects changed files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct file_at {
    int fd;
    uint64_t size;
    unsigned char *memory; /* its bytes, a block of mem_map; NULL: read from fd */
};
att_status file_at_open(const char *path, struct file_at *f, struct err *e); /* fd -1 on failure */
/* Reads all of it. ATT_DATA: the file is shorter. ATT_IO sets errno, as file_at_open does. */
att_status file_at_read(
    const struct file_at *f, const char *path, uint64_t at, void *to, size_t size, struct err *e);
void file_at_want(const struct file_at *f, uint64_t at, uint64_t size); /* hint: read soon */
void file_at_close(struct file_at *f);
/* Whether both can be read and hold the same bytes. */
bool file_at_equal(const char *a, const char *b);

/* A file read front to back through a sparse block that holds what was read. Not mapped: truncation
 * or a bad sector would kill the process. */
struct file_stream {
    unsigned char *data; /* valid from `from` to `have` - 1 */
    size_t size, from, have;
    struct file_at at;
};
att_status file_stream_open(const char *path, struct file_stream *h, struct err *e);
/* The same for an open file, which file_stream_close closes. On failure it is closed. */
att_status file_stream_of(
    const char *path, struct file_at at, struct file_stream *h, struct err *e);
/* Reads up to byte `till` - 1, at most the file's end. */
att_status file_stream_reach(struct file_stream *h, const char *path, size_t till, struct err *e);
void file_stream_release(struct file_stream *h, size_t till); /* releases bytes before `till` */
void file_stream_close(struct file_stream *h);                /* fine if not open */

/* The lines of a file of any size. */
struct file_lines {
    struct file_stream file;
    size_t next; /* where the next line begins */
};
att_status file_lines_open(const char *path, struct file_lines *l, struct err *e);
/* The next line with its end '\n', valid until the call after; *size 0: no whole line is left. */
att_status file_lines_next(
    struct file_lines *l, const char *path, char **line, size_t *size, struct err *e);
void file_lines_close(struct file_lines *l);

/* Size and modification time in ns; false: missing. */
struct file_facts {
    int64_t size, changed;
};
bool file_facts(const char *path, struct file_facts *f);
att_status file_hash(const char *path, uint64_t *hash, struct err *e); /* of its bytes (hash.h) */
