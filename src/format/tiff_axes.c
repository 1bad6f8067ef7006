/* SPDX-License-Identifier: Apache-2.0 */
/* ImageJ: imagej.net, classes TiffEncoder and FileInfo. tifffile: its documentation, "shaped"
 * series. OME: docs.openmicroscopy.org, OME-TIFF specification and schema 2016-06. */
#include "format/tiff_axes.h"

#ifdef ATT_TIFF
#include <expat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "files/json_file.h"
#include "format/length_unit.h"

enum { OME_LIMIT = 1 << 28, PREAMBLE = 1000, SHAPED_LIMIT = 1 << 20 };

/* ---- ImageJ */

/* Value of `key` in lines of key=value, cut to `room`; false: absent. */
static bool line_value(const char *text, const char *key, char *value, size_t room)
{
    size_t length = strlen(key);
    for (const char *line = text, *after; line; line = after ? after + 1 : NULL) {
        after = strchr(line, '\n');
        if (strncmp(line, key, length) != 0 || line[length] != '=') continue;
        size_t n = strcspn(line + length + 1, "\r\n");
        if (n >= room) n = room - 1;
        memcpy(value, line + length + 1, n);
        value[n] = 0;
        return true;
    }
    return false;
}

static att_status line_count(
    const char *path, const char *text, const char *key, uint64_t *count, struct err *e)
{
    char value[32], *end;
    if (!line_value(text, key, value, sizeof value)) return ATT_OK;
    unsigned long long n = strtoull(value, &end, 10);
    if (*value < '1' || *value > '9' || *end || n > UINT32_MAX)
        return err_data(e, "%s: ImageJ's description has %s=%s; repair the file, or save it again",
            path, key, value);
    *count = n;
    return ATT_OK;
}

static att_status read_imagej(
    const char *path, const char *text, struct tiff_axes *x, struct err *e)
{
    char value[32], *end;
    *x = (struct tiff_axes){.kind = TIFF_IMAGEJ, .images = 1, .channels = 1, .frames = 1};
    TRY(line_count(path, text, "images", &x->images, e));
    TRY(line_count(path, text, "channels", &x->channels, e));
    TRY(line_count(path, text, "frames", &x->frames, e));
    x->slices = x->images / x->channels / x->frames; /* a plain stack has images= alone */
    TRY(line_count(path, text, "slices", &x->slices, e));
    if (x->slices == 0 || x->channels * x->frames > UINT32_MAX ||
        x->channels * x->frames * x->slices != x->images)
        return err_data(e,
            "%s: ImageJ's description states %llu image%s, but %llu channel%s, %llu slice%s and "
            "%llu frame%s; save it again",
            path, (unsigned long long)x->images, TEXT_S(x->images), (unsigned long long)x->channels,
            TEXT_S(x->channels), (unsigned long long)x->slices, TEXT_S(x->slices),
            (unsigned long long)x->frames, TEXT_S(x->frames));
    static const char *const keys[] = {
        "zunit", "yunit", "unit"}; /* those of y and z only if they differ from x */
    for (int a = 2; a >= 0; a--)
        x->unit[a] =
            line_value(text, keys[a], value, sizeof value) ? length_unit_mm(value) : x->unit[2];
    /* ImageJ omits a spacing of 1, and any for a single slice */
    const double usual = x->slices > 1;
    const double depth =
        line_value(text, "spacing", value, sizeof value) ? fabs(number_read(value, &end)) : usual;
    x->spacing[0] = isfinite(depth) ? depth * x->unit[0] : 0;
    return ATT_OK;
}

/* ---- tifffile */

static bool ends_in_rows(const char *axes)
{
    size_t length = strlen(axes);
    while (length > 0 && axes[length - 1] == 'S') length--;
    return length >= 2 && strncmp(axes + length - 2, "YX", 2) == 0;
}

/* {"axes": "YXC", "shape": [64, 80, 2]}: a page is the last two axes, whatever they are. Ignore
 * axes that are unknown or there twice. */
static void take_order(const json_t *shape, const char *axes, struct tiff_axes *x)
{
    struct tiff_axes own = {
        .kind = TIFF_SHAPED, .images = 1, .channels = 1, .slices = 1, .frames = 1};
    int used = 0;
    for (size_t i = 0; axes[i]; i++) {
        const json_int_t n = json_integer_value(json_array_get(shape, i));
        if (axes[i] == 'S' && n == 1) continue;
        if (!strchr("TZCYX", axes[i]) || strchr(own.order, axes[i]) || n < 1 || n > INT32_MAX)
            return;
        own.order[used] = axes[i];
        own.count[used++] = (uint64_t)n;
        if (axes[i] == 'Z') own.slices = (uint64_t)n;
        if (axes[i] == 'C') own.channels = (uint64_t)n;
        if (axes[i] == 'T') own.frames = (uint64_t)n;
    }
    for (int i = 0; i < used - 2; i++) {
        if (own.images > UINT32_MAX / own.count[i]) return;
        own.images *= own.count[i];
    }
    if (strchr(own.order, 'Y') && strchr(own.order, 'X')) *x = own;
}

/* {"axes": "CYX", "shape": [2, 64, 80]}: the last two axes (besides S, samples of a pixel) are
 * those of a page; the others run over pages, the last one fastest. Ignore other axes than slices,
 * channels and times, and descriptions without axes. */
static void take_shape(const json_t *shape, const char *axes, struct tiff_axes *x)
{
    struct tiff_axes own = {
        .kind = TIFF_SHAPED, .images = 1, .channels = 1, .slices = 1, .frames = 1};
    for (size_t i = 0; axes[i]; i++) {
        const json_int_t n = json_integer_value(json_array_get(shape, i));
        uint64_t *to = axes[i] == 'Z' ? &own.slices
            : axes[i] == 'C'          ? &own.channels
            : axes[i] == 'T'          ? &own.frames
                                      : NULL;
        if (strchr("YXS", axes[i])) continue;
        if (n == 1) continue;
        if (!to || *to != 1 || n < 1 || n > UINT32_MAX || own.images > UINT32_MAX / (uint64_t)n)
            return;
        *to = (uint64_t)n;
        own.images *= (uint64_t)n;
        own.slices_first = axes[i] == 'Z';
    }
    *x = own;
}

/* Samples of all pages; 0: invalid sizes. */
static uint64_t tiff_axes_samples_of(const json_t *shape)
{
    uint64_t samples = json_array_size(shape) > 0;
    for (size_t i = 0; i < json_array_size(shape); i++) {
        const json_int_t n = json_integer_value(json_array_get(shape, i));
        samples = n > 0 && samples <= INT64_MAX / (uint64_t)n ? samples * (uint64_t)n : 0;
    }
    return samples;
}

static att_status read_shaped(
    const char *path, const char *text, size_t length, struct tiff_axes *x, struct err *e)
{
    struct err other = {0};
    json_t *j = NULL;
    const att_status status = json_parse(text, length, path, 0, ATT_DATA, &j, &other);
    const json_t *shape = json_object_get(j, "shape");
    const char *axes = json_str(j, "axes");
    if (axes && strlen(axes) == json_array_size(shape))
        (ends_in_rows(axes) ? take_shape : take_order)(shape, axes, x);
    x->truncated = json_flag(j, "truncated");
    x->samples = tiff_axes_samples_of(shape);
    json_decref(j);
    /* any program may write JSON there */
    return status == ATT_DATA ? ATT_OK : err_pass(e, status, &other);
}

static bool is_shaped(const char *text, size_t length)
{
    return *text == '{' && length < SHAPED_LIMIT && strstr(text, "\"shape\":");
}

/* ---- OME */

struct ome {
    const char *path;
    struct tiff_axes *x;
    struct err *e;
    XML_Parser parser;
    int images;
    bool pixels;
    uint64_t samples; /* of a pixel of a page, which SizeC counts, too */
    char order[8];
    att_status status;
};

static void tiff_axes_stop(struct ome *o, att_status status)
{
    o->status = status;
    XML_StopParser(o->parser, XML_FALSE);
}

static const char *attribute(const char **list, const char *name, const char *missing)
{
    for (; *list; list += 2)
        if (strcmp(*list, name) == 0) return list[1];
    return missing;
}

/* An attribute's integer from 0 on; false: something else. */
static bool tiff_axes_whole(const char **list, const char *name, const char *missing, uint64_t *n)
{
    const char *text = attribute(list, name, missing);
    char *end;
    *n = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && *n <= UINT32_MAX;
}

/* PhysicalSizeX="0.25" PhysicalSizeXUnit="µm", the default unit. */
static double physical(const char **list, const char *name, const char *unit)
{
    char *end;
    double v =
        number_read(attribute(list, name, "0"), &end) * length_unit_mm(attribute(list, unit, "um"));
    return isfinite(v) && v > 0 ? v : 0;
}

static void take_pixels(struct ome *o, const char **list)
{
    struct tiff_axes *x = o->x;
    const char *order = attribute(list, "DimensionOrder", "XYZCT");
    bool good = tiff_axes_whole(list, "SizeZ", "1", &x->slices) &&
        tiff_axes_whole(list, "SizeC", "1", &x->channels) &&
        tiff_axes_whole(list, "SizeT", "1", &x->frames);
    o->pixels = true;
    if (!good || !x->slices || !x->channels || !x->frames || strlen(order) != 5 ||
        strncmp(order, "XY", 2) != 0 || !strchr(order, 'Z') || !strchr(order, 'C') ||
        !strchr(order, 'T')) {
        tiff_axes_stop(o,
            err_data(o->e,
                "%s: the sizes or the DimensionOrder of its OME-XML are not valid; save it again",
                o->path));
        return;
    }
    x->slices_first = strchr(order, 'Z') < strchr(order, 'C');
    memcpy(o->order, order, 6);
    x->spacing[0] = physical(list, "PhysicalSizeZ", "PhysicalSizeZUnit");
    x->spacing[1] = physical(list, "PhysicalSizeY", "PhysicalSizeYUnit");
    x->spacing[2] = physical(list, "PhysicalSizeX", "PhysicalSizeXUnit");
}

/* OME counts the colours of a pixel as channels of one plane. */
static void take_channel(struct ome *o, const char **list)
{
    uint64_t samples;
    if (tiff_axes_whole(list, "SamplesPerPixel", "1", &samples) && samples > 0 &&
        o->x->channels % samples == 0)
        o->samples = samples;
}

/* Nearly all programs write pages in plane order; other orders are not supported. */
static void tiff_axes_take_page(struct ome *o, const char **list)
{
    uint64_t page, plane = 0, step = 1, first[3];
    bool good = tiff_axes_whole(list, "FirstZ", "0", &first[0]) &&
        tiff_axes_whole(list, "FirstC", "0", &first[1]) &&
        tiff_axes_whole(list, "FirstT", "0", &first[2]);
    uint64_t sizes[3] = {o->x->slices, o->x->channels / o->samples, o->x->frames};
    for (int i = 2; i < 5 && good; i++) {
        int axis = o->order[i] == 'Z' ? 0 : o->order[i] == 'C' ? 1 : 2;
        good = first[axis] < sizes[axis];
        plane += first[axis] * step;
        step *= sizes[axis];
        good = good && step <= UINT32_MAX;
    }
    if (good && tiff_axes_whole(list, "IFD", "0", &page) &&
        (!*attribute(list, "IFD", "") || page == plane))
        return;
    tiff_axes_stop(o,
        err_data(o->e,
            "%s: its pages are not in the order of its OME-XML's planes; save it again, as a stack",
            o->path));
}

static void begin_element(void *user, const char *name, const char **list)
{
    struct ome *o = user;
    const char *local = strrchr(name, ':') ? strrchr(name, ':') + 1 : name;
    if (strcmp(local, "Image") == 0 && ++o->images > 1)
        tiff_axes_stop(o,
            err_data(o->e,
                "%s: its OME-XML has several images; save the one you want as a separate file",
                o->path));
    else if (strcmp(local, "Pixels") == 0)
        take_pixels(o, list);
    else if (strcmp(local, "Channel") == 0 && o->pixels)
        take_channel(o, list);
    else if (strcmp(local, "TiffData") == 0 && o->pixels)
        tiff_axes_take_page(o, list);
}

/* OME-XML has no document type; a file that defines entities is suspect. */
static void refuse_doctype(
    void *user, const char *name, const char *system, const char *public, int internal)
{
    struct ome *o = user;
    (void)name, (void)system, (void)public, (void)internal;
    tiff_axes_stop(
        o, err_data(o->e, "%s: its OME-XML declares a document type; save it again", o->path));
}

static att_status read_ome(const char *path, const char *text, struct tiff_axes *x, struct err *e)
{
    struct ome o = {.path = path, .x = x, .e = e, .samples = 1};
    size_t length = strlen(text);
    *x = (struct tiff_axes){.kind = TIFF_OME};
    o.parser = XML_ParserCreate("UTF-8");
    if (!o.parser) return err_memory(e, length, "reading OME-XML");
    XML_SetUserData(o.parser, &o);
    XML_SetStartElementHandler(o.parser, begin_element);
    XML_SetStartDoctypeDeclHandler(o.parser, refuse_doctype);
    bool good = length <= OME_LIMIT && XML_Parse(o.parser, text, (int)length, 1) == XML_STATUS_OK;
    enum XML_Error code = XML_GetErrorCode(o.parser);
    XML_ParserFree(o.parser);
    if (o.status != ATT_OK) return o.status;
    if (code == XML_ERROR_NO_MEMORY) return err_memory(e, length, "reading OME-XML");
    if (!good || !o.pixels)
        return err_data(e, "%s: its OME-XML is damaged (%s); save it again", path,
            good ? "no Pixels" : XML_ErrorString(code));
    return ATT_OK;
}

static bool is_ome(const char *text)
{
    const char *root = strstr(text, "<OME");
    if (!root || root - text > PREAMBLE) root = strstr(text, ":OME ");
    return root && root - text <= PREAMBLE && text[strspn(text, "\xef\xbb\xbf \t\r\n")] == '<';
}

att_status tiff_axes_read(const char *path, const char *text, struct tiff_axes *x, struct err *e)
{
    *x = (struct tiff_axes){.kind = TIFF_PLAIN};
    if (text && strncmp(text, "ImageJ=", 7) == 0) return read_imagej(path, text, x, e);
    const size_t length = text ? strlen(text) : 0;
    if (text && is_shaped(text, length)) return read_shaped(path, text, length, x, e);
    if (text && is_ome(text)) return read_ome(path, text, x, e);
    return ATT_OK;
}
#endif
