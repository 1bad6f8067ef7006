/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Bytes of a UTF-8 letter by its first; 1 if invalid. */
static size_t letter_length(unsigned char first)
{
    return first >= 0xF0 && first < 0xF5 ? 4
        : first >= 0xE0 && first < 0xF0  ? 3
        : first >= 0xC2 && first < 0xE0  ? 2
                                         : 1;
}

/* Drops letters cut by a precision (%.200s) or the buffer's end, which shows at a word's end.
 * Within words such bytes are another encoding and stay. */
static void drop_cut_letters(char *text)
{
    char *to = text;
    for (const char *s = text; *s;) {
        const size_t whole = letter_length((unsigned char)*s);
        size_t there = 1;
        while (there < whole && ((unsigned char)s[there] & 0xC0) == 0x80) there++;
        const bool ends =
            strchr(" '\",:;)", s[there]) || !strncmp(s + there, "...", 3); /* or the text's end */
        const bool cut = there < whole && ends;
        if (!cut) {
            memmove(to, s, there);
            to += there;
        }
        s += there;
    }
    *to = 0;
}

att_status err_set(struct err *e, att_status status, const char *format, ...)
{
    if (!e || e->status != ATT_OK) return status;
    va_list args;
    va_start(args, format);
    if (vsnprintf(e->text, sizeof e->text, format, args) < 0) e->text[0] = 0;
    va_end(args);
    drop_cut_letters(e->text);
    text_tame(e->text);
    e->status = status;
    return status;
}

att_status err_pass(struct err *e, att_status status, const struct err *cause)
{
    return status == ATT_OK ? ATT_OK : err_set(e, status, "%s", cause->text);
}

att_status err_where(struct err *e, att_status status, const char *where, const struct err *cause)
{
    return status == ATT_OK ? ATT_OK : err_set(e, status, "%s: %s", where, cause->text);
}

att_status err_memory(struct err *e, size_t bytes, const char *what)
{
    return err_set(e, ATT_MEMORY, "out of memory: cannot allocate %zu bytes for %s", bytes, what);
}

att_status err_path(struct err *e)
{
    return err_set(e, ATT_MEMORY, "out of memory: cannot allocate a file name");
}

void err_clear(struct err *e)
{
    if (!e) return;
    e->status = ATT_OK;
    e->text[0] = 0;
}
