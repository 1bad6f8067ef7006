/* SPDX-License-Identifier: Apache-2.0 */
#include "format/header_text.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"

enum { HEADER_LIMIT = 1 << 20 };

static att_status header_text_read_lines(
    struct source *s, bool (*last)(const char *, size_t), struct header_text *h, struct err *e)
{
    size_t room = 0, line = 0, got;
    for (char c;;) {
        TRY(source_read(s, &c, 1, &got, e));
        TRY(MEM_REACH(h->text, &room, h->size + 2, s->path, e)); /* and a NUL */
        if (got == 0) return ATT_OK;
        if (c == 0 || h->size >= HEADER_LIMIT)
            return err_data(e,
                "%s: its header is not text, or longer than %d bytes; get a good copy", s->path,
                HEADER_LIMIT);
        h->text[h->size++] = c;
        if (c != '\n') continue;
        size_t length = h->size - 1 - line;
        if (length > 0 && h->text[line + length - 1] == '\r') length--;
        if (last(h->text + line, length)) return ATT_OK;
        line = h->size;
    }
}

att_status header_read(struct source *s, bool (*last)(const char *line, size_t length),
    struct header_text *h, struct err *e)
{
    *h = (struct header_text){0};
    att_status status = header_text_read_lines(s, last, h, e);
    if (status == ATT_OK) return ATT_OK;
    mem_free(h->text);
    *h = (struct header_text){0};
    return status;
}

void header_keep(struct header_text *h, struct geometry *g)
{
    g->header = (unsigned char *)h->text;
    g->header_size = h->size;
    h->text = NULL;
}

bool header_next(const char *text, const char **at, struct header_line *line)
{
    if (!*at) *at = text;
    if (!**at) return false;
    size_t length = strcspn(*at, "\n");
    *line = (struct header_line){*at, length};
    *at += length + ((*at)[length] == '\n');
    if (length > 0 && line->text[length - 1] == '\r') line->length--;
    return true;
}

/* Copy without surrounding white space. */
static bool trim(char *to, size_t room, const char *from, size_t length)
{
    for (; length > 0 && isspace((unsigned char)*from); length--) from++;
    while (length > 0 && isspace((unsigned char)from[length - 1])) length--;
    if (length >= room) return false;
    memcpy(to, from, length);
    to[length] = 0;
    return true;
}

bool header_split(struct header_line line, char separator, struct header_field *f)
{
    const char *cut = memchr(line.text, separator, line.length);
    if (!cut) return false;
    size_t key = (size_t)(cut - line.text);
    return trim(f->key, sizeof f->key, line.text, key) &&
        trim(f->value, sizeof f->value, cut + 1, line.length - key - 1);
}

int header_numbers(const char *value, double *v, int max)
{
    for (int count = 0;; count++) {
        char *end;
        value += strspn(value, " \t,()");
        if (!*value) return count;
        if (count == max) return -1;
        v[count] = number_read(value, &end);
        if (end == value || (*end && !strchr(" \t,()", *end))) return -1;
        value = end;
    }
}

bool header_lists(const char *name)
{
    double v[4];
    const char *pattern = strchr(name, '%'), *range = pattern ? strpbrk(pattern, " \t") : NULL;
    if (strncmp(name, "LIST", 4) == 0 && (name[4] == 0 || strchr(" \t", name[4])))
        return header_numbers(name + 4, v, 1) >= 0;
    return range && header_numbers(range, v, 4) > 0;
}

char *header_data_path(const char *header, const char *name, struct err *e)
{
    if (!*name || file_leaves(name) || strchr(name, '\\')) {
        err_data(e,
            "%s: its data file '%.200s' must be in the header's folder or below; move it there "
            "and correct its name in the header",
            header, name);
        return NULL;
    }
    char *path = mem_text("%.*s%s", (int)(file_base(header) - header), header, name);
    char *packed = path && !file_exists(path) ? mem_text("%s.gz", path) : NULL;
    if (packed && file_exists(packed)) {
        mem_free(path);
        return packed;
    }
    mem_free(packed);
    if (!path) err_path(e);
    return path;
}

att_status header_data_file(const char *header, const char *name, char **path, struct err *e)
{
    *path = header_data_path(header, name, e);
    if (!*path) return e->status;
    return file_exists(*path)
        ? ATT_OK
        : err_data(e, "%s: its data file %s is missing; put it there", header, *path);
}

bool header_affine(
    const double axis[3][3], const double origin[3], const double flip[3], struct geometry *g)
{
    double det = axis[0][0] * (axis[1][1] * axis[2][2] - axis[1][2] * axis[2][1]) -
        axis[1][0] * (axis[0][1] * axis[2][2] - axis[0][2] * axis[2][1]) +
        axis[2][0] * (axis[0][1] * axis[1][2] - axis[0][2] * axis[1][1]);
    g->valid = true;
    for (int j = 0; j < 3; j++) {
        double square = 0;
        for (int i = 0; i < 3; i++) {
            square += axis[j][i] * axis[j][i];
            g->affine[i][j] = axis[j][i] == 0 ? 0 : flip[i] * axis[j][i]; /* avoid -0 */
        }
        g->spacing[2 - j] = (float)sqrt(square);
        g->affine[j][3] = origin[j] == 0 ? 0 : flip[j] * origin[j];
        if (!isfinite(origin[j]) || !isfinite(g->spacing[2 - j]) || !(g->spacing[2 - j] > 0))
            return false;
    }
    return isfinite(det) && det != 0;
}

void text_add(struct text_out *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0 || t->lost ||
        MEM_REACH(t->text, &t->room, t->used + (size_t)length + 1, NULL, NULL) != ATT_OK)
        t->lost = true;
    else
        t->used += (size_t)vsnprintf(t->text + t->used, (size_t)length + 1, format, again);
    va_end(again);
}

void text_number(struct text_out *t, double v)
{
    char word[NUMBER_TEXT];
    number_shortest(word, v == 0 ? 0 : v, 15);
    text_add(t, "%s", word);
}

static att_status write_samples(
    struct sink *s, const struct header_out *h, const struct samples_out *x, struct err *e)
{
    if (h->deflate && !s->deflate) TRY(sink_deflate(s, h->stream, e));
    return samples_write(s, x, e);
}

static att_status write_two(
    const char *path, const struct header_out *h, const struct samples_out *x, struct err *e)
{
    struct sink data, s;
    TRY(sink_open(h->data_path, &data, e));
    att_status status = write_samples(&data, h, x, e);
    if (status == ATT_OK) status = sink_open(path, &s, e);
    if (status != ATT_OK) return sink_close(&data, status, e);
    return sink_close_pair(&data, &s, sink_write(&s, h->text.text, h->text.used, e), e);
}

att_status header_write(
    const char *path, const struct header_out *h, const struct samples_out *x, struct err *e)
{
    struct sink s;
    if (h->text.lost) return err_memory(e, h->text.room, path);
    if (h->data_path) return write_two(path, h, x, e);
    TRY(sink_open(path, &s, e));
    att_status status = sink_write(&s, h->text.text, h->text.used, e);
    if (status == ATT_OK) status = write_samples(&s, h, x, e);
    return sink_close(&s, status, e);
}
