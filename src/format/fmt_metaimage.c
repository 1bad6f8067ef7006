/* SPDX-License-Identifier: Apache-2.0 */
/* MetaImage files: .mha, and .mhd with a data file in the same folder or below. Samples are raw, a
 * zlib stream or text. Geometry follows ITK: TransformMatrix has a row per image axis, Offset is
 * the first voxel's position, CenterOfRotation has no effect. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "format/header_text.h"
#include "format/volume.h"

enum { AXES = 4 }; /* w, h, d and one for channels */

struct meta {
    struct header_text header;
    const struct sample_type *type;
    int dims, channels;
    double size[AXES], spacing[AXES], offset[AXES], matrix[AXES * AXES];
    int sizes, spacings, offsets, matrices; /* how many numbers each has */
    bool big, compressed, binary;
    long long header_size; /* -1: the samples are last in the file */
    char data[HEADER_WORD];
};

static bool is_key(const char *line, size_t length, const char *key)
{
    size_t n = strlen(key);
    for (; length > 0 && (*line == ' ' || *line == '\t'); length--) line++;
    return length > n && text_begins(line, key) &&
        (line[n] == ' ' || line[n] == '=' || line[n] == '\t');
}

static bool is_last(const char *line, size_t length)
{
    return is_key(line, length, "ElementDataFile");
}

/* All lines are "key = value", and NDims is among the first. */
static bool sniff(const unsigned char *head, size_t size)
{
    for (size_t at = 0, length; at < size; at += length + 1) {
        const char *line = (const char *)head + at, *end = memchr(line, '\n', size - at);
        length = end ? (size_t)(end - line) : size - at;
        if (memchr(line, 0, length) || !memchr(line, '=', length)) return false;
        if (end && is_key(line, length, "NDims")) return true;
    }
    return false;
}

static att_status metaimage_read_type(
    const char *path, const char *word, struct meta *m, struct err *e)
{
    static const struct {
        const char *name;
        char kind;
        unsigned char bytes;
    } types[] = {{"MET_CHAR", 'i', 1}, {"MET_UCHAR", 'u', 1}, {"MET_SHORT", 'i', 2},
        {"MET_USHORT", 'u', 2}, {"MET_INT", 'i', 4}, {"MET_UINT", 'u', 4}, {"MET_LONG", 'i', 4},
        {"MET_ULONG", 'u', 4}, {"MET_LONG_LONG", 'i', 8}, {"MET_ULONG_LONG", 'u', 8},
        {"MET_FLOAT", 'f', 4}, {"MET_DOUBLE", 'f', 8}};
    size_t length = strlen(word);
    if (file_ends(word, "_ARRAY")) length -= 6;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i].name) == length && text_begins(word, types[i].name))
            m->type = sample_type_find(types[i].kind, types[i].bytes);
    if (m->type) return ATT_OK;
    return err_data(e,
        "%s: ElementType '%.40s' is not supported; convert the image to an integer or float type",
        path, word);
}

static att_status metaimage_bad_field(const char *path, const struct header_field *f, struct err *e)
{
    return err_data(
        e, "%s: '%s = %.60s' is not a valid entry; repair the header", path, f->key, f->value);
}

/* MetaIO writers use True and False, T and F, 1 and 0. */
static att_status metaimage_read_flag(
    const char *path, const struct header_field *f, bool *flag, struct err *e)
{
    *flag = *f->value && strchr("tT1", *f->value);
    return *flag || (*f->value && strchr("fF0", *f->value)) ? ATT_OK
                                                            : metaimage_bad_field(path, f, e);
}

static att_status metaimage_read_field(
    const char *path, const struct header_field *f, struct meta *m, struct err *e)
{
    const char *key = f->key, *value = f->value;
    double one;
    bool number = header_numbers(value, &one, 1) == 1 && fabs(one) <= 1e15 && one == floor(one);
    int *count = NULL;
    if (text_equals(key, "ObjectType"))
        return text_equals(value, "Image")
            ? ATT_OK
            : err_data(e, "%s: it contains a %.40s, not an image; give an image", path, value);
    if (text_equals(key, "ElementType")) return metaimage_read_type(path, value, m, e);
    if (text_equals(key, "BinaryData")) TRY(metaimage_read_flag(path, f, &m->binary, e));
    if (text_equals(key, "CompressedData")) TRY(metaimage_read_flag(path, f, &m->compressed, e));
    if (text_equals(key, "BinaryDataByteOrderMSB") || text_equals(key, "ElementByteOrderMSB"))
        TRY(metaimage_read_flag(path, f, &m->big, e));
    if (text_equals(key, "ElementDataFile")) strcpy(m->data, value);
    if (text_equals(key, "NDims")) {
        if (!number || one < 2 || one > AXES)
            return err_data(e, "%s: NDims is %.40s, but only 2 to %d is supported; split the image",
                path, value, AXES);
        m->dims = (int)one;
    }
    if (text_equals(key, "ElementNumberOfChannels")) {
        m->channels = number && one >= 1 && one <= INT_MAX ? (int)one : 0;
        if (m->channels == 0) return metaimage_bad_field(path, f, e);
    }
    if (text_equals(key, "HeaderSize")) {
        if (!number || one < -1) return metaimage_bad_field(path, f, e);
        m->header_size = (long long)one;
    }
    if (text_equals(key, "DimSize"))
        count = &m->sizes, *count = header_numbers(value, m->size, AXES);
    if (text_equals(key, "ElementSpacing"))
        count = &m->spacings, *count = header_numbers(value, m->spacing, AXES);
    if (text_equals(key, "ElementSize") && m->spacings == 0)
        count = &m->spacings, *count = header_numbers(value, m->spacing, AXES);
    if (text_equals(key, "Offset") || text_equals(key, "Position") || text_equals(key, "Origin"))
        count = &m->offsets, *count = header_numbers(value, m->offset, AXES);
    if (text_equals(key, "TransformMatrix") || text_equals(key, "Rotation") ||
        text_equals(key, "Orientation"))
        count = &m->matrices, *count = header_numbers(value, m->matrix, AXES * AXES);
    return count && *count < 1 ? metaimage_bad_field(path, f, e) : ATT_OK;
}

static att_status metaimage_check(const char *path, const struct meta *m, struct err *e)
{
    static const char lacks[] = "%s: the header has no '%s'; repair it";
    if (!m->type) return err_data(e, lacks, path, "ElementType");
    if (m->dims == 0) return err_data(e, lacks, path, "NDims");
    if (m->sizes == 0) return err_data(e, lacks, path, "DimSize");
    if (!*m->data) return err_data(e, lacks, path, "ElementDataFile");
    const struct {
        const char *name;
        int count, wanted;
    } lists[] = {{"DimSize", m->sizes, m->dims}, {"ElementSpacing", m->spacings, m->dims},
        {"Offset", m->offsets, m->dims}, {"TransformMatrix", m->matrices, m->dims * m->dims}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].count != 0 && lists[i].count != lists[i].wanted)
            return err_data(e, "%s: %s is not %d number%s; repair the header", path, lists[i].name,
                lists[i].wanted, TEXT_S(lists[i].wanted));
    for (int i = 0; i < m->dims; i++)
        if (!(m->size[i] >= 1 && m->size[i] <= INT_MAX) || m->size[i] != floor(m->size[i]))
            return err_data(
                e, "%s: size %g of axis %d is not valid; repair the header", path, m->size[i], i);
    if (!m->binary && m->header_size < 0)
        return err_data(e,
            "%s: HeaderSize = -1 needs samples of known length, but these are text; repair the "
            "header",
            path);
    if (!m->binary && m->compressed)
        return err_data(e, "%s: its samples are both text and compressed; repair the header", path);
    if (header_lists(m->data))
        return err_data(e,
            "%s: its samples are in several files (ElementDataFile = %.60s); save the image as "
            "one .mha",
            path, m->data);
    return ATT_OK;
}

static att_status metaimage_lay_out(
    const char *path, const struct meta *m, struct samples *x, struct err *e)
{
    double voxels = 1;
    for (int i = 0; i < m->dims && i < 3; i++) voxels *= m->size[i];
    *x = samples_of(m->type, m->big && m->binary);
    x->text = !m->binary;
    double channels = m->channels * (m->dims == 4 ? m->size[3] : 1);
    bool fits = voxels <= 1e15 && channels <= INT_MAX &&
        samples_axis(x, (size_t)m->channels, (size_t)voxels);
    size_t step = 1;
    for (int i = 0; i < 3; i++) {
        size_t size = i < m->dims ? (size_t)m->size[i] : 1;
        fits = fits && samples_axis(x, size, step);
        if (fits) step *= size;
        x->size[2 - i] = (int)size;
    }
    if (m->dims == 4)
        fits = fits && samples_axis(x, (size_t)m->size[3], step * (size_t)m->channels);
    if (!fits)
        return err_data(e,
            "%s: its sizes multiply to more than 2^40 bytes of samples; repair the header", path);
    x->channels = (int)channels;
    return ATT_OK;
}

static att_status metaimage_place(
    const char *path, const struct meta *m, struct geometry *g, struct err *e)
{
    static const double flip[3] = {-1, -1, 1};
    double axis[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, origin[3] = {0};
    int dims = m->dims < 3 ? m->dims : 3;
    *g = (struct geometry){
        .oriented = m->matrices > 0 && dims == 3, .thick = m->spacings && dims == 3};
    for (int i = 0; i < dims; i++) {
        /* ITK keeps the sign as the axis' direction */
        const double spacing = m->spacings ? m->spacing[i] : 1;
        for (int j = 0; j < dims; j++)
            axis[i][j] = (m->matrices ? m->matrix[i * m->dims + j] : i == j) * spacing;
        if (m->offsets) origin[i] = m->offset[i];
    }
    if (header_affine(axis, origin, flip, g)) return ATT_OK;
    return err_data(
        e, "%s: TransformMatrix and ElementSpacing do not span a volume; repair the header", path);
}

static att_status metaimage_read_header(const char *path, struct meta *m, struct err *e)
{
    struct source s;
    struct header_line line;
    struct header_field f;
    const char *at = NULL;
    *m = (struct meta){.channels = 1, .binary = true};
    TRY(source_open(path, &s, e));
    att_status status = header_read(&s, is_last, &m->header, e);
    source_close(&s);
    while (status == ATT_OK && header_next(m->header.text, &at, &line))
        if (header_split(line, '=', &f)) status = metaimage_read_field(path, &f, m, e);
    return status == ATT_OK ? metaimage_check(path, m, e) : status;
}

static bool is_local(const struct meta *m) { return text_equals(m->data, "LOCAL"); }

static att_status metaimage_open_samples(
    const char *path, const struct meta *m, struct volume *v, struct err *e)
{
    size_t begin = is_local(m) ? m->header.size : 0;
    if (m->header_size > 0 && (size_t)m->header_size < begin)
        return err_data(e,
            "%s: HeaderSize is %lld, within the header of %zu bytes; repair the header", path,
            (long long)m->header_size, begin);
    /* ITK counts from the beginning of the file, also in an .mha */
    if (m->header_size > 0) begin = (size_t)m->header_size;
    if (!is_local(m)) {
        TRY(header_data_file(path, m->data, &v->data_path, e));
        path = v->data_path;
    }
    v->whole = is_local(m) || !file_ends(path, m->data);
    return volume_begin(
        v, path, begin, m->compressed, m->header_size < 0 && !m->compressed ? -1 : 0, e);
}

static att_status metaimage_open_file(const char *path, struct volume *v, struct err *e)
{
    struct meta m;
    att_status status = metaimage_read_header(path, &m, e);
    if (status == ATT_OK) status = metaimage_lay_out(path, &m, &v->x, e);
    if (status == ATT_OK) status = metaimage_place(path, &m, &v->geometry, e);
    if (status == ATT_OK) status = metaimage_open_samples(path, &m, v, e);
    header_keep(&m.header, &v->geometry);
    return status;
}

static att_status companion(const char *path, char **data_path, struct err *e)
{
    struct meta m;
    *data_path = NULL;
    att_status status = metaimage_read_header(path, &m, e);
    if (status == ATT_OK && !is_local(&m) && !(*data_path = header_data_path(path, m.data, e)))
        status = e->status;
    mem_free(m.header.text);
    return status;
}

/* Fields written anew: storage and, unless the grid's own header has them for as many axes,
 * geometry. */
static bool metaimage_is_kept(const char *key, bool grid)
{
    static const char *const storage[] = {"ObjectType", "NDims", "DimSize", "ElementType",
        "ElementNumberOfChannels", "BinaryData", "BinaryDataByteOrderMSB", "CompressedData",
        "CompressedDataSize", "HeaderSize", "ElementMin", "ElementMax", "ElementByteOrderMSB",
        "ElementDataFile", NULL};
    static const char *const places[] = {"ElementSpacing", "ElementSize", "Offset", "Position",
        "Origin", "TransformMatrix", "Rotation", "Orientation", "CenterOfRotation", NULL};
    for (int i = 0; storage[i]; i++)
        if (text_equals(key, storage[i])) return false;
    for (int i = 0; places[i] && !grid; i++)
        if (text_equals(key, places[i])) return false;
    return true;
}

/* Decides by the key alone: values may have any length. */
static bool is_line_kept(struct header_line line, bool grid)
{
    struct header_field f;
    const char *cut = memchr(line.text, '=', line.length);
    if (!cut) return false;
    line.length = (size_t)(cut + 1 - line.text);
    /* the format's keys are short enough to split */
    return !header_split(line, '=', &f) || metaimage_is_kept(f.key, grid);
}

static void metaimage_add_kept(struct text_out *t, const char *text, bool grid)
{
    const char *at = NULL;
    struct header_line line;
    while (header_next(text, &at, &line))
        if (is_line_kept(line, grid)) text_add(t, "%.*s\n", (int)line.length, line.text);
}

/* Spacing is the length of an axis, the matrix its direction. Their product may differ from the
 * affine in the last bit. */
static void add_grid(struct text_out *t, const struct geometry *g)
{
    static const double flip[3] = {-1, -1, 1};
    double length[3];
    text_add(t, "TransformMatrix =");
    for (int j = 0; j < 3; j++) {
        length[j] = geometry_length(g, 2 - j);
        for (int i = 0; i < 3; i++) {
            text_add(t, " ");
            text_number(t, flip[i] * g->affine[i][j] / length[j]);
        }
    }
    text_add(t, "\nOffset =");
    for (int i = 0; i < 3; i++) {
        text_add(t, " ");
        text_number(t, flip[i] * g->affine[i][3]);
    }
    text_add(t, "\nCenterOfRotation = 0 0 0\nElementSpacing =");
    for (int j = 0; j < 3; j++) {
        text_add(t, " ");
        text_number(t, length[j]);
    }
    text_add(t, "\n");
}

/* Size of the samples as a zlib stream, which ITK needs in the header. */
static att_status metaimage_measure(const struct samples_out *x, size_t *bytes, struct err *e)
{
    struct sink s;
    sink_measure(&s);
    TRY(sink_deflate(&s, SINK_ZLIB, e));
    att_status status = sink_close(&s, samples_write(&s, x, e), e);
    *bytes = s.deflated;
    return status;
}

/* Make a header's text. own: header of the grid's own file, or NULL; compressed: bytes of the
 * stream, or 0. */
static void metaimage_make_header(const struct geometry *g, const struct meta *own,
    const char *type, int channels, const int size[3], size_t compressed, const char *data,
    struct text_out *t)
{
    bool flat = own && own->dims == 2 && size[IMAGE_D] == 1, grid = own && (flat || own->dims == 3);
    int dims = flat ? 2 : 3;
    text_add(t,
        "ObjectType = Image\n"
        "NDims = %d\n"
        "BinaryData = True\n"
        "BinaryDataByteOrderMSB = False\n"
        "CompressedData = %s\n",
        dims, compressed ? "True" : "False");
    if (compressed) text_add(t, "CompressedDataSize = %zu\n", compressed);
    if (own) metaimage_add_kept(t, own->header.text, grid);
    if (!grid && g->valid) add_grid(t, g);
    text_add(t, "DimSize = %d %d", size[IMAGE_W], size[IMAGE_H]);
    text_add(t, flat ? "\n" : " %d\n", size[IMAGE_D]);
    if (channels > 1) text_add(t, "ElementNumberOfChannels = %d\n", channels);
    text_add(t, "ElementType = %s\nElementDataFile = %s\n", type, data);
}

/* Read the header of g's own file; false if it is not MetaImage. */
static bool metaimage_own_header(const struct geometry *g, struct meta *own)
{
    struct err unused = {0};
    struct header_line line;
    struct header_field f;
    const char *at = NULL;
    *own = (struct meta){.channels = 1, .binary = true};
    if (!g->header || !sniff(g->header, g->header_size)) return false;
    own->header.text = mem_text("%.*s", (int)g->header_size, (const char *)g->header);
    while (own->header.text && header_next(own->header.text, &at, &line))
        if (header_split(line, '=', &f) && metaimage_read_field("", &f, own, &unused) != ATT_OK)
            return false;
    return own->header.text && metaimage_check("", own, &unused) == ATT_OK;
}

static att_status save(const char *path, const struct geometry *g, const int size[3],
    const struct samples_out *planar, struct err *e)
{
    const char *type = planar->image ? "MET_FLOAT"
        : planar->bytes == 2         ? "MET_USHORT"
                                     : "MET_UCHAR";
    struct samples_out x = *planar;
    struct meta own;
    bool kept = metaimage_own_header(g, &own), detached = file_ends(path, ".mhd");
    struct header_out h = {.stream = SINK_ZLIB, .deflate = !kept || own.compressed};
    size_t bytes = 0;
    x.together = true;
    att_status status = h.deflate ? metaimage_measure(&x, &bytes, e) : ATT_OK;
    if (status != ATT_OK) {
        mem_free(own.header.text);
        return status;
    }
    if (detached)
        h.data_path =
            mem_text("%.*s.%s", (int)(strlen(path) - 4), path, h.deflate ? "zraw" : "raw");
    if (!detached || h.data_path)
        metaimage_make_header(g, kept ? &own : NULL, type, (int)x.channels, size, bytes,
            detached ? file_base(h.data_path) : "LOCAL", &h.text);
    status = detached && !h.data_path ? err_path(e) : header_write(path, &h, &x, e);
    mem_free(own.header.text);
    mem_free(h.data_path);
    mem_free(h.text.text);
    return status;
}

static const char *const detached[] = {".mhd", ".raw", ".mhd", ".zraw", NULL};
static const char *const endings[] = {".mha", ".mhd", NULL};

const struct format format_metaimage = {
    .name = "MetaImage",
    .endings = endings,
    .places = true,
    .sniff = sniff,
    .open = metaimage_open_file,
    .companion = companion,
    .detached = detached,
    .save = save,
};
