/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a file in order, inflated on the way when it is gzip by content: no reader needs to
 * know which it is.  zlib inflates by parts in a fixed little memory; libdeflate inflates what fits
 * into the result's own memory as a whole, twice as fast. */
#ifndef FORMAT_SOURCE_H
#define FORMAT_SOURCE_H

#include <zlib.h>

#include "files/file_at.h"

struct source {
    const char *path; /* the caller's */
    struct file_held file;
    size_t begin;  /* where in the file the bytes begin */
    bool deflated; /* they are a gzip or zlib stream */
    size_t taken;  /* bytes that were given out */
    size_t at;     /* plain: where in the file the next one is */
    z_stream z;    /* deflated: its input is the file, as far as it was read */
    bool finished; /* deflated: the last member has ended and its checksum was right */
};

/* zlib's and libpng's memory comes from base/mem.h too. */
void *source_zlib_alloc(void *unused, unsigned count, unsigned size);
void source_zlib_free(void *unused, void *block);

att_status source_open(const char *path, struct source *s, struct err *e);
/* From byte `begin` on, which are a gzip or zlib stream or plain bytes as `deflated` says, whatever
 * they look like. */
att_status source_open_at(
    const char *path, size_t begin, bool deflated, struct source *s, struct err *e);
void source_close(struct source *s);
/* Up to `size` bytes; *got is less only at the end of the data. A damaged gzip stream is ATT_DATA.
 */
att_status source_read(struct source *s, void *out, size_t size, size_t *got, struct err *e);
/* Exactly `size` bytes; when they are not there, ATT_DATA saying that the file ends inside `what`.
 */
att_status source_need(struct source *s, void *out, size_t size, const char *what, struct err *e);
/* The same without a copy where the file is plain: *p is in what is held of it, until the next
 * call, or `room`. */
att_status source_view(struct source *s, void *room, size_t size, const unsigned char **p,
    const char *what, struct err *e);
/* Skips exactly `size` bytes in the same way. */
att_status source_skip(struct source *s, size_t size, const char *what, struct err *e);
/* Reads on to the end so that a gzip checksum is verified; gives up, content, after a megabyte of
 * surplus. */
att_status source_finish(struct source *s, struct err *e);
/* No more bytes than this can come out, whatever the file claims: the largest ratio of deflate is
 * 1032. */
size_t source_limit(const struct source *s);

/* The whole of a stream from its first byte on, at once, if it has exactly `size` bytes and all
 * checksums are right.  False: nothing was read, go on by parts, which also finds the words for
 * what is wrong. */
bool source_inflate(struct source *s, unsigned char *to, size_t size);
/* Whether that takes no more memory than the `result` that the bytes become: the file counts until
 * it is inflated. */
bool source_may_inflate(const struct source *s, size_t size, size_t result);

#endif
