/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of forms: the first line is the Content-Type.  Parts lie in the body, in their order. */
#include "../../serve/multipart.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct part parts[PARTS];
    char *text = fuzz_text(data, size);
    char *end = memchr(text, '\n', size);
    if (!end) end = text + size;
    const size_t type = (size_t)(end - text), rest = type < size ? size - type - 1 : 0;
    char *body = fuzz_text(data + size - rest, rest);
    *end = 0;
    const int count = multipart_read(text, body, rest, parts);
    const char *from = body;
    if (count > PARTS) abort();
    for (int i = 0; i < count; i++) {
        if (parts[i].data < from || parts[i].data + parts[i].size > body + rest) abort();
        if (strlen(parts[i].name) >= sizeof parts[i].name) abort();
        from = parts[i].data + parts[i].size;
    }
    multipart_find(parts, count, "file");
    free(body);
    free(text);
    return 0;
}
