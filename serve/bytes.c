/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

bool bytes_room(struct text *t, size_t more)
{
    if (t->lost || more > SIZE_MAX / 4 || t->used > SIZE_MAX / 4) t->lost = true;
    if (t->lost || t->room - t->used > more) return !t->lost;
    const size_t room = t->used + more + 1 + t->used / 2;
    char *data = realloc(t->data, room);
    t->lost = !data;
    if (!data) return false;
    if (!t->used) *data = 0;
    t->data = data;
    t->room = room;
    return true;
}

void bytes_add(struct text *t, const char *format, ...)
{
    va_list words, again;
    va_start(words, format);
    va_copy(again, words);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length >= 0 && bytes_room(t, (size_t)length)) {
        vsnprintf(t->data + t->used, (size_t)length + 1, format, words);
        t->used += (size_t)length;
    }
    va_end(words);
}

char *bytes_json(const json_t *json)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY, size = json_dumpb(json, NULL, 0, flags);
    char *text = size ? calloc(1, size + 1) : NULL;
    if (text) json_dumpb(json, text, size, flags);
    return text;
}

enum unpack bytes_unpack(const void *from, size_t size, size_t limit, struct text *to)
{
    enum { PART = 1 << 16 };
    z_stream z = {.next_in = (Bytef *)(uintptr_t)from};
    size_t left = size;
    int code = inflateInit2(&z, 15 + 32); /* either, by its head */
    if (code != Z_OK) return UNPACK_MEMORY;
    while (code == Z_OK) {
        if (!bytes_room(to, PART)) break;
        if (!z.avail_in) z.avail_in = (uInt)(left < PART ? left : PART), left -= z.avail_in;
        z.next_out = (Bytef *)to->data + to->used;
        z.avail_out = PART;
        code = inflate(&z, Z_NO_FLUSH);
        to->used += PART - z.avail_out;
        if (to->used > limit) break;
        if (code == Z_BUF_ERROR && left) code = Z_OK;
    }
    const bool whole = code == Z_STREAM_END && !z.avail_in && !left;
    inflateEnd(&z);
    if (to->lost) return UNPACK_MEMORY;
    if (to->used > limit) return UNPACK_LARGE;
    return whole ? UNPACK_OK : UNPACK_DAMAGED;
}
