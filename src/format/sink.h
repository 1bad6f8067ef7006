/* SPDX-License-Identifier: Apache-2.0 */
/* A file written atomically, compressed if its name ends in .gz. */
#pragma once

#include <zlib.h>

#include "files/file.h"

enum { SINK_BUFFER = 1 << 14 };

struct sink {
    struct file_writer *writer;
    bool deflate;
    size_t deflated; /* compressed bytes */
    z_stream z;
    unsigned char buffer[SINK_BUFFER];
};

/* A sink without a file: `deflated` counts the bytes it would write. */
void sink_measure(struct sink *s);
att_status sink_open(const char *path, struct sink *s, struct err *e);
/* Compresses the following bytes into a gzip or zlib stream; not for a file that is compressed
 * already. */
enum sink_stream { SINK_GZIP, SINK_ZLIB };
att_status sink_deflate(struct sink *s, enum sink_stream stream, struct err *e);
att_status sink_write(struct sink *s, const void *data, size_t size, struct err *e);
/* Finish the file, or remove it if `status` is a failure; returns the first failure. */
att_status sink_close(struct sink *s, att_status status, struct err *e);
/* The same for samples and their header (file_commit_pair). */
att_status sink_close_pair(
    struct sink *data, struct sink *header, att_status status, struct err *e);
