/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a file in order, inflated on the way when it is gzip by content: no reader needs to know which it is. */
#ifndef FORMAT_SOURCE_H
#define FORMAT_SOURCE_H

#include <zlib.h>

#include "base/file.h"

struct source {
    const char *path; /* the caller's */
    struct file_map map;
    bool gzip;
    size_t at;       /* plain: how many bytes of the map are read */
    z_stream z;      /* gzip: its input is the map, fed in parts that its 32-bit counter can hold */
    size_t released; /* how many bytes of the map have left memory again */
    bool finished;   /* gzip: the last member has ended and its checksum was right */
};

/* zlib's and libpng's memory comes from base/mem.h too. */
void *source_zlib_alloc(void *unused, unsigned count, unsigned size);
void source_zlib_free(void *unused, void *block);

att_status source_open(const char *path, struct source *s, struct err *e);
void source_close(struct source *s);
/* Up to `size` bytes; *got is less only at the end of the data. A damaged gzip stream is ATT_DATA. */
att_status source_read(struct source *s, void *out, size_t size, size_t *got, struct err *e);
/* Exactly `size` bytes; when they are not there, ATT_DATA saying that the file ends inside `what`. */
att_status source_need(struct source *s, void *out, size_t size, const char *what, struct err *e);
/* Skips exactly `size` bytes in the same way. */
att_status source_skip(struct source *s, size_t size, const char *what, struct err *e);
/* Reads on to the end so that a gzip checksum is verified; gives up, content, after a megabyte of surplus. */
att_status source_finish(struct source *s, struct err *e);
/* No more bytes than this can come out, whatever the file claims: the largest ratio of deflate is 1032. */
size_t source_limit(const struct source *s);

#endif
