/* SPDX-License-Identifier: Apache-2.0 */
#include "format/source.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"

enum { DEFLATE_RATIO = 1032, SCRATCH = 16384, SURPLUS = 1 << 20, GZIP_WINDOW = 15 + 16, INFLATE_BYTES = 1 << 16, RELEASE = 1 << 22 };

void *source_zlib_alloc(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return mem_array(count, size);
}

void source_zlib_free(void *unused, void *block)
{
    (void)unused;
    mem_free(block);
}

static bool gzip_magic(const unsigned char *p, size_t size) { return size >= 2 && p[0] == 0x1f && p[1] == 0x8b; }

att_status source_open(const char *path, struct source *s, struct err *e)
{
    *s = (struct source){.path = path};
    TRY(file_map(path, &s->map, e));
    s->gzip = gzip_magic(s->map.data, s->map.size);
    if (!s->gzip) return ATT_OK;
    s->z.zalloc = source_zlib_alloc;
    s->z.zfree = source_zlib_free;
    s->z.next_in = (z_const Bytef *)s->map.data;
    if (inflateInit2(&s->z, GZIP_WINDOW) != Z_OK) {
        s->gzip = false;
        source_close(s);
        return err_memory(e, INFLATE_BYTES, "reading a gzip file");
    }
    return ATT_OK;
}

void source_close(struct source *s)
{
    if (s->gzip) inflateEnd(&s->z);
    file_unmap(&s->map);
    *s = (struct source){0};
}

static att_status damaged(const struct source *s, struct err *e)
{
    return err_set(e, ATT_DATA, "%s: the gzip stream is damaged (%s); get a good copy", s->path,
                   s->z.msg ? s->z.msg : "it makes no progress");
}

/* One call of inflate into next_out; afterwards either output grew, or input went down, or `finished` is set. */
static att_status inflate_some(struct source *s, struct err *e)
{
    size_t left = (size_t)(s->map.data + s->map.size - s->z.next_in);
    s->z.avail_in = left < UINT_MAX ? (uInt)left : UINT_MAX;
    if (left == 0) return err_set(e, ATT_DATA, "%s: the gzip stream is cut off; get a complete copy", s->path);
    int code = inflate(&s->z, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) return err_memory(e, INFLATE_BYTES, "reading a gzip file");
    if (code != Z_OK && code != Z_STREAM_END) return damaged(s, e);
    if (code == Z_OK) return ATT_OK;
    left = (size_t)(s->map.data + s->map.size - s->z.next_in);
    if (gzip_magic(s->z.next_in, left)) { /* gzip files may be strung together, as pigz and bgzip do */
        if (inflateReset(&s->z) != Z_OK) return damaged(s, e);
    } else {
        s->finished = true;
    }
    return ATT_OK;
}

/* A file is read once: what is behind takes no memory. */
static void release(struct source *s)
{
    size_t at = s->gzip ? (size_t)(s->z.next_in - s->map.data) : s->at;
    if (at < s->released + RELEASE) return;
    file_release(&s->map, s->map.data + s->released, at - s->released);
    s->released = at;
}

att_status source_read(struct source *s, void *out, size_t size, size_t *got, struct err *e)
{
    *got = 0;
    release(s);
    if (!s->gzip) {
        size_t left = s->map.size - s->at;
        *got = size < left ? size : left;
        if (*got) memcpy(out, s->map.data + s->at, *got);
        s->at += *got;
        return ATT_OK;
    }
    while (*got < size && !s->finished) {
        size_t part = size - *got;
        uInt room = part < UINT_MAX ? (uInt)part : UINT_MAX;
        s->z.next_out = (Bytef *)out + *got;
        s->z.avail_out = room;
        TRY(inflate_some(s, e));
        *got += room - s->z.avail_out;
    }
    return ATT_OK;
}

att_status source_need(struct source *s, void *out, size_t size, const char *what, struct err *e)
{
    size_t got;
    TRY(source_read(s, out, size, &got, e));
    if (got < size) return err_set(e, ATT_DATA, "%s: the file ends inside %s; get a complete copy", s->path, what);
    return ATT_OK;
}

att_status source_skip(struct source *s, size_t size, const char *what, struct err *e)
{
    unsigned char scratch[SCRATCH];
    while (size > 0) {
        size_t part = size < SCRATCH ? size : SCRATCH;
        TRY(source_need(s, scratch, part, what, e));
        size -= part;
    }
    return ATT_OK;
}

att_status source_finish(struct source *s, struct err *e)
{
    unsigned char scratch[SCRATCH];
    if (!s->gzip) return ATT_OK;
    for (size_t read = 0, got; read < SURPLUS && !s->finished; read += got) TRY(source_read(s, scratch, SCRATCH, &got, e));
    return ATT_OK;
}

size_t source_limit(const struct source *s)
{
    if (!s->gzip) return s->map.size;
    return s->map.size > SIZE_MAX / DEFLATE_RATIO ? SIZE_MAX : s->map.size * DEFLATE_RATIO;
}
