/* SPDX-License-Identifier: Apache-2.0 */
#include "multipart.h"

#include <string.h>
#include <strings.h>

enum { BOUNDARY = 70 }; /* RFC 2046, 5.1.1 */

/* "\r\n--BOUNDARY" of a Content-Type; 0: none. */
static size_t boundary(const char *type, char mark[BOUNDARY + 5])
{
    const char *at = type ? strstr(type, "boundary=") : NULL;
    if (!at || strncasecmp(type, "multipart/form-data", 19) != 0) return 0;
    at += strlen("boundary=");
    const bool quoted = *at == '"';
    at += quoted;
    const size_t length = strcspn(at, quoted ? "\"" : "; \t");
    if (!length || length > BOUNDARY) return 0;
    memcpy(mark, "\r\n--", 4);
    memcpy(mark + 4, at, length);
    return length + 4;
}

/* The value of name="..." in the head of a part; false: it has none. */
static bool field_name(const char *head, size_t size, char name[32])
{
    static const char key[] = "name=\"";
    const size_t length = sizeof key - 1;
    for (size_t i = 1; i + length < size; i++) {
        /* Not the end of filename="...". */
        if (strncasecmp(head + i, key, length) != 0 || !memchr("; \t", head[i - 1], 3)) continue;
        const char *begin = head + i + length, *end = memchr(begin, '"', size - i - length);
        if (!end || end - begin >= 32) return false;
        memcpy(name, begin, (size_t)(end - begin));
        name[end - begin] = 0;
        return true;
    }
    return false;
}

int multipart_read(
    const char *content_type, const char *body, size_t size, struct part parts[PARTS])
{
    char mark[BOUNDARY + 5];
    const size_t length = boundary(content_type, mark);
    const char *end = body + size, *at;
    int count = 0;
    /* The first boundary needs no line break before it. */
    if (!length || size < length || memcmp(body, mark + 2, length - 2) != 0) return -1;
    at = body + length - 2;
    while (end - at >= 2 && memcmp(at, "\r\n", 2) == 0) {
        const char *blank = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
        if (!blank || count == PARTS) return -1;
        const char *data = blank + 4,
                   *next = memmem(blank + 2, (size_t)(end - blank) - 2, mark, length);
        struct part *p = &parts[count++];
        if (!next || !field_name(at, (size_t)(blank - at), p->name)) return -1;
        p->data = data;
        p->size = next > data ? (size_t)(next - data) : 0;
        at = next + length;
    }
    return end - at >= 2 && memcmp(at, "--", 2) == 0 ? count : -1;
}

const struct part *multipart_find(const struct part *parts, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(parts[i].name, name) == 0) return &parts[i];
    return NULL;
}
