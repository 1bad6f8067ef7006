/* SPDX-License-Identifier: Apache-2.0 */
#include "format/source.h"

#include <libdeflate.h>
#include <limits.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

enum {
    DEFLATE_RATIO = 1032,
    SCRATCH = 16384,
    SURPLUS = 1 << 20,
    EITHER_WINDOW = 15 + 32,
    INFLATE_BYTES = 1 << 16,
    SPARE = 1 << 20
};

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

static bool gzip_magic(const unsigned char *p, size_t size)
{
    return size >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

static att_status source_begin(struct source *s, bool deflated, struct err *e)
{
    s->at = s->begin;
    if (!deflated) return ATT_OK;
    s->z.zalloc = source_zlib_alloc;
    s->z.zfree = source_zlib_free;
    s->z.next_in = (z_const Bytef *)(s->file.data + s->begin);
    if (inflateInit2(&s->z, EITHER_WINDOW) != Z_OK) {
        source_close(s);
        return err_memory(e, INFLATE_BYTES, "reading a gzip file");
    }
    s->deflated = true;
    return ATT_OK;
}

att_status source_open(const char *path, struct source *s, struct err *e)
{
    *s = (struct source){.path = path};
    TRY(file_stream_open(path, &s->file, e));
    att_status status = file_stream_reach(&s->file, path, s->file.size < 2 ? s->file.size : 2, e);
    if (status == ATT_OK) return source_begin(s, gzip_magic(s->file.data, s->file.size), e);
    source_close(s);
    return status;
}

static att_status source_begin_at(
    const char *path, size_t first, bool deflated, struct source *s, struct err *e)
{
    s->path = path;
    s->begin = first;
    s->file.from = s->file.have = first;
    if (first < s->file.size) return source_begin(s, deflated, e);
    source_close(s);
    return err_data(e, "%s: the file ends before its samples; get a complete copy", path);
}

att_status source_open_at(
    const char *path, size_t first, bool deflated, struct source *s, struct err *e)
{
    *s = (struct source){.begin = 0};
    TRY(file_stream_open(path, &s->file, e));
    return source_begin_at(path, first, deflated, s, e);
}

att_status source_open_whole(
    const char *path, size_t first, bool deflated, struct source *s, struct err *e)
{
    *s = (struct source){.begin = 0};
    TRY(source_stream(path, &s->file, e));
    return source_begin_at(path, first, deflated, s, e);
}

void source_close(struct source *s)
{
    if (s->deflated) inflateEnd(&s->z);
    file_stream_close(&s->file);
    *s = (struct source){0};
}

static att_status source_damaged(const struct source *s, struct err *e)
{
    return err_data(e, "%s: the gzip stream is damaged (%s); get a good copy", s->path,
        s->z.msg ? s->z.msg : "it makes no progress");
}

/* Make `size` bytes from `at` available, or as many as exist; *left: bytes up to the end of
 * those. */
static att_status source_reach(
    struct source *s, size_t at, size_t size, size_t *left, struct err *e)
{
    const size_t behind = s->file.size - at;
    TRY(file_stream_reach(&s->file, s->path, at + (size < behind ? size : behind), e));
    *left = s->file.have - at;
    return ATT_OK;
}

/* Call inflate once; output grew, input shrank, or `finished` is set. */
static att_status inflate_some(struct source *s, struct err *e)
{
    size_t at = (size_t)(s->z.next_in - s->file.data), left;
    TRY(source_reach(s, at, 1, &left, e));
    s->z.avail_in = left < UINT_MAX ? (uInt)left : UINT_MAX;
    if (left == 0)
        return err_data(e, "%s: the gzip stream is cut off; get a complete copy", s->path);
    int code = inflate(&s->z, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) return err_memory(e, INFLATE_BYTES, "reading a gzip file");
    if (code != Z_OK && code != Z_STREAM_END) return source_damaged(s, e);
    if (code == Z_OK) return ATT_OK;
    TRY(source_reach(s, (size_t)(s->z.next_in - s->file.data), 2, &left, e));
    if (gzip_magic(s->z.next_in, left)) { /* gzip files may be concatenated, as pigz and bgzip do */
        if (inflateReset(&s->z) != Z_OK) return source_damaged(s, e);
    } else {
        s->finished = true;
    }
    return ATT_OK;
}

/* Free the memory of bytes already read. */
static void source_release(struct source *s)
{
    file_stream_release(&s->file, s->deflated ? (size_t)(s->z.next_in - s->file.data) : s->at);
}

att_status source_read(struct source *s, void *out, size_t size, size_t *got, struct err *e)
{
    *got = 0;
    source_release(s);
    if (!s->deflated) {
        size_t left = s->file.size - s->at;
        TRY(file_stream_reach(&s->file, s->path, s->at + (size < left ? size : left), e));
        *got = size < left ? size : left;
        memcpy(out, s->file.data + s->at, *got);
        s->at += *got;
        s->taken += *got;
        return ATT_OK;
    }
    while (*got < size && !s->finished) {
        size_t part = size - *got;
        uInt room = part < UINT_MAX ? (uInt)part : UINT_MAX;
        s->z.next_out = (Bytef *)out + *got;
        s->z.avail_out = room;
        TRY(inflate_some(s, e));
        *got += room - s->z.avail_out;
        s->taken += room - s->z.avail_out;
    }
    return ATT_OK;
}

att_status source_need(struct source *s, void *out, size_t size, const char *what, struct err *e)
{
    size_t got;
    TRY(source_read(s, out, size, &got, e));
    if (got < size)
        return err_data(e, "%s: the file ends inside %s; get a complete copy", s->path, what);
    return ATT_OK;
}

att_status source_view(struct source *s, void *room, size_t size, const unsigned char **p,
    const char *what, struct err *e)
{
    *p = room;
    if (s->deflated || size > s->file.size - s->at) return source_need(s, room, size, what, e);
    source_release(s);
    TRY(file_stream_reach(&s->file, s->path, s->at + size, e));
    *p = s->file.data + s->at;
    s->at += size;
    s->taken += size;
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
    if (!s->deflated) return ATT_OK;
    for (size_t read = 0, got; read < SURPLUS && !s->finished; read += got)
        TRY(source_read(s, scratch, SCRATCH, &got, e));
    return ATT_OK;
}

size_t source_limit(const struct source *s)
{
    size_t bytes = s->file.size - s->begin;
    if (!s->deflated) return bytes;
    return bytes > SIZE_MAX / DEFLATE_RATIO ? SIZE_MAX : bytes * DEFLATE_RATIO;
}

bool source_may_inflate(const struct source *s, size_t size, size_t result)
{
    return s->file.size + size <= result + SPARE;
}

static bool inflate_all(struct libdeflate_decompressor *d, const unsigned char *in, size_t left,
    unsigned char *to, size_t size)
{
    bool gzip = gzip_magic(in, left);
    do {
        size_t used, made;
        enum libdeflate_result r = gzip
            ? libdeflate_gzip_decompress_ex(d, in, left, to, size, &used, &made)
            : libdeflate_zlib_decompress_ex(d, in, left, to, size, &used, &made);
        if (r != LIBDEFLATE_SUCCESS) return false;
        in += used;
        left -= used;
        to += made;
        size -= made;
    } while (gzip && gzip_magic(in, left));
    return size == 0;
}

bool source_inflate(struct source *s, unsigned char *to, size_t size)
{
    struct err ignored = {0}; /* reading by parts will report it */
    struct libdeflate_decompressor *d = s->deflated ? libdeflate_alloc_decompressor() : NULL;
    if (!d) return false;
    bool done = file_stream_reach(&s->file, s->path, s->file.size, &ignored) == ATT_OK &&
        inflate_all(d, s->file.data + s->begin, s->file.size - s->begin, to, size);
    libdeflate_free_decompressor(d);
    if (!done) return false;
    s->taken = size;
    s->finished = true;
    file_stream_release(&s->file, s->file.size);
    return true;
}

/* ---- files that gzip compressed as a whole */

/* What the last four bytes say: the bytes of the last member, modulo 2^32 (RFC 1952, 2.3.1). 0: a
 * plain file. */
static att_status stated_bytes(
    const struct file_at *f, const char *path, bool *packed, size_t *bytes, struct err *e)
{
    enum { TRAILER = 4, MAGIC = 2 };
    const uint64_t turn = (uint64_t)1 << 32;
    unsigned char x[TRAILER] = {0};
    *packed = false;
    *bytes = 0;
    if (f->size < TRAILER) return ATT_OK;
    TRY(file_at_read(f, path, 0, x, MAGIC, e));
    *packed = gzip_magic(x, MAGIC);
    if (!*packed) return ATT_OK;
    TRY(file_at_read(f, path, f->size - TRAILER, x, TRAILER, e));
    *bytes = bytes_number(x, TRAILER, false);
    while (*bytes + turn / 2 < f->size) *bytes += turn;
    return ATT_OK;
}

double source_whole_bytes(const char *path)
{
    struct file_at f;
    struct err unread = {0};
    bool packed;
    size_t bytes = 0;
    if (file_at_open(path, &f, &unread) != ATT_OK) return 0;
    if (stated_bytes(&f, path, &packed, &bytes, &unread) != ATT_OK) bytes = 0;
    file_at_close(&f);
    return (double)bytes;
}

/* Behind the last member there may be zeros, as on tapes. */
static att_status source_check_rest(struct source *s, struct err *e)
{
    size_t at = (size_t)(s->z.next_in - s->file.data), left;
    for (; at < s->file.size; at++) {
        TRY(source_reach(s, at, 1, &left, e));
        if (s->file.data[at])
            return err_data(e,
                "%s: other bytes follow its gzip stream; unpack it with gunzip, or get a good copy",
                s->path);
    }
    return ATT_OK;
}

/* Decompresses all, of which `to` keeps up to `room` bytes; *size: how many there are. */
static att_status source_unpack_into(
    const char *path, unsigned char *to, size_t room, size_t *size, struct err *e)
{
    struct source s;
    unsigned char scratch[SCRATCH];
    size_t got;
    TRY(source_open(path, &s, e));
    att_status status = to ? source_read(&s, to, room, &got, e) : ATT_OK;
    while (status == ATT_OK && !s.finished) status = source_read(&s, scratch, SCRATCH, &got, e);
    if (status == ATT_OK) status = source_check_rest(&s, e);
    *size = s.taken;
    source_close(&s);
    return status;
}

/* A file may hold more than it states; then its bytes are counted first. */
static att_status source_unpack(const char *path, size_t stated, struct file_at *f, struct err *e)
{
    size_t size = stated, room = 0;
    unsigned char *to = NULL;
    att_status status = ATT_OK;
    for (int round = 0; round < 2 && status == ATT_OK && (!to || size != room); round++) {
        mem_unmap(to, room);
        room = size;
        to = mem_map(room);
        status = source_unpack_into(path, to, room, &size, e);
    }
    if (status == ATT_OK && (!to || size != room)) status = err_memory(e, size, path);
    if (status == ATT_OK)
        *f = (struct file_at){.fd = -1, .size = size, .memory = to};
    else
        mem_unmap(to, room);
    return status;
}

att_status source_whole(const char *path, struct file_at *f, struct err *e)
{
    bool packed;
    size_t stated;
    TRY(file_at_open(path, f, e));
    att_status status = stated_bytes(f, path, &packed, &stated, e);
    if (status == ATT_OK && !packed) return ATT_OK;
    file_at_close(f);
    return status == ATT_OK ? source_unpack(path, stated, f, e) : status;
}

att_status source_stream(const char *path, struct file_stream *h, struct err *e)
{
    struct file_at at;
    *h = (struct file_stream){.size = 0};
    TRY(source_whole(path, &at, e));
    return file_stream_of(path, at, h, e);
}
