/* SPDX-License-Identifier: Apache-2.0 */
#ifdef ATT_TIFF
#include "format/tiff_save.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <tiffio.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "files/file.h"
#include "format/labels_out.h"
#include "format/tiff_open.h"

/* Level 1, as in sink.c: fast, and nearly as small for masks. Strips of about this many bytes can
 * be read one by one. */
enum {
    LEVEL = 1,
    STRIP_BYTES = 1 << 18,
    DESCRIPTION = 256,
    LIBRARY_BYTES = 1 << 28,
    PAGES_LIMIT = 1 << 20
};
#define CLASSIC_BYTES                                                                              \
    ((uint64_t)0xf0000000) /* below 4 GiB with room for directories and for what does not shrink   \
                            */

struct writer {
    const char *path;
    struct file_writer *file;
    uint64_t at; /* libtiff's position */
    TIFF *lib;
    struct tiff_messages messages;
    att_status status; /* of the file, and of labels from a callback */
    struct err *e;

    int channels, size[3], bits;
    const struct geometry *geometry;
    const float *image; /* NULL: labels */
    struct labels_out labels;
    unsigned char *strip;
};

static tmsize_t tiff_save_read_bytes(thandle_t handle, void *to, tmsize_t size)
{
    struct writer *w = handle;
    size_t got;
    if (file_read_at(w->file, w->at, to, (size_t)size, &got, w->e) != ATT_OK) return -1;
    w->at += got;
    return (tmsize_t)got;
}

static tmsize_t tiff_save_write_bytes(thandle_t handle, void *from, tmsize_t size)
{
    struct writer *w = handle;
    if (!from && size > 0) { /* libtiff failed to allocate a buffer */
        w->messages.no_memory = true;
        return -1;
    }
    if (w->status == ATT_OK) w->status = file_write_at(w->file, w->at, from, (size_t)size, w->e);
    if (w->status != ATT_OK) return -1;
    w->at += (uint64_t)size;
    return size;
}

static toff_t tiff_save_seek(thandle_t handle, toff_t to, int from)
{
    struct writer *w = handle;
    return w->at = to + (from == SEEK_CUR ? w->at : from == SEEK_END ? file_written(w->file) : 0);
}

static int tiff_save_close_nothing(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t written(thandle_t handle) { return file_written(((struct writer *)handle)->file); }

/* ImageJ uses micrometres for small pixels, else mm; resolution tags are pixels per unit, with no
 * TIFF unit. */
static double units_per_mm(const struct geometry *g)
{
    return (double)g->spacing[1] < IMAGE_SMALL_MM && (double)g->spacing[2] < IMAGE_SMALL_MM ? 1000
                                                                                            : 1;
}

static double in_units(const struct geometry *g, int axis)
{
    return number_of_float((float)(number_of_float(g->spacing[axis]) * units_per_mm(g)));
}

static bool tiff_save_describe(const struct writer *w, int pages)
{
    const struct geometry *g = w->geometry;
    char text[DESCRIPTION], spacing[32];
    snprintf(text, sizeof text, "ImageJ=1.54f\nimages=%d\n", pages);
    if (w->channels > 1) text_append(text, sizeof text, "channels=%d\n", w->channels);
    if (w->size[0] > 1) text_append(text, sizeof text, "slices=%d\n", w->size[0]);
    if (w->channels > 1) text_append(text, sizeof text, "hyperstack=true\nmode=grayscale\n");
    if (g->valid) text_append(text, sizeof text, "unit=%s\n", units_per_mm(g) > 1 ? "um" : "mm");
    number_write(spacing, sizeof spacing, "%.9g", in_units(g, 0));
    if (g->valid && (w->size[0] > 1 || g->thick))
        text_append(text, sizeof text, "spacing=%s\n", spacing);
    text_append(text, sizeof text, "loop=false\n");
    return TIFFSetField(w->lib, TIFFTAG_IMAGEDESCRIPTION, text);
}

static bool set_tags(const struct writer *w, int page, int pages, uint32_t rows)
{
    const struct geometry *g = w->geometry;
    bool set = TIFFSetField(w->lib, TIFFTAG_IMAGEWIDTH, (uint32_t)w->size[2]) &&
        TIFFSetField(w->lib, TIFFTAG_IMAGELENGTH, (uint32_t)w->size[1]) &&
        TIFFSetField(w->lib, TIFFTAG_BITSPERSAMPLE, w->bits) &&
        TIFFSetField(w->lib, TIFFTAG_SAMPLESPERPIXEL, 1) &&
        TIFFSetField(
            w->lib, TIFFTAG_SAMPLEFORMAT, w->image ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT) &&
        TIFFSetField(w->lib, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) &&
        TIFFSetField(w->lib, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
        TIFFSetField(w->lib, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE) &&
        TIFFSetField(w->lib, TIFFTAG_ZIPQUALITY, LEVEL) &&
        TIFFSetField(w->lib, TIFFTAG_ROWSPERSTRIP, rows);
    if (set && g->valid)
        set = TIFFSetField(w->lib, TIFFTAG_XRESOLUTION, 1 / in_units(g, 2)) &&
            TIFFSetField(w->lib, TIFFTAG_YRESOLUTION, 1 / in_units(g, 1)) &&
            TIFFSetField(w->lib, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
    return set && (page > 0 || (pages == 1 && !g->valid) || tiff_save_describe(w, pages));
}

/* Pack samples start..start+count-1 of all pages. */
static bool pack(struct writer *w, size_t start, size_t count)
{
    if (w->image)
        memcpy(w->strip, w->image + start, count * sizeof *w->image);
    else if (w->status == ATT_OK)
        w->status = labels_out_put(&w->labels, start, count, w->strip, w->e);
    return w->status == ATT_OK;
}

static bool tiff_save_write_page(struct writer *w, int page, int pages, size_t rows)
{
    size_t width = (size_t)w->size[2], height = (size_t)w->size[1], depth = (size_t)w->size[0];
    size_t channel = (size_t)page % (size_t)w->channels, slice = (size_t)page / (size_t)w->channels;
    if (!set_tags(w, page, pages, (uint32_t)rows) || !TIFFWriteBufferSetup(w->lib, NULL, -1))
        return false;
    for (size_t y = 0; y < height; y += rows) {
        size_t count = (height - y < rows ? height - y : rows) * width;
        if (!pack(w, ((channel * depth + slice) * height + y) * width, count)) return false;
        if (TIFFWriteEncodedStrip(w->lib, (uint32_t)(y / rows), w->strip,
                (tmsize_t)(count * (size_t)w->bits / 8)) < 0)
            return false;
    }
    return TIFFWriteDirectory(w->lib);
}

static att_status write_pages(struct writer *w, struct err *e)
{
    size_t row = (size_t)w->size[2] * (size_t)w->bits / 8,
           rows = row < STRIP_BYTES ? STRIP_BYTES / row : 1;
    uint64_t pages = (uint64_t)w->size[0] * (uint64_t)w->channels;
    if (pages > PAGES_LIMIT)
        return err_data(e, "%s: %llu pages are too many for TIFF; write .nii.gz instead", w->path,
            (unsigned long long)pages);
    if (rows > (size_t)w->size[1]) rows = (size_t)w->size[1];
    TRY(MEM_BYTES(w->strip, rows * row, w->path, e));
    bool large = pages * (uint64_t)w->size[1] * row > CLASSIC_BYTES;
    TIFFOpenOptions *o = tiff_options(&w->messages, LIBRARY_BYTES);
    if (!o) return err_memory(e, sizeof *w, w->path);
    w->lib = TIFFClientOpenExt(w->path, large ? "w8" : "w", w, tiff_save_read_bytes,
        tiff_save_write_bytes, tiff_save_seek, tiff_save_close_nothing, written, NULL, NULL, o);
    TIFFOpenOptionsFree(o);
    bool good = w->lib;
    for (uint64_t page = 0; page < pages && good; page++)
        good =
            tiff_has_memory(&w->messages) && tiff_save_write_page(w, (int)page, (int)pages, rows);
    /* libtiff may have continued without a tag */
    if (w->messages.no_memory) return err_memory(e, rows * row, w->path);
    if (good || w->status != ATT_OK) return w->status;
    return err_set(e, ATT_FAILED, "%s: libtiff cannot write it (%s); please report this", w->path,
        w->messages.reason);
}

static att_status tiff_save_save(struct writer *w, struct err *e)
{
    TRY(file_create(w->path, &w->file, e));
    att_status status = file_goes_back(w->file)
        ? write_pages(w, e)
        : err_set(
              e, ATT_IO, "%s: TIFF can be written to files only, not to pipes or devices", w->path);
    /* keeps closing from writing a partial file */
    if (w->lib && status != ATT_OK) TIFFSetMode(w->lib, O_RDONLY);
    if (w->lib && !w->messages.broken) TIFFClose(w->lib);
    /* for closing */
    if (status == ATT_OK && w->messages.no_memory) status = err_memory(e, LIBRARY_BYTES, w->path);
    mem_free(w->strip);
    if (status == ATT_OK) status = w->status;
    if (status == ATT_OK) return file_commit(w->file, e);
    file_abandon(w->file);
    /* the first message names the cause: a full disk, not its effect on libtiff */
    return e->status;
}

att_status tiff_save_image(const char *path, const struct image *m, struct err *e)
{
    struct writer w = {.path = path,
        .e = e,
        .channels = m->channels,
        .bits = 32,
        .geometry = &m->geometry,
        .image = m->data};
    memcpy(w.size, m->size, sizeof w.size);
    return tiff_save_save(&w, e);
}

att_status tiff_save_labels(
    const char *path, const struct labelmap *grid, struct labels_out labels, struct err *e)
{
    struct writer w = {.path = path,
        .e = e,
        .channels = 1,
        .bits = 8 * (int)labels.bytes,
        .geometry = &grid->geometry,
        .labels = labels};
    memcpy(w.size, grid->size, sizeof w.size);
    return tiff_save_save(&w, e);
}
#endif
