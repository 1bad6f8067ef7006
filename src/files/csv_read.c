/* SPDX-License-Identifier: Apache-2.0 */
#include "files/csv_read.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text)) text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) end--;
    *end = 0;
    return text;
}

bool csv_is_formula(const char *text)
{
    text += strspn(text, "' \t\r\n");
    return *text && strchr("=+-@", *text);
}

static char *csv_read_plain(char *text)
{
    return *text == '\'' && csv_is_formula(text) ? text + 1 : text;
}

char *csv_field(char **line)
{
    char *from = *line + strspn(*line, " \t"), *field = from, *to = from;
    if (*from != '"') {
        *line = strchr(from, ',');
        if (*line) *(*line)++ = 0;
        return csv_read_plain(trimmed(field));
    }
    for (from++; *from && !(from[0] == '"' && from[1] != '"'); from++) {
        from += *from == '"';
        *to++ = *from;
    }
    if (!*from) return NULL;
    from++;
    from += strspn(from, " \t\r");
    if (*from && *from != ',') return NULL;
    *line = *from ? from + 1 : NULL;
    *to = 0;
    return csv_read_plain(field);
}

const char *csv_other_separator(const char *line)
{
    if (strchr(line, ',')) return NULL;
    return strchr(line, ';') ? "semicolons" : strchr(line, '\t') ? "tabs" : NULL;
}

/* Behind the quoted field that begins here, or NULL. */
static char *skip_quoted(char *from)
{
    for (from++; *from && (*from != '"' || from[1] == '"');) from += 1 + (*from == '"');
    return *from ? from + 1 : NULL;
}

char *csv_line(char **text, int *lines)
{
    char *line = *text, *end = line;
    if (!*line) return NULL;
    for (;; end++) { /* a field begins; behind an open quote, the line ends as any */
        end += strspn(end, " \t");
        char *behind = *end == '"' ? skip_quoted(end) : NULL;
        if (behind) end = behind;
        end += strcspn(end, ",\n");
        if (*end != ',') break;
    }
    *text = end + (*end != 0);
    *end = 0;
    if (lines) ++*lines;
    for (const char *c = line; lines && (c = strchr(c, '\n')); c++) ++*lines;
    return line;
}
