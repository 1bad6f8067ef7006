/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows, and gzip bodies. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data; /* ends with a 0; free() it; NULL while empty */
    size_t used, room;
    bool lost; /* out of memory */
};
bool bytes_room(struct text *t, size_t more); /* for so many bytes and a 0 */
void bytes_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* JSON as text, for free(): what json_dumps gives is jansson's to free. NULL: no memory. */
char *bytes_json(const json_t *json);

enum unpack { UNPACK_OK, UNPACK_DAMAGED, UNPACK_LARGE, UNPACK_MEMORY };
/* Decompresses gzip or zlib of at most `limit` bytes. */
enum unpack bytes_unpack(const void *from, size_t size, size_t limit, struct text *to);
