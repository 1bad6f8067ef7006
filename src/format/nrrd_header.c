/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields line by line, then checks across fields; for fmt_nrrd.c. */
#include "format/nrrd_header.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "format/length_unit.h"

struct nrrd_fields {
    const struct sample_type *type;
    int dimension, sizes, kinds, directions, spacings;
    double size[NRRD_AXES], direction[NRRD_AXES][3], spacing[NRRD_AXES], origin[3], flip[3];
    bool channel[NRRD_AXES], space[NRRD_AXES], colours[NRRD_AXES], colour_alpha[NRRD_AXES],
        none[NRRD_AXES];
    int space_dimension; /* 0: absent */
    double unit;         /* as in struct geometry */
    bool other_unit;     /* two axes have different ones */
    bool patient;        /* the space is a patient's */
    bool big, has_endian, has_encoding;
    uint32_t seen; /* bits of the fields below */
};

static bool is_blank(const char *line, size_t length)
{
    (void)line;
    return length == 0;
}

bool nrrd_sniff(const unsigned char *head, size_t size)
{
    /* the last is the version */
    return size >= 8 && memcmp(head, "NRRD000", 7) == 0 && head[7] >= '1' && head[7] <= '9';
}

static att_status nrrd_header_read_type(
    const char *path, const char *word, struct nrrd_fields *a, struct err *e)
{
    static const struct {
        const char *names;
        char kind;
        unsigned char bytes;
    } types[] = {
        {"signed char|int8|int8_t", 'i', 1},
        {"uchar|unsigned char|uint8|uint8_t", 'u', 1},
        {"short|short int|signed short|signed short int|int16|int16_t", 'i', 2},
        {"ushort|unsigned short|unsigned short int|uint16|uint16_t", 'u', 2},
        {"int|signed int|int32|int32_t", 'i', 4},
        {"uint|unsigned int|uint32|uint32_t", 'u', 4},
        {"longlong|long long|long long int|signed long long|signed long long int|int64|int64_t",
            'i', 8},
        {"ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t", 'u', 8},
        {"float", 'f', 4},
        {"double", 'f', 8},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (const char *name = types[i].names; *name;
             name += strcspn(name, "|"), name += *name == '|') {
            size_t length = strcspn(name, "|");
            if (strlen(word) == length && text_begins(name, word))
                a->type = sample_type_find(types[i].kind, types[i].bytes);
        }
    if (a->type) return ATT_OK;
    return err_data(e,
        "%s: type '%.40s' is not supported; convert the image to an integer or float type", path,
        word);
}

static att_status read_encoding(const char *path, const char *word, struct nrrd *n, struct err *e)
{
    static const char *const names[] = {"raw", "gzip", "gz", "ascii", "text", "txt", NULL};
    static const enum nrrd_encoding encodings[] = {
        NRRD_RAW, NRRD_GZIP, NRRD_GZIP, NRRD_TEXT, NRRD_TEXT, NRRD_TEXT};
    for (int i = 0; names[i]; i++)
        if (text_equals(word, names[i])) {
            n->encoding = encodings[i];
            return ATT_OK;
        }
    return err_data(e,
        "%s: encoding '%.40s' is not supported; save the file with encoding gzip or raw", path,
        word);
}

static att_status nrrd_header_read_space(
    const char *path, const char *word, struct nrrd_fields *a, struct err *e)
{
    static const struct {
        const char *name, *short_name;
        double flip[3]; /* to RAS */
        bool patient;
    } spaces[] = {
        {"left-posterior-superior", "LPS", {-1, -1, 1}, true},
        {"right-anterior-superior", "RAS", {1, 1, 1}, true},
        {"left-anterior-superior", "LAS", {-1, 1, 1}, true},
        {"scanner-xyz", "scanner-xyz", {-1, -1, 1}, false},
        {"3D-right-handed", "3D-right-handed", {-1, -1, 1}, false},
    };
    a->space_dimension = 3;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (text_equals(word, spaces[i].name) || text_equals(word, spaces[i].short_name)) {
            memcpy(a->flip, spaces[i].flip, sizeof a->flip);
            a->patient = spaces[i].patient;
            return ATT_OK;
        }
    return err_data(
        e, "%s: space '%.40s' is not supported; save it in left-posterior-superior", path, word);
}

bool nrrd_word(const char **at, char word[HEADER_WORD])
{
    *at += strspn(*at, " \t");
    size_t length = **at == '(' ? strcspn(*at, ")")
        : **at == '"'           ? 1 + strcspn(*at + 1, "\"")
                                : strcspn(*at, " \t");
    if (**at == '(' || **at == '"') length += (*at)[length] != 0;
    if (length == 0 || length >= HEADER_WORD) return false;
    memcpy(word, *at, length);
    word[length] = 0;
    *at += length;
    return true;
}

const char *nrrd_list_word(const char *key)
{
    static const char *const words[][2] = {{"kinds", "list"}, {"space directions", "none"},
        {"spacings", "NaN"}, {"thicknesses", "NaN"}, {"axis mins", "NaN"}, {"axismins", "NaN"},
        {"axis maxs", "NaN"}, {"axismaxs", "NaN"}, {"centers", "???"}, {"centerings", "???"},
        {"labels", "\"\""}, {"units", "\"\""}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equals(key, words[i][0])) return words[i][1];
    return NULL;
}

/* True if all parentheses and quotes are closed: an open one would swallow the following words. */
static bool words_closed(const char *value)
{
    char word[HEADER_WORD];
    while (nrrd_word(&value, word)) {
        const char end = word[0] == '(' ? ')' : word[0] == '"' ? '"' : 0;
        const size_t length = strlen(word);
        if (end && (length < 2 || word[length - 1] != end)) return false;
    }
    return true;
}

static att_status read_directions(
    const char *path, const char *value, struct nrrd_fields *a, struct err *e)
{
    char word[HEADER_WORD];
    if (!a->space_dimension)
        return err_data(e,
            "%s: \"space directions\" come before \"space\" or \"space dimension\"; repair the "
            "header",
            path);
    for (a->directions = 0; nrrd_word(&value, word); a->directions++) {
        if (a->directions == NRRD_AXES) break;
        double *v = a->direction[a->directions];
        int count = header_numbers(word, v, 3);
        a->none[a->directions] = text_equals(word, "none") || (count > 0 && isnan(v[0]));
        if (!a->none[a->directions] && count != a->space_dimension)
            return err_data(e, "%s: space direction '%.60s' is not %d numbers; repair the header",
                path, word, a->space_dimension);
    }
    return ATT_OK;
}

static att_status read_kinds(
    const char *path, const char *value, struct nrrd_fields *a, struct err *e)
{
    static const char *const spaces[] = {"domain", "space", NULL},
                             *const unknown[] = {"none", "???", NULL};
    char word[HEADER_WORD];
    for (a->kinds = 0; nrrd_word(&value, word) && a->kinds < NRRD_AXES; a->kinds++) {
        if (text_equals(word, "complex"))
            return err_data(
                e, "%s: its samples are complex numbers; save the magnitude as a real image", path);
        a->space[a->kinds] = text_index(spaces, word) >= 0;
        a->channel[a->kinds] = !a->space[a->kinds] && text_index(unknown, word) < 0;
        a->colours[a->kinds] = text_equals(word, "RGB-color");
        a->colour_alpha[a->kinds] = text_equals(word, "RGBA-color");
    }
    return ATT_OK;
}

/* "mm" "mm" "mm"; other words, such as "s", are no lengths. */
static void read_units(const char *value, struct nrrd_fields *a)
{
    char word[HEADER_WORD];
    while (nrrd_word(&value, word)) {
        const size_t length = strlen(word);
        if (word[0] != '"' || length < 2) continue;
        word[length - 1] = 0;
        const double mm = length_unit_mm(word + 1);
        a->other_unit |= mm > 0 && a->unit > 0 && fabs(mm / a->unit - 1) > .5;
        if (mm > 0) a->unit = mm;
    }
}

static att_status read_data_file(const char *path, const char *value, struct nrrd *n, struct err *e)
{
    if (header_lists(value))
        return err_data(
            e, "%s: its samples are in several files; save the image as one .nrrd", path);
    mem_free(n->data_file);
    n->data_file = mem_text("%s", value);
    return n->data_file ? ATT_OK : err_memory(e, strlen(value), path);
}

static att_status nrrd_header_bad_field(
    const char *path, const struct header_field *f, struct err *e)
{
    return err_data(
        e, "%s: '%s: %.60s' is not a valid entry; repair the header", path, f->key, f->value);
}

/* Reads one number per axis, and no vectors: results copy the entries as words. */
static int axis_numbers(const char *value, double v[NRRD_AXES])
{
    return strpbrk(value, "(),") ? -1 : header_numbers(value, v, NRRD_AXES);
}

/* Allows a known field only once, as pynrrd does: of two, results might keep the one that this
 * reader ignored. */
static att_status nrrd_header_once(
    const char *path, const struct header_field *f, struct nrrd_fields *a, struct err *e)
{
    static const char *const fields[][2] = {{"type"}, {"encoding"}, {"space"}, {"space dimension"},
        {"space directions"}, {"space origin"}, {"kinds"}, {"endian"}, {"sizes"}, {"spacings"},
        {"dimension"}, {"thicknesses"}, {"labels"}, {"units"}, {"data file", "datafile"},
        {"line skip", "lineskip"}, {"byte skip", "byteskip"}, {"axis mins", "axismins"},
        {"axis maxs", "axismaxs"}, {"centers", "centerings"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!text_equals(f->key, fields[i][0]) &&
            !(fields[i][1] && text_equals(f->key, fields[i][1])))
            continue;
        if (a->seen >> i & 1)
            return err_data(e, "%s: the header has '%s' twice; repair it", path, f->key);
        a->seen |= (uint32_t)1 << i;
    }
    return ATT_OK;
}

static att_status nrrd_header_read_field(const char *path, const struct header_field *f,
    struct nrrd *n, struct nrrd_fields *a, struct err *e)
{
    const char *key = f->key, *value = f->value;
    TRY(nrrd_header_once(path, f, a, e));
    double one;
    bool number = header_numbers(value, &one, 1) == 1 && fabs(one) <= 1e15 && one == floor(one);
    const int small = number && fabs(one) <= NRRD_AXES ? (int)one : 0;
    if (nrrd_list_word(key) && !words_closed(value)) return nrrd_header_bad_field(path, f, e);
    if (text_equals(key, "type")) return nrrd_header_read_type(path, value, a, e);
    if (text_equals(key, "encoding")) a->has_encoding = true;
    if (text_equals(key, "encoding")) return read_encoding(path, value, n, e);
    if (text_equals(key, "space")) return nrrd_header_read_space(path, value, a, e);
    if (text_equals(key, "space directions")) return read_directions(path, value, a, e);
    if (text_equals(key, "kinds")) return read_kinds(path, value, a, e);
    if (text_equals(key, "space units") || text_equals(key, "units")) read_units(value, a);
    if (text_equals(key, "data file") || text_equals(key, "datafile"))
        return read_data_file(path, value, n, e);
    if (text_equals(key, "endian")) {
        a->has_endian = true;
        a->big = text_equals(value, "big");
        return a->big || text_equals(value, "little") ? ATT_OK : nrrd_header_bad_field(path, f, e);
    }
    if (text_equals(key, "sizes"))
        return (a->sizes = axis_numbers(value, a->size)) > 0 ? ATT_OK
                                                             : nrrd_header_bad_field(path, f, e);
    if (text_equals(key, "spacings"))
        return (a->spacings = axis_numbers(value, a->spacing)) > 0
            ? ATT_OK
            : nrrd_header_bad_field(path, f, e);
    if (text_equals(key, "space origin"))
        return header_numbers(value, a->origin, 3) == a->space_dimension
            ? ATT_OK
            : nrrd_header_bad_field(path, f, e);
    if (text_equals(key, "dimension")) {
        if (number && one > NRRD_AXES)
            return err_data(e,
                "%s: it has %.0f axes, but at most %d are supported; split the image", path, one,
                NRRD_AXES);
        a->dimension = small;
        return a->dimension >= 1 ? ATT_OK : nrrd_header_bad_field(path, f, e);
    }
    if (text_equals(key, "space dimension")) {
        a->space_dimension = small;
        return a->space_dimension == 2 || a->space_dimension == 3
            ? ATT_OK
            : nrrd_header_bad_field(path, f, e);
    }
    if (text_equals(key, "line skip") || text_equals(key, "lineskip")) {
        n->lines_skipped = number ? (long)one : -1;
        return n->lines_skipped >= 0 ? ATT_OK : nrrd_header_bad_field(path, f, e);
    }
    if (text_equals(key, "byte skip") || text_equals(key, "byteskip")) {
        n->bytes_skipped = number ? (long long)one : -2;
        return n->bytes_skipped >= -1 ? ATT_OK : nrrd_header_bad_field(path, f, e);
    }
    return ATT_OK;
}

static att_status nrrd_check_fields(
    const char *path, const struct nrrd_fields *a, const struct nrrd *n, struct err *e)
{
    static const char lacks[] = "%s: the header has no '%s'; repair it";
    if (!a->type) return err_data(e, lacks, path, "type");
    if (a->dimension == 0) return err_data(e, lacks, path, "dimension");
    if (!a->has_encoding) return err_data(e, lacks, path, "encoding");
    if (!a->has_endian && a->type->bytes > 1 && n->encoding != NRRD_TEXT)
        return err_data(e, lacks, path, "endian");
    const struct {
        const char *name;
        int count;
    } lists[] = {{"sizes", a->sizes ? a->sizes : -1}, {"kinds", a->kinds},
        {"space directions", a->directions}, {"spacings", a->spacings}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].count != 0 && lists[i].count != a->dimension)
            return err_data(e,
                "%s: the header does not give '%s' for each of its %d axes; repair it", path,
                lists[i].name, a->dimension);
    for (int i = 0; i < a->dimension; i++) {
        if (isinf(a->spacing[i]) || (a->spacings && a->spacing[i] == 0))
            return err_data(e, "%s: spacing %g of axis %d is not valid; repair the header", path,
                a->spacing[i], i);
        if (!(a->size[i] >= 1 && a->size[i] <= INT_MAX) || a->size[i] != floor(a->size[i]))
            return err_data(
                e, "%s: size %g of axis %d is not valid; repair the header", path, a->size[i], i);
    }
    if (a->other_unit)
        return err_data(e, "%s: its axes have different units of length; repair the header", path);
    if (n->bytes_skipped < 0 && n->encoding != NRRD_RAW)
        return err_data(e, "%s: 'byte skip: -1' is for raw samples only; repair the header", path);
    return ATT_OK;
}

/* True if an axis is not spatial, by its direction or else by its kind and spacing. */
static bool is_channel(const struct nrrd_fields *a, int i)
{
    if (a->directions) return a->none[i];
    if (a->kinds) return a->channel[i];
    return a->spacings && isnan(a->spacing[i]);
}

static att_status nrrd_header_lay_out(
    const char *path, const struct nrrd_fields *a, struct nrrd *n, struct err *e)
{
    size_t step = 1, voxels = 1;
    int spaces = 0;
    n->channel_axis = -1;
    for (int i = 0; i < a->dimension; i++) {
        if (!is_channel(a, i)) {
            spaces++;
            if (__builtin_mul_overflow(voxels, (size_t)a->size[i], &voxels)) voxels = SIZE_MAX;
        } else if (n->channel_axis >= 0) {
            return err_data(e,
                "%s: axes %d and %d are both not spatial, but only one axis can have channels; "
                "split the image",
                path, n->channel_axis, i);
        } else {
            n->channel_axis = i;
        }
    }
    if (spaces < 2 || spaces > 3)
        return err_data(e,
            "%s: 'space directions', 'kinds' or 'spacings' make %d axes spatial, but an image "
            "has 2 or 3; set 'kinds' to domain for spatial axes and list for channels",
            path, spaces);
    n->spaces = spaces;
    n->x = samples_of(a->type, a->big);
    n->x.text = n->encoding == NRRD_TEXT;
    n->x.channels = 1;
    for (int i = 0; i < 3; i++) n->x.size[i] = 1;
    for (int i = 0, space = 0; i < a->dimension; i++) {
        size_t size = (size_t)a->size[i];
        if (!samples_axis(&n->x, size, i == n->channel_axis ? voxels : step))
            return err_data(e,
                "%s: its sizes multiply to more than 2^40 bytes of samples; repair the header",
                path);
        if (i == n->channel_axis) {
            bool alpha = i == 0 && a->colour_alpha[i] && size == 4;
            if (alpha) n->x.keep = 3;
            n->x.channels = alpha ? 3 : (int)size;
        } else {
            n->x.size[2 - space++] = (int)size;
            step *= size;
        }
    }
    return ATT_OK;
}

/* The cross product of the first two axes, of length 1. */
static void third_axis(double axis[3][3])
{
    double length = 0;
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        axis[2][i] = axis[0][j] * axis[1][k] - axis[0][k] * axis[1][j];
        length += axis[2][i] * axis[2][i];
    }
    for (int i = 0; i < 3; i++) axis[2][i] /= sqrt(length);
}

static att_status nrrd_header_place(const char *path, const struct nrrd_fields *a,
    const struct nrrd *n, struct geometry *g, struct err *e)
{
    double axis[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, origin[3];
    const double unit = a->unit > 0 ? a->unit : 1;
    *g = geometry_none();
    bool any = a->directions > 0;
    for (int i = 0, space = 0; i < a->dimension && space < 3; i++) {
        if (i == n->channel_axis) continue;
        if (a->directions) {
            memcpy(axis[space], a->direction[i], sizeof axis[space]);
        } else if (a->spacings && isfinite(a->spacing[i])) {
            axis[space][space] = a->spacing[i]; /* below 0: the axis runs backwards, as in ITK */
            any = true;
        }
        space++;
    }
    if (!any) return ATT_OK;
    if (a->directions && n->spaces == 2) third_axis(axis);
    for (int i = 0; i < 3; i++) {
        origin[i] = unit * a->origin[i];
        for (int j = 0; j < 3 && i < n->spaces; j++) axis[i][j] *= unit;
    }
    g->oriented = a->patient && a->directions > 0;
    g->thick = n->spaces == 3;
    g->unit = a->unit;
    if (header_affine(axis, origin, a->flip, g)) return ATT_OK;
    return err_data(
        e, "%s: its space directions and origin do not span a volume; repair the header", path);
}

att_status nrrd_read_text(const char *path, struct nrrd *n, struct geometry *g, struct err *e)
{
    struct nrrd_fields a = {.flip = {-1, -1, 1}};
    const char *at = NULL;
    struct header_line line;
    struct header_field f;
    header_next(n->header.text, &at, &line); /* the magic */
    while (header_next(n->header.text, &at, &line)) {
        if (line.length == 0 || line.text[0] == '#') continue;
        const char *colon = memchr(line.text, ':', line.length);
        if (!colon)
            return err_data(e, "%s: the header's line '%.*s' is not a field; repair it", path,
                (int)(line.length < 60 ? line.length : 60), line.text);
        /* a user's key and value, or too long for a field */
        if (colon[1] == '=' || !header_split(line, ':', &f)) continue;
        TRY(nrrd_header_read_field(path, &f, n, &a, e));
    }
    TRY(nrrd_check_fields(path, &a, n, e));
    TRY(nrrd_header_lay_out(path, &a, n, e));
    TRY(nrrd_header_place(path, &a, n, g, e));
    g->colours = n->channel_axis == 0 && n->x.channels == 3 && (a.colours[0] || a.colour_alpha[0]);
    return ATT_OK;
}

att_status nrrd_read_header(struct source *s, struct nrrd *n, struct geometry *g, struct err *e)
{
    *n = (struct nrrd){0};
    *g = (struct geometry){0};
    TRY(header_read(s, is_blank, &n->header, e));
    return nrrd_read_text(s->path, n, g, e);
}

void nrrd_free(struct nrrd *n)
{
    mem_free(n->header.text);
    mem_free(n->data_file);
    *n = (struct nrrd){0};
}
