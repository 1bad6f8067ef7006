/* SPDX-License-Identifier: Apache-2.0 */
/* zlib by parts with memory of base/mem.h; for writers of volumes (samples.h, fmt_nifti.c). */
#include "format/sink.h"

#include "format/source.h"

/* Level 1 is several times as fast as level 6 on a 256^3 float volume, for an eighth more space.
 * Without a time stamp, equal images give equal files. */
enum {
    LEVEL = 1,
    WINDOW = 15,
    GZIP_WINDOW = WINDOW + 16,
    MEMORY = 8,
    PART = 1 << 30,
    DEFLATE_BYTES = 1 << 18
};

att_status sink_deflate(struct sink *s, enum sink_stream stream, struct err *e)
{
    s->z = (z_stream){.zalloc = source_zlib_alloc, .zfree = source_zlib_free};
    int window = stream == SINK_GZIP ? GZIP_WINDOW : WINDOW;
    if (deflateInit2(&s->z, LEVEL, Z_DEFLATED, window, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_memory(e, DEFLATE_BYTES, "writing a gzip file");
    s->deflate = true;
    return ATT_OK;
}

void sink_measure(struct sink *s)
{
    s->writer = NULL;
    s->deflate = false;
    s->deflated = 0;
}

att_status sink_open(const char *path, struct sink *s, struct err *e)
{
    sink_measure(s);
    if (file_ends(path, ".gz")) TRY(sink_deflate(s, SINK_GZIP, e));
    att_status status = file_create(path, &s->writer, e);
    if (status != ATT_OK && s->deflate) deflateEnd(&s->z);
    return status;
}

static att_status deflate_part(
    struct sink *s, const unsigned char *data, size_t size, int flush, struct err *e)
{
    int code;
    s->z.next_in = (z_const Bytef *)data;
    s->z.avail_in = (uInt)size;
    do {
        s->z.next_out = s->buffer;
        s->z.avail_out = SINK_BUFFER;
        code = deflate(&s->z, flush);
        s->deflated += SINK_BUFFER - s->z.avail_out;
        if (s->writer) TRY(file_write(s->writer, s->buffer, SINK_BUFFER - s->z.avail_out, e));
    } while (s->z.avail_out == 0 && code != Z_STREAM_END);
    return ATT_OK;
}

att_status sink_write(struct sink *s, const void *data, size_t size, struct err *e)
{
    const unsigned char *p = data;
    if (!s->deflate) return file_write(s->writer, data, size, e);
    while (size > 0) {
        size_t part = size < PART ? size : PART;
        TRY(deflate_part(s, p, part, Z_NO_FLUSH, e));
        p += part;
        size -= part;
    }
    return ATT_OK;
}

static att_status end_stream(struct sink *s, att_status status, struct err *e)
{
    if (s->deflate && status == ATT_OK) status = deflate_part(s, NULL, 0, Z_FINISH, e);
    if (s->deflate) deflateEnd(&s->z);
    return status;
}

att_status sink_close(struct sink *s, att_status status, struct err *e)
{
    status = end_stream(s, status, e);
    if (status == ATT_OK && s->writer) return file_commit(s->writer, e);
    file_abandon(s->writer);
    return status;
}

att_status sink_close_pair(struct sink *data, struct sink *header, att_status status, struct err *e)
{
    status = end_stream(data, status, e);
    status = end_stream(header, status, e);
    if (status == ATT_OK) return file_commit_pair(data->writer, header->writer, e);
    file_abandon(data->writer);
    file_abandon(header->writer);
    return status;
}
