/* SPDX-License-Identifier: Apache-2.0 */
#include "format/sink.h"

#include "format/source.h"

/* Level 1: on a float volume of 256^3 several times as fast as level 6 for an eighth more space.  No time is stored, so equal images give
 * equal files. */
enum { LEVEL = 1, GZIP_WINDOW = 15 + 16, MEMORY = 8, PART = 1 << 30, DEFLATE_BYTES = 1 << 18 };

att_status sink_open(const char *path, struct sink *s, struct err *e)
{
    s->writer = NULL;
    s->gzip = file_ends(path, ".gz");
    s->z = (z_stream){.zalloc = source_zlib_alloc, .zfree = source_zlib_free};
    if (s->gzip && deflateInit2(&s->z, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        s->gzip = false;
        return err_memory(e, DEFLATE_BYTES, "writing a gzip file");
    }
    att_status status = file_create(path, &s->writer, e);
    if (status != ATT_OK && s->gzip) deflateEnd(&s->z);
    return status;
}

static att_status deflate_part(struct sink *s, const unsigned char *data, size_t size, int flush, struct err *e)
{
    int code;
    s->z.next_in = (z_const Bytef *)data;
    s->z.avail_in = (uInt)size;
    do {
        s->z.next_out = s->buffer;
        s->z.avail_out = SINK_BUFFER;
        code = deflate(&s->z, flush);
        TRY(file_write(s->writer, s->buffer, SINK_BUFFER - s->z.avail_out, e));
    } while (s->z.avail_out == 0 && code != Z_STREAM_END);
    return ATT_OK;
}

att_status sink_write(struct sink *s, const void *data, size_t size, struct err *e)
{
    const unsigned char *p = data;
    if (!s->gzip) return file_write(s->writer, data, size, e);
    while (size > 0) {
        size_t part = size < PART ? size : PART;
        TRY(deflate_part(s, p, part, Z_NO_FLUSH, e));
        p += part;
        size -= part;
    }
    return ATT_OK;
}

att_status sink_close(struct sink *s, att_status status, struct err *e)
{
    if (s->gzip && status == ATT_OK) status = deflate_part(s, NULL, 0, Z_FINISH, e);
    if (s->gzip) deflateEnd(&s->z);
    if (status == ATT_OK) return file_commit(s->writer, e);
    file_abandon(s->writer);
    return status;
}
