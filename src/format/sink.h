/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is written atomically, deflated on the way when its name ends in .gz. */
#ifndef FORMAT_SINK_H
#define FORMAT_SINK_H

#include <zlib.h>

#include "base/file.h"

enum { SINK_BUFFER = 1 << 15 };

struct sink {
    struct file_writer *writer;
    bool gzip;
    z_stream z;
    unsigned char buffer[SINK_BUFFER];
};

att_status sink_open(const char *path, struct sink *s, struct err *e);
att_status sink_write(struct sink *s, const void *data, size_t size, struct err *e);
/* Ends the file, or removes what was written when `status` is a failure; returns the first failure. */
att_status sink_close(struct sink *s, att_status status, struct err *e);

#endif
