/* SPDX-License-Identifier: Apache-2.0 */
/* NPY files (numpy.lib.format, versions 1 to 3): arrays [h][w], [d][h][w] or [channel][d][h][w], in
 * C or Fortran order, without geometry. Results have the axes of their image's array. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "format/volume.h"

enum { MAGIC = 6, HEADER_LIMIT = 1 << 16, AXES = 4, ALIGNMENT = 64 };

struct npy {
    unsigned char *header; /* all bytes before the samples, with a NUL */
    size_t size;
    bool fortran;
    int axes, shape[AXES]; /* slowest first */
    struct samples x;
};

static bool sniff(const unsigned char *head, size_t size)
{
    return size >= 10 && memcmp(head, "\x93NUMPY", MAGIC) == 0;
}

/* The text after 'KEY': in a dictionary as Python prints it, or NULL. */
static const char *npy_value_of(const char *dictionary, const char *key)
{
    size_t length = strlen(key);
    for (const char *p = dictionary; (p = strstr(p, key)); p += length) {
        const char *end = p + length;
        if (p == dictionary || (p[-1] != '\'' && p[-1] != '"') || *end != p[-1]) continue;
        end += 1 + strspn(end + 1, " ");
        if (*end == ':') return end + 1 + strspn(end + 1, " ");
    }
    return NULL;
}

/* Length of a value: a quoted text, a bracketed list, or up to the comma. */
static int npy_value_length(const char *value)
{
    int at = 0, depth = 0;
    for (char quote = 0; value[at] && value[at] != '\n'; at++) {
        const char c = value[at];
        if (c == '\'' || c == '"') {
            if (!quote || quote == c) quote = quote ? 0 : c;
        } else if (!quote) {
            if (depth == 0 && strchr(",)]}", c)) break;
            depth += c == '(' || c == '[' || c == '{';
            depth -= c == ')' || c == ']' || c == '}';
        }
        if (!quote && depth == 0 && strchr("'\")]}", c)) return at + 1;
    }
    return at;
}

/* Quote a value for a message. Returns `text`. */
enum { QUOTED = 64 };
static const char *npy_quoted(const char *value, char text[QUOTED])
{
    const int length = value ? npy_value_length(value) : 0;
    if (!value)
        strcpy(text, "missing");
    else if (length < QUOTED)
        snprintf(text, QUOTED, "%.*s", length, value);
    else
        snprintf(text, QUOTED, "%.*s...", QUOTED - 4, value);
    return text;
}

static att_status bad_header(const char *path, const char *what, const char *value, struct err *e)
{
    char text[QUOTED];
    return err_data(e, "%s: the array's %s, %s, is not valid; save it again with numpy.save", path,
        what, npy_quoted(value, text));
}

/* "<f4", "|u1"; a list is a record. */
static att_status read_descr(const char *path, const char *value, struct npy *n, struct err *e)
{
    const struct sample_type *type = NULL;
    char order = 0, kind = 0, text[QUOTED];
    unsigned bytes = 0;
    if (value &&
        (sscanf(value, "'%c%c%2u'", &order, &kind, &bytes) == 3 ||
            sscanf(value, "\"%c%c%2u\"", &order, &kind, &bytes) == 3) &&
        strchr("<>|=", order))
        type = sample_type_find(kind == 'b' && bytes == 1 ? 'u' : kind, bytes);
    if (kind == 'c')
        return err_data(
            e, "%s: its samples are complex numbers; save the magnitude as a real array", path);
    if (!type)
        return err_data(e,
            "%s: its type, %s, is not supported; save an array of integers, bool or floats of "
            "16 to 64 bits",
            path, npy_quoted(value, text));
    n->x = samples_of(type, order == '>');
    return ATT_OK;
}

static att_status no_image(const char *path, const char *shape, struct err *e)
{
    char text[QUOTED];
    return err_data(e,
        "%s: its shape, %s, is not an image's; save it as [h][w], [d][h][w] or [channel][d][h][w]",
        path, npy_quoted(shape, text));
}

static att_status npy_read_shape(const char *path, const char *value, struct npy *n, struct err *e)
{
    const char *p = value;
    if (!p || *p != '(') return bad_header(path, "shape", value, e);
    for (p++; *p && *p != ')'; n->axes++) {
        long long size = 0;
        size_t digits = strspn(p, "0123456789");
        if (digits == 0 || digits > 12) return bad_header(path, "shape", value, e);
        for (size_t i = 0; i < digits; i++) size = 10 * size + (p[i] - '0');
        if (size < 1 || size > INT_MAX || n->axes == AXES) return no_image(path, value, e);
        n->shape[n->axes] = (int)size;
        p += digits;
        p += strspn(p, " ,L");
    }
    if (*p != ')' || n->axes < 2) return no_image(path, value, e);
    /* One channel, as Keras has it: no image is one pixel wide. */
    if (n->axes > 2 && n->shape[n->axes - 1] == 1 && n->shape[n->axes - 2] > 1) n->axes--;
    return ATT_OK;
}

static att_status npy_lay_out(const char *path, struct npy *n, struct err *e)
{
    size_t step[AXES], spaced = 1;
    bool fits = true;
    for (int i = n->axes - 1; i >= 0; i--) {
        step[i] = spaced;
        if (__builtin_mul_overflow(spaced, (size_t)n->shape[i], &spaced)) fits = false;
    }
    for (int i = 0; i < n->axes && fits; i++) {
        int axis = n->fortran ? i : n->axes - 1 - i; /* fastest first */
        fits = samples_axis(&n->x, (size_t)n->shape[axis], step[axis]);
    }
    if (!fits)
        return err_data(
            e, "%s: its shape multiplies to more than 2^40 bytes of samples; save it again", path);
    n->x.channels = n->axes == 4 ? n->shape[0] : 1;
    for (int i = 0; i < 3; i++) n->x.size[2 - i] = i < n->axes ? n->shape[n->axes - 1 - i] : 1;
    return ATT_OK;
}

static att_status read_dictionary(
    const char *path, const char *dictionary, struct npy *n, struct err *e)
{
    const char *order = npy_value_of(dictionary, "fortran_order");
    TRY(read_descr(path, npy_value_of(dictionary, "descr"), n, e));
    n->fortran = order && strncmp(order, "True", 4) == 0;
    if (!order || (!n->fortran && strncmp(order, "False", 5) != 0))
        return bad_header(path, "fortran_order", order, e);
    TRY(npy_read_shape(path, npy_value_of(dictionary, "shape"), n, e));
    return npy_lay_out(path, n, e);
}

/* Start and length of the dictionary from a header's first 12 bytes; false: unknown version. */
static bool npy_measure(const unsigned char *head, size_t *begin, size_t *length)
{
    *begin = head[MAGIC] == 1 ? 10 : 12;
    *length = (size_t)head[8] | (size_t)head[9] << 8;
    if (head[MAGIC] > 1) *length |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    return head[MAGIC] >= 1 && head[MAGIC] <= 3;
}

static att_status npy_read_header(struct source *s, struct npy *n, struct err *e)
{
    unsigned char head[12] = {0};
    size_t begin, length;
    TRY(source_need(s, head, 10, "its header", e));
    if (head[MAGIC] > 1) TRY(source_need(s, head + 10, 2, "its header", e));
    if (!sniff(head, sizeof head) || !npy_measure(head, &begin, &length))
        return err_data(
            e, "%s: not an NPY file of version 1 to 3; save it again with numpy.save", s->path);
    if (length > HEADER_LIMIT)
        return err_data(e, "%s: its header claims %zu bytes, far more than usual; save it again",
            s->path, length);
    TRY(MEM_BYTES(n->header, begin + length + 1, s->path, e));
    memcpy(n->header, head, begin);
    n->size = begin + length;
    TRY(source_need(s, n->header + begin, length, "its header", e));
    return read_dictionary(s->path, (char *)n->header + begin, n, e);
}

static att_status npy_open_file(const char *path, struct volume *v, struct err *e)
{
    struct npy n = {.header = NULL};
    TRY(source_open_whole(path, 0, false, &v->samples, e));
    att_status status = npy_read_header(&v->samples, &n, e);
    v->geometry = geometry_none();
    v->geometry.header = n.header;
    v->geometry.header_size = n.size;
    v->x = n.x;
    v->offset = n.size;
    return status == ATT_OK ? samples_fit(&v->samples, v->offset, &v->x, e) : status;
}

/* ---- writing, in C order */

/* Number of axes of g's own array; 0: g came from another format. */
static int own_axes(const struct geometry *g)
{
    struct err unused = {0};
    struct npy n = {0};
    size_t begin, length;
    if (!g->header || g->header_size < 12 || !sniff(g->header, g->header_size) ||
        !npy_measure(g->header, &begin, &length))
        return 0;
    char *text = begin + length == g->header_size
        ? mem_text("%.*s", (int)length, (const char *)g->header + begin)
        : NULL;
    if (text && read_dictionary("", text, &n, &unused) != ATT_OK) n.axes = 0;
    mem_free(text);
    return n.axes;
}

static att_status save(const char *path, const struct geometry *g, const int size[3],
    const struct samples_out *x, struct err *e)
{
    const char *descr = x->image ? "<f4" : x->bytes == 2 ? "<u2" : "|u1";
    char text[256];
    struct sink s;
    int own = own_axes(g), axes = x->channels > 1 ? 4 : size[IMAGE_D] > 1 ? 3 : own >= 3 ? 3 : 2;
    const int shape[] = {(int)x->channels, size[IMAGE_D], size[IMAGE_H], size[IMAGE_W]};
    unsigned char head[10] = "\x93NUMPY\x01";
    int used =
        snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (int i = AXES - axes; i < AXES; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%d%s", shape[i],
            i < AXES - 1 ? ", " : "), }");
    while ((sizeof head + (size_t)used + 1) % ALIGNMENT != 0) text[used++] = ' ';
    text[used++] = '\n';
    head[8] = (unsigned char)(used & 255);
    head[9] = (unsigned char)(used >> 8);
    TRY(sink_open(path, &s, e));
    att_status status = sink_write(&s, head, sizeof head, e);
    if (status == ATT_OK) status = sink_write(&s, text, (size_t)used, e);
    if (status == ATT_OK) status = samples_write(&s, x, e);
    return sink_close(&s, status, e);
}

static const char *const endings[] = {".npy", NULL};

const struct format format_npy = {
    .name = "NPY",
    .endings = endings,
    .sniff = sniff,
    .open = npy_open_file,
    .save = save,
};
