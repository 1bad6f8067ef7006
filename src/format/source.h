/* SPDX-License-Identifier: Apache-2.0 */
/* Sequential bytes of a file, decompressed if gzip by content. zlib decompresses by parts in little
 * memory; libdeflate, twice as fast, decompresses at once into the result's memory.
 * Every format also reads files that gzip compressed as a whole, NAME.EXT.gz: source_whole and
 * what is built on it decompress these into memory. NIfTI files are read in sequence instead. */
#pragma once

#include <zlib.h>

#include "files/file_at.h"

struct source {
    const char *path; /* the caller's */
    struct file_stream file;
    size_t begin;  /* start of the bytes in the file */
    bool deflated; /* they are a gzip or zlib stream */
    size_t taken;  /* bytes passed on */
    size_t at;     /* plain: file position of the next byte */
    z_stream z;    /* compressed: its input is what was read of the file */
    bool finished; /* compressed: the last member ended with a correct checksum */
};

/* Memory from base/mem.h for zlib and libpng. */
void *source_zlib_alloc(void *unused, unsigned count, unsigned size);
void source_zlib_free(void *unused, void *block);

att_status source_open(const char *path, struct source *s, struct err *e);
/* From byte `begin` on, plain or compressed as `deflated` says, without content detection. */
att_status source_open_at(
    const char *path, size_t begin, bool deflated, struct source *s, struct err *e);
/* The same in a file that gzip may have compressed as a whole; `begin` counts after that. */
att_status source_open_whole(
    const char *path, size_t begin, bool deflated, struct source *s, struct err *e);
void source_close(struct source *s);

/* Opens a file to be read from anywhere, or what it holds if gzip compressed it as a whole. */
att_status source_whole(const char *path, struct file_at *f, struct err *e);
att_status source_stream(const char *path, struct file_stream *h, struct err *e);
/* Bytes of memory that these take: 0 for a plain file. Of several gzip members, the last counts. */
double source_whole_bytes(const char *path);

/* Read up to `size` bytes; *got is less only at the end. A damaged gzip stream is ATT_DATA. */
att_status source_read(struct source *s, void *out, size_t size, size_t *got, struct err *e);
/* Read exactly `size` bytes; else ATT_DATA: the file ends inside `what`. */
att_status source_need(struct source *s, void *out, size_t size, const char *what, struct err *e);
/* The same without a copy for plain files: *p points into the file's buffer until the next call, or
 * to `room`. */
att_status source_view(struct source *s, void *room, size_t size, const unsigned char **p,
    const char *what, struct err *e);
/* Skip exactly `size` bytes; else ATT_DATA as above. */
att_status source_skip(struct source *s, size_t size, const char *what, struct err *e);
/* Read to the end to verify the gzip checksum; stop, as a success, after a megabyte of surplus. */
att_status source_finish(struct source *s, struct err *e);
/* Upper bound of the bytes that can follow: deflate's largest ratio is 1032. */
size_t source_limit(const struct source *s);

/* Decompress a whole stream if it has exactly `size` bytes and correct checksums. False: nothing
 * was read; read by parts, which also reports what is wrong. */
bool source_inflate(struct source *s, unsigned char *to, size_t size);
/* Whether that needs no more memory than the final `result` bytes; the file's bytes count until
 * decompressed. */
bool source_may_inflate(const struct source *s, size_t size, size_t result);
