/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the IDAT chunks of a PNG file, decompresses them, and undoes the filters of its rows
 * (ISO/IEC 15948, clauses 5, 9 and 10). */
#include "format/png_whole.h"

#include <libdeflate.h>
#include <png.h>
#include <string.h>

#include "base/mem.h"

enum { SIGNATURE = 8, FRAME = 12, HEADER = 13, STEP_MOST = 8 };

/* ---- chunks */

struct chunk {
    unsigned char *type, *data;
    size_t size, next;
};

static bool chunk_read(const struct file_stream *file, size_t at, struct chunk *c)
{
    if (file->size < at + FRAME) return false;
    unsigned char *p = file->data + at;
    const size_t size = png_get_uint_32(p);
    if (size > file->size - at - FRAME) return false;
    for (int i = 4; i < 8; i++)
        if ((p[i] | 32) < 'a' || (p[i] | 32) > 'z') return false;
    *c = (struct chunk){p + 4, p + 8, size, at + FRAME + size};
    return libdeflate_crc32(0, c->type, size + 4) == png_get_uint_32(c->data + size);
}

static bool chunk_is(const struct chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

/* Moves the data of all IDAT chunks, which lie together, to the place of the first one's. */
static bool join_data(
    const struct file_stream *file, struct png_whole *w, unsigned char **data, size_t *size)
{
    bool coloured = !w->palette, ended = false, after = false;
    struct chunk c;
    *data = NULL;
    *size = 0;
    for (size_t at = SIGNATURE; !ended; at = c.next) {
        if (!chunk_read(file, at, &c)) return false;
        const bool idat = chunk_is(&c, "IDAT"), plte = chunk_is(&c, "PLTE"),
                   first = at == SIGNATURE;
        ended = chunk_is(&c, "IEND");
        if (first != chunk_is(&c, "IHDR") || (!idat && c.size > PNG_CHUNK_MOST)) return false;
        if (first && (c.size != HEADER || c.data[10] || c.data[11])) return false; /* methods */
        if (plte) {
            if (coloured || *data || c.size % 3 || c.size > sizeof w->rgb) return false;
            memcpy(w->rgb, c.data, c.size);
            w->colours = (int)c.size / 3;
            coloured = true;
        }
        if (idat) {
            if (after || !coloured) return false;
            if (!*data) *data = c.data;
            memmove(*data + *size, c.data, c.size);
            *size += c.size;
        } else if (!first && !plte && !ended && !(c.type[0] & 32))
            return false; /* must be understood */
        after |= *data && !idat;
    }
    return *data;
}

/* ---- filters: x is the row with its bytes, up the row above, step the bytes of a pixel */

static void undo_sub(unsigned char *x, size_t count, size_t step)
{
    for (size_t i = step; i < count; i++) x[i] = (unsigned char)(x[i] + x[i - step]);
}

static void undo_up(unsigned char *restrict x, const unsigned char *restrict up, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = (unsigned char)(x[i] + up[i]);
}

static void undo_average(unsigned char *x, const unsigned char *up, size_t count, size_t step)
{
    for (size_t i = 0; i < step; i++) x[i] = (unsigned char)(x[i] + up[i] / 2);
    for (size_t i = step; i < count; i++) x[i] = (unsigned char)(x[i] + (x[i - step] + up[i]) / 2);
}

typedef int16_t lanes __attribute__((vector_size(2 * STEP_MOST)));
typedef unsigned char lane_bytes __attribute__((vector_size(STEP_MOST)));

static inline lanes lanes_load(const unsigned char *p, size_t step)
{
    lane_bytes b = {0};
    memcpy(&b, p, step);
    return __builtin_convertvector(b, lanes);
}

static inline lanes lanes_abs(lanes x)
{
    const lanes less = x < 0;
    return (x ^ less) - less;
}

/* The neighbour that is nearest to left + up - corner; the samples of a pixel together. */
static inline void undo_paeth(
    unsigned char *restrict x, const unsigned char *restrict up, size_t count, size_t step)
{
    lanes left = {0}, corner = {0};
    for (size_t i = 0; i < count; i += step) {
        const lanes above = lanes_load(up + i, step), a = above - corner, b = left - corner;
        const lanes far = lanes_abs(a), farther = lanes_abs(b), farthest = lanes_abs(a + b);
        const lanes first = (far <= farther) & (far <= farthest), second = farther <= farthest;
        const lanes best = (first & left) | (~first & ((second & above) | (~second & corner)));
        const lane_bytes sum = __builtin_convertvector(lanes_load(x + i, step) + best, lane_bytes);
        memcpy(x + i, &sum, step);
        left = __builtin_convertvector(sum, lanes);
        corner = above;
    }
}

static void undo_paeth_by(
    unsigned char *restrict x, const unsigned char *restrict up, size_t count, size_t step)
{
    switch (step) { /* constants are faster */
    case 1:
        undo_paeth(x, up, count, 1);
        break;
    case 3:
        undo_paeth(x, up, count, 3);
        break;
    case 4:
        undo_paeth(x, up, count, 4);
        break;
    default:
        undo_paeth(x, up, count, step);
    }
}

/* The filter of a row is the byte before it; the row above the first one is 0. */
static bool undo_filters(struct png_whole *w)
{
    const size_t count = w->stride - 1, step = (size_t)(w->channels * w->bytes);
    for (int y = 0; y < w->height; y++) {
        unsigned char *x = w->row + (size_t)y * w->stride;
        const unsigned char *up = x - w->stride;
        switch (x[-1]) {
        case 0:
            break;
        case 1:
            undo_sub(x, count, step);
            break;
        case 2:
            undo_up(x, up, count);
            break;
        case 3:
            undo_average(x, up, count, step);
            break;
        case 4:
            undo_paeth_by(x, up, count, step);
            break;
        default:
            return false;
        }
    }
    return true;
}

static bool knows_indices(const struct png_whole *w)
{
    unsigned char most = 0;
    for (int y = 0; y < w->height; y++)
        for (int i = 0; i < w->width; i++) {
            const unsigned char v = w->row[(size_t)y * w->stride + (size_t)i];
            most = v > most ? v : most;
        }
    return most < w->colours;
}

static bool inflate_rows(const unsigned char *data, size_t size, unsigned char *to, size_t wanted)
{
    size_t used;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!d) return false;
    const enum libdeflate_result r =
        libdeflate_zlib_decompress_ex(d, data, size, to, wanted, &used, NULL);
    libdeflate_free_decompressor(d);
    return r == LIBDEFLATE_SUCCESS;
}

bool png_whole_read(struct file_stream *file, const char *path, struct png_whole *w)
{
    struct err unread = {0};
    unsigned char *data;
    size_t size;
    w->stride = (size_t)w->width * (size_t)(w->channels * w->bytes) + 1;
    const size_t all = w->stride * (size_t)w->height;
    if (all > PNG_WHOLE_MOST || file->size > PNG_WHOLE_MOST ||
        file_stream_reach(file, path, file->size, &unread) != ATT_OK ||
        !join_data(file, w, &data, &size))
        return false;
    w->block = mem_alloc(all + w->stride);
    if (!w->block) return false;
    mem_fill_soon(w->block, all + w->stride);
    w->row = w->block + w->stride + 1;
    if (inflate_rows(data, size, w->block + w->stride, all) && undo_filters(w) &&
        (!w->palette || knows_indices(w)))
        return true;
    mem_free(w->block);
    w->block = NULL;
    return false;
}
