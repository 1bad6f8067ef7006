/* SPDX-License-Identifier: Apache-2.0 */
/* One table has the place of each field in both versions; fields pass through it as doubles, which
 * are exact for every accepted value. */
#include "format/nifti_header.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

enum field {
    DIM,
    PIXDIM,
    DATATYPE,
    BITPIX,
    VOX_OFFSET,
    SLOPE,
    INTER,
    CAL_MAX,
    CAL_MIN,
    INTENT_CODE,
    INTENT_P,
    QFORM_CODE,
    SFORM_CODE,
    QUATERN,
    QOFFSET,
    SROW,
    XYZT_UNITS,
    GL,     /* ANALYZE: maximum and minimum */
    ORIGIN, /* ANALYZE of SPM: a voxel, from 1 */
    FIELDS
};

/* Byte offset and type: b, h, i, l integers of 1, 2, 4, 8 bytes; f, d floats of 4, 8. */
static const struct {
    size_t at[2];
    char kind[2];
} fields[FIELDS] = {
    [DIM] = {{40, 16}, "hl"},
    [PIXDIM] = {{76, 104}, "fd"},
    [DATATYPE] = {{70, 12}, "hh"},
    [BITPIX] = {{72, 14}, "hh"},
    [VOX_OFFSET] = {{108, 168}, "fl"},
    [SLOPE] = {{112, 176}, "fd"},
    [INTER] = {{116, 184}, "fd"},
    [CAL_MAX] = {{124, 192}, "fd"},
    [CAL_MIN] = {{128, 200}, "fd"},
    [INTENT_CODE] = {{68, 504}, "hi"},
    [INTENT_P] = {{56, 80}, "fd"},
    [QFORM_CODE] = {{252, 344}, "hi"},
    [SFORM_CODE] = {{254, 348}, "hi"},
    [QUATERN] = {{256, 352}, "fd"},
    [QOFFSET] = {{268, 376}, "fd"},
    [SROW] = {{280, 400}, "fd"},
    [XYZT_UNITS] = {{123, 500}, "bi"},
    [GL] = {{140, 0}, "ii"},
    [ORIGIN] = {{253, 0}, "hh"},
};
static const size_t magic_at[2] = {344, 4}, descrip_at[2] = {148, 240},
                    intent_name_at[2] = {328, 508};
enum { DESCRIP_SIZE = 80, INTENT_NAME_SIZE = 16, INTENT_LABEL = 1002, FORM_ALIGNED = 2 };
/* The first: the bits of xyzt_units for the unit of length. */
enum { UNITS_OF_LENGTH = 7, UNITS_MM = 2 };

#define LARGEST_FILE ((size_t)1 << 40)

enum { RGB24 = 128, RGBA32 = 2304, EXTENSIONS_LIMIT = 1 << 24 };

static const struct {
    int code;
    char kind;
    unsigned char bytes, colours;
} types[] = {
    {NIFTI_U8, 'u', 1, 1},
    {256, 'i', 1, 1},
    {4, 'i', 2, 1},
    {NIFTI_U16, 'u', 2, 1},
    {8, 'i', 4, 1},
    {768, 'u', 4, 1},
    {1024, 'i', 8, 1},
    {1280, 'u', 8, 1},
    {NIFTI_F32, 'f', 4, 1},
    {64, 'f', 8, 1},
    {RGB24, 'u', 1, 3},
    {RGBA32, 'u', 1, 4},
};

static int version(const struct nifti *n) { return n->raw_size == NIFTI2_SIZE; }

static size_t nifti_header_width(char kind)
{
    return kind == 'b' ? 1 : kind == 'h' ? 2 : kind == 'i' || kind == 'f' ? 4 : 8;
}

union value {
    unsigned char bytes[8];
    int8_t b;
    int16_t h;
    int32_t i;
    int64_t l;
    float f;
    double d;
};

static double nifti_header_get(const struct nifti *n, enum field f, int index)
{
    union value u;
    char kind = fields[f].kind[version(n)];
    memcpy(u.bytes, n->raw + fields[f].at[version(n)] + (size_t)index * nifti_header_width(kind),
        nifti_header_width(kind));
    if (n->swapped) samples_swap(u.bytes, 1, nifti_header_width(kind));
    switch (kind) {
    case 'b':
        return u.b;
    case 'h':
        return u.h;
    case 'i':
        return u.i;
    case 'l':
        return (double)u.l;
    case 'f':
        return (double)u.f;
    default:
        return u.d;
    }
}

static void nifti_header_put(struct nifti *n, enum field f, int index, double value)
{
    union value u;
    char kind = fields[f].kind[version(n)];
    switch (kind) {
    case 'b':
        u.b = (int8_t)value;
        break;
    case 'h':
        u.h = (int16_t)value;
        break;
    case 'i':
        u.i = (int32_t)value;
        break;
    case 'l':
        u.l = (int64_t)value;
        break;
    case 'f':
        u.f = (float)value;
        break;
    default:
        u.d = value;
    }
    if (n->swapped) samples_swap(u.bytes, 1, nifti_header_width(kind));
    memcpy(n->raw + fields[f].at[version(n)] + (size_t)index * nifti_header_width(kind), u.bytes,
        nifti_header_width(kind));
}

/* Header size and byte order from the first four bytes; false if neither NIfTI nor its ancestor
 * ANALYZE. */
static bool first_bytes(const unsigned char *head, size_t *size, bool *swapped)
{
    const size_t big = bytes_number(head, 4, true);
    *swapped = big == NIFTI1_SIZE || big == NIFTI2_SIZE;
    *size = *swapped ? big : bytes_number(head, 4, false);
    return *size == NIFTI1_SIZE || *size == NIFTI2_SIZE;
}

bool nifti_names_pair(const char *path)
{
    return file_ends(path, ".hdr") || file_ends(path, ".hdr.gz");
}

bool nifti_sniff(const unsigned char *head, size_t size)
{
    size_t header;
    bool swapped;
    return size >= 4 && first_bytes(head, &header, &swapped);
}

static att_status check_magic(const char *path, struct nifti *n, struct err *e)
{
    const unsigned char *magic = n->raw + magic_at[version(n)];
    const char *single = version(n) ? "n+2" : "n+1", *pair = version(n) ? "ni2" : "ni1";
    n->pair = memcmp(magic, pair, 4) == 0;
    if (n->pair || memcmp(magic, single, 4) == 0) return ATT_OK;
    n->analyze = n->pair = !version(n) && nifti_names_pair(path);
    if (n->analyze) return ATT_OK;
    return err_data(e,
        "%s: the header has NIfTI's size but not its magic (\"%s\"); get a good copy, or if it is "
        "of ANALYZE 7.5, name it NAME.hdr",
        path, single);
}

/* Sample type, and samples per voxel. */
static att_status nifti_header_read_type(
    const char *path, struct nifti *n, size_t *colours, struct err *e)
{
    int code = (int)nifti_header_get(n, DATATYPE, 0);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].code != code) continue;
        n->x = samples_of(sample_type_find(types[i].kind, types[i].bytes), n->swapped);
        *colours = types[i].colours;
        return ATT_OK;
    }
    if (code == 32 || code == 1792 || code == 2048)
        return err_data(e,
            "%s: its samples are complex numbers (datatype %d); save the magnitude as a real image",
            path, code);
    return err_data(e,
        "%s: datatype %d is not supported; convert the image to an integer or float type", path,
        code);
}

/* Sizes, channels (colours, dimensions 4 and 5) and the number of samples. */
static att_status nifti_header_read_sizes(
    const char *path, struct nifti *n, size_t colours, struct err *e)
{
    double dims = nifti_header_get(n, DIM, 0), size[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    size_t step = 1, visible = colours == 4 ? 3 : colours;
    if (!(dims >= 1 && dims <= 7))
        return err_data(e,
            "%s: dim[0], the number of dimensions, is %.0f, but must be 1 to 7; repair the header",
            path, dims);
    for (int i = 1; i <= (int)dims; i++) {
        size[i] = nifti_header_get(n, DIM, i);
        if (!(size[i] >= 1 && size[i] <= INT_MAX))
            return err_data(e, "%s: dim[%d] is %.0f, but must be 1 to %d; repair the header", path,
                i, size[i], INT_MAX);
        if (i > 5 && size[i] > 1)
            return err_data(e,
                "%s: dim[%d] is %.0f, but only five dimensions are supported; split the image",
                path, i, size[i]);
    }
    double channels = size[4] * size[5] * (double)visible;
    if (channels > INT_MAX)
        return err_data(
            e, "%s: dim[4] and dim[5] make %.0f channels; repair the header", path, channels);
    double voxels = size[1] * size[2] * size[3];
    bool fits = voxels <= (double)LARGEST_FILE && samples_axis(&n->x, colours, (size_t)voxels);
    if (colours == 4) n->x.keep = visible;
    for (int i = 1; i <= 5 && fits; i++) {
        fits = samples_axis(&n->x, (size_t)size[i], i == 4 ? step * visible : step);
        step = i == 4 ? step * visible * (size_t)size[i] : step * (size_t)size[i];
    }
    if (!fits)
        return err_data(e,
            "%s: dim[1] to dim[5] multiply to more than 2^40 bytes of samples; repair the header",
            path);
    n->x.channels = (int)channels;
    for (int axis = 0; axis < 3; axis++) n->x.size[axis] = (int)size[3 - axis];
    return ATT_OK;
}

/* SPM2: scale the stored range to the calibrated one, if both are given. */
static void analyze_read_range(const struct nifti *n, double *slope, double *inter)
{
    const double low = nifti_header_get(n, GL, 1), stored = nifti_header_get(n, GL, 0) - low,
                 min = nifti_header_get(n, CAL_MIN, 0),
                 scaled = nifti_header_get(n, CAL_MAX, 0) - min;
    *slope = stored != 0 ? scaled / stored : 0;
    *inter = min - *slope * low;
}

static att_status read_offset_and_scale(
    const char *path, struct nifti *n, size_t colours, struct err *e)
{
    double offset = nifti_header_get(n, VOX_OFFSET, 0), slope = nifti_header_get(n, SLOPE, 0),
           inter = nifti_header_get(n, INTER, 0);
    /* four bytes after the header announce extensions */
    size_t min = n->pair ? 0 : n->raw_size + 4;
    if (offset == 0) offset = (double)min;
    if (!(offset >= (double)min && offset <= (double)LARGEST_FILE) || offset != floor(offset))
        return err_data(e,
            "%s: vox_offset is %g, but samples begin at byte %zu or later; repair the header", path,
            offset, min);
    n->offset = (size_t)offset;
    n->x.kind.slope = 1;
    n->x.kind.inter = 0;
    if (n->analyze && !isfinite(inter)) inter = 0;
    if (n->analyze && (slope == 0 || !isfinite(slope))) analyze_read_range(n, &slope, &inter);
    if (slope == 0 || !isfinite(slope) || colours > 1) return ATT_OK;
    if (!isfinite(inter))
        return err_data(
            e, "%s: scl_slope is %g but scl_inter is %g; repair the header", path, slope, inter);
    n->x.kind.slope = slope;
    n->x.kind.inter = inter;
    return ATT_OK;
}

att_status nifti_read_header(struct source *s, struct nifti *n, struct err *e)
{
    *n = (struct nifti){0};
    TRY(source_need(s, n->raw, NIFTI1_SIZE, "its NIfTI header", e));
    if (!first_bytes(n->raw, &n->raw_size, &n->swapped))
        return err_data(e, "%s: not a NIfTI file; give a .nii or .nii.gz", s->path);
    if (n->raw_size > NIFTI1_SIZE)
        TRY(source_need(s, n->raw + NIFTI1_SIZE, n->raw_size - NIFTI1_SIZE, "its NIfTI header", e));
    size_t colours = 1;
    TRY(check_magic(s->path, n, e));
    TRY(nifti_header_read_type(s->path, n, &colours, e));
    TRY(nifti_header_read_sizes(s->path, n, colours, e));
    n->colours = colours > 1 && n->x.channels == 3;
    return read_offset_and_scale(s->path, n, colours, e);
}

/* In the file's unit, without a sign, as nibabel reads it. 0: absent, or not a float. */
static double pixdim(const struct nifti *n, int axis)
{
    const double length = fabs(nifti_header_get(n, PIXDIM, 3 - axis));
    return isfinite((float)length) && (float)length > 0 ? length : 0;
}

/* mm per unit; 0: the file states none. */
static double stated_unit(const struct nifti *n)
{
    static const double mm[UNITS_OF_LENGTH + 1] = {0, 1000, 1, .001};
    return n->analyze ? 0 : mm[(int)nifti_header_get(n, XYZT_UNITS, 0) & UNITS_OF_LENGTH];
}

static bool usable(const double m[3][4])
{
    for (int i = 0; i < 12; i++)
        if (!isfinite(m[i / 4][i % 4])) return false;
    double det = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
        m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
        m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    return isfinite(det) && det != 0;
}

/* A single slice may lack the column across it, which no voxel needs: its normal then. */
static void complete_slice(const struct nifti *n, double m[3][4])
{
    for (int j = 0; j < 3; j++) {
        if (n->x.size[2 - j] > 1 || m[0][j] != 0 || m[1][j] != 0 || m[2][j] != 0) continue;
        const int a = (j + 1) % 3, b = (j + 2) % 3;
        double normal[3], square = 0;
        for (int i = 0; i < 3; i++) {
            const int u = (i + 1) % 3, v = (i + 2) % 3;
            normal[i] = m[u][a] * m[v][b] - m[v][a] * m[u][b];
            square += normal[i] * normal[i];
        }
        const double length = pixdim(n, 2 - j) > 0 ? pixdim(n, 2 - j) : 1;
        for (int i = 0; i < 3 && square > 0; i++)
            m[i][j] = normal[i] == 0 ? 0 : length * normal[i] / sqrt(square); /* avoid -0 */
    }
}

static void from_sform(const struct nifti *n, double m[3][4])
{
    for (int i = 0; i < 12; i++) m[i / 4][i % 4] = nifti_header_get(n, SROW, i);
    complete_slice(n, m);
}

/* Numbers of the qform that are not finite are 0, as in ITK. */
static double qform_number(const struct nifti *n, enum field f, int index)
{
    const double v = nifti_header_get(n, f, index);
    return isfinite(v) ? v : 0;
}

/* nifti1.h, method 2: the rotation of the unit quaternion (w, x, y, z), stored without w, times the
 * voxel sizes, the third with the sign of pixdim[0]. Same order and precision as nibabel, for a
 * bit-identical affine. A voxel size of 0 is 1. */
static void from_qform(const struct nifti *n, double m[3][4])
{
    const long double nearly =
        3 * (version(n) ? (long double)DBL_EPSILON : (long double)FLT_EPSILON);
    long double x = qform_number(n, QUATERN, 0), y = qform_number(n, QUATERN, 1),
                z = qform_number(n, QUATERN, 2), rest = 1 - (x * x + y * y + z * z);
    /* below that it is a half turn with rounding: x, y, z alone have length 1 */
    long double w = rest >= nearly ? sqrtl(rest) : 0;
    long double s = 2 / (w * w + x * x + y * y + z * z), sx = x * s, sy = y * s, sz = z * s;
    long double r[3][3] = {{1 - (y * sy + z * sz), x * sy - w * sz, x * sz + w * sy},
        {x * sy + w * sz, 1 - (x * sx + z * sz), y * sz - w * sx},
        {x * sz - w * sy, y * sz + w * sx, 1 - (x * sx + y * sy)}};
    double sign = nifti_header_get(n, PIXDIM, 0) < 0 ? -1 : 1;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            const double length = pixdim(n, 2 - j) > 0 ? pixdim(n, 2 - j) : 1;
            m[i][j] = (double)(r[i][j] * (long double)(length * (j == 2 ? sign : 1)));
        }
        m[i][3] = qform_number(n, QOFFSET, i);
    }
}

/* nibabel's default without a coded form: x points left, the origin is the grid's centre, or that
 * of SPM. */
static void from_spacing(const struct nifti *n, double m[3][4])
{
    memset(m, 0, 12 * sizeof(double));
    for (int i = 0; i < 3; i++) {
        const double mm = pixdim(n, 2 - i);
        m[i][i] = (mm > 0 ? mm : 1) * (i == 0 ? -1 : 1);
        m[i][3] = -m[i][i] * (n->x.size[2 - i] - 1) / 2;
    }
    bool some = false, near = n->analyze;
    for (int i = 0; i < 3 && n->analyze; i++) {
        const double at = nifti_header_get(n, ORIGIN, i), size = n->x.size[2 - i];
        some = some || at != 0;
        near = near && at > -size && at < 2 * size;
    }
    for (int i = 0; i < 3 && some && near; i++)
        m[i][3] = -m[i][i] * (nifti_header_get(n, ORIGIN, i) - 1);
}

/* Keeps the header and, if its last four bytes announce extensions, everything up to the samples or
 * the end of a pair's header, up to a limit. */
static att_status keep_header(
    struct source *s, const struct nifti *n, struct geometry *g, struct err *e)
{
    unsigned char flag[4] = {0};
    size_t got = 0, room = 0;
    if (n->pair || n->offset >= n->raw_size + sizeof flag)
        TRY(source_read(s, flag, sizeof flag, &got, e));
    if (got == sizeof flag && flag[0]) {
        size_t limit = source_limit(s), end = n->pair ? limit : n->offset;
        room = end > s->taken ? end - s->taken : 0;
        if (room > EXTENSIONS_LIMIT) room = 0;
    }
    g->header_size = n->raw_size;
    TRY(MEM_BYTES(g->header, n->raw_size + sizeof flag + room, s->path, e));
    memcpy(g->header, n->raw, n->raw_size);
    if (room == 0) return ATT_OK;
    memcpy(g->header + n->raw_size, flag, sizeof flag);
    att_status status = source_read(s, g->header + n->raw_size + sizeof flag, room, &got, e);
    g->header_size += sizeof flag + got;
    return status;
}

/* Takes spacing from pixdim, else from the form; else it is unknown. */
static void nifti_header_read_spacing(const struct nifti *n, bool formed, struct geometry *g)
{
    const double unit = g->unit > 0 ? g->unit : 1;
    for (int axis = 0; axis < 3; axis++) {
        const double own = pixdim(n, axis);
        const bool counts = n->x.size[axis] > 1;
        g->derived = g->derived || (counts && formed && !(own > 0));
        g->spacing[axis] = own > 0 ? (float)(own * unit)
            : counts && formed     ? (float)geometry_length(g, axis)
                                   : 1;
        g->valid = g->valid && (own > 0 || !counts || formed);
    }
    g->thick = nifti_header_get(n, DIM, 0) >= 3 && pixdim(n, 0) > 0;
}

static bool coded_form(const struct nifti *n, enum field code, double m[3][4])
{
    if (n->analyze || !(nifti_header_get(n, code, 0) > 0)) return false;
    if (code == SFORM_CODE)
        from_sform(n, m);
    else
        from_qform(n, m);
    for (int i = 0; i < 12 && stated_unit(n) > 0; i++) m[i / 4][i % 4] *= stated_unit(n);
    return usable(m);
}

/* nibabel reads the size alone; ITK turns the axis round. An sform has signs of its own. */
static att_status refuse_negative(const char *path, const struct nifti *n, struct err *e)
{
    for (int i = 1; i <= 3; i++)
        if (n->x.size[3 - i] > 1 && nifti_header_get(n, PIXDIM, i) < 0)
            return err_data(e,
                "%s: pixdim[%d] is negative, and programs disagree about the direction of its "
                "axis; "
                "write the image anew with a program that shows it rightly",
                path, i);
    return ATT_OK;
}

/* Ignores a coded form that does not map the grid to a volume. */
att_status nifti_geometry(
    struct source *s, const struct nifti *n, struct geometry *g, struct err *e)
{
    struct geometry other = {.valid = true};
    *g = (struct geometry){.valid = true, .unit = stated_unit(n)};
    const bool sform = coded_form(n, SFORM_CODE, g->affine),
               qform = coded_form(n, QFORM_CODE, sform ? other.affine : g->affine);
    if (qform && !sform) TRY(refuse_negative(s->path, n, e));
    if (!sform && !qform) from_spacing(n, g->affine);
    for (int i = 0; i < 12 && !sform && !qform && g->unit > 0; i++)
        g->affine[i / 4][i % 4] *= g->unit;
    g->oriented = sform || qform;
    other.unit = g->unit;
    g->two_forms = sform && qform && geometry_difference(g, &other, n->x.size) > GEOMETRY_TOLERANCE;
    if (g->two_forms) memcpy(g->second, other.affine, sizeof g->second);
    g->colours = n->colours;
    nifti_header_read_spacing(n, g->oriented, g);
    return n->analyze ? ATT_OK : keep_header(s, n, g, e); /* results are NIfTI */
}

/* A new header from spacing and affine. */
static void fresh_header(const struct geometry *g, bool large, struct nifti *n)
{
    n->raw_size = large ? NIFTI2_SIZE : NIFTI1_SIZE;
    uint32_t size = (uint32_t)n->raw_size;
    memcpy(n->raw, &size, 4);
    memcpy(n->raw + magic_at[large], large ? "n+2\0\r\n\032\n" : "n+1", large ? 8 : 4);
    nifti_header_put(n, PIXDIM, 0, 1);
    for (int axis = 0; axis < 3; axis++)
        nifti_header_put(n, PIXDIM, 3 - axis, g->spacing[axis] > 0 ? (double)g->spacing[axis] : 1);
    if (!g->valid) return;
    nifti_header_put(n, XYZT_UNITS, 0, UNITS_MM);
    nifti_header_put(n, SFORM_CODE, 0, FORM_ALIGNED);
    for (int i = 0; i < 12; i++) nifti_header_put(n, SROW, i, g->affine[i / 4][i % 4]);
}

/* The grid's own header, or a new one. */
static void start_header(const struct geometry *g, bool large, struct nifti_out *out)
{
    static const unsigned char no_extensions[4];
    struct nifti *n = &out->n;
    out->more = no_extensions;
    out->more_size = sizeof no_extensions;
    if (!g->header || g->header_size < NIFTI1_SIZE ||
        !first_bytes(g->header, &n->raw_size, &n->swapped) || n->raw_size > g->header_size) {
        n->swapped = false;
        fresh_header(g, large, n);
        return;
    }
    memcpy(n->raw, g->header, n->raw_size);
    if (g->header_size == n->raw_size) return;
    out->more = g->header + n->raw_size;
    out->more_size = g->header_size - n->raw_size;
}

static void set_sizes(struct nifti *n)
{
    bool flat = nifti_header_get(n, DIM, 0) == 2 && n->x.size[IMAGE_D] == 1;
    nifti_header_put(n, DIM, 0, n->x.channels > 1 ? 4 : flat ? 2 : 3);
    for (int axis = 0; axis < 3; axis++) nifti_header_put(n, DIM, 3 - axis, n->x.size[axis]);
    nifti_header_put(n, DIM, 4, n->x.channels);
    for (int i = 5; i < 8; i++) nifti_header_put(n, DIM, i, 1);
}

static void set_meaning(struct nifti *n, enum nifti_code code)
{
    bool labels = code != NIFTI_F32;
    memcpy(n->raw + magic_at[version(n)],
        version(n)    ? (n->pair ? "ni2" : "n+2")
            : n->pair ? "ni1"
                      : "n+1",
        4);
    nifti_header_put(n, DATATYPE, 0, code);
    nifti_header_put(n, BITPIX, 0, code == NIFTI_U8 ? 8 : code == NIFTI_U16 ? 16 : 32);
    nifti_header_put(n, VOX_OFFSET, 0, (double)n->offset);
    nifti_header_put(n, SLOPE, 0, 1);
    nifti_header_put(n, INTER, 0, 0);
    nifti_header_put(n, CAL_MAX, 0, 0);
    nifti_header_put(n, CAL_MIN, 0, 0);
    nifti_header_put(n, INTENT_CODE, 0, labels ? INTENT_LABEL : 0);
    for (int i = 0; i < 3; i++) nifti_header_put(n, INTENT_P, i, 0);
    memset(n->raw + intent_name_at[version(n)], 0, INTENT_NAME_SIZE);
    memset(n->raw + descrip_at[version(n)], 0, DESCRIP_SIZE);
    memcpy(n->raw + descrip_at[version(n)], "attunet", 7);
}

att_status nifti_make_header(const char *path, const struct geometry *g, int channels,
    const int size[3], enum nifti_code code, struct nifti_out *out, struct err *e)
{
    struct nifti *n = &out->n;
    *out =
        (struct nifti_out){.n = {.pair = nifti_names_pair(path),
                               .x = {.channels = channels, .size = {size[0], size[1], size[2]}}}};
    bool large = channels > INT16_MAX;
    for (int axis = 0; axis < 3; axis++) large |= size[axis] > INT16_MAX;
    start_header(g, large, out);
    if (large && !version(n))
        return err_data(e,
            "%s: a size above %d does not fit the NIfTI-1 header of the input; convert the "
            "input to NIfTI-2",
            path, INT16_MAX);
    n->offset = n->pair ? 0 : n->raw_size + out->more_size;
    set_sizes(n);
    set_meaning(n, code);
    return ATT_OK;
}
