/* SPDX-License-Identifier: Apache-2.0 */
/* Turns strips and tiles into numbers; tiff_open.c has checked the pages. */
#ifdef ATT_TIFF
#include <string.h>

#include "base/mem.h"
#include "format/raster.h"
#include "format/samples.h"
#include "format/tiff_open.h"

enum { FULL = 255 };

struct reader {
    struct tiff *t;
    bool labels;
    samples_fn *take;
    void *user;
    struct sample_kind kind; /* of samples of whole bytes */
    size_t bytes;            /* of one; 0: packed bits */
    bool stretch;            /* fewer than 8 bits, as an image */
    bool usual;              /* numbers of 1 or 2 bytes as they are, which need no double */
    double largest;          /* of unsigned samples */
    uint16_t *red, *green, *blue;
    double colour_scale;
    size_t channel, slice; /* of the current page: its first channel */
    unsigned char raw[TIFF_RUN * sizeof(double)];
    double run[TIFF_RUN], colour[TIFF_RUN];
    float out[TIFF_RUN];
};

/* Pass numbers on as floats. */
static att_status tiff_samples_pass(
    struct reader *r, size_t channel, size_t start, const double *v, size_t count, struct err *e)
{
    uint16_t label;
    for (size_t i = 0; i < count; i++) {
        r->out[i] = (float)v[i];
        if (r->labels && !samples_label(v[i], &label))
            return samples_bad_label(r->t->path, r->t->size, start + i, v[i], e);
        if (r->labels) r->out[i] = label;
    }
    return r->take(r->user, (int)channel, start, r->out, count, e);
}

/* Sample `index` of `bits` bits, highest bit first. */
static unsigned bits_at(const unsigned char *row, size_t index, unsigned bits)
{
    size_t at = index * bits;
    unsigned v = 0;
    for (unsigned i = 0; i < bits; i++, at++) v = v << 1 | (row[at / 8] >> (7 - at % 8) & 1);
    return v;
}

/* Read samples first, first + step, ... of a row. */
static void tiff_samples_gather(
    struct reader *r, const unsigned char *row, size_t first, size_t step, size_t count)
{
    if (r->bytes == 0) {
        for (size_t i = 0; i < count; i++)
            r->run[i] = bits_at(row, first + i * step, r->t->page.bits);
        return;
    }
    if (step == 1)
        memcpy(r->raw, row + first * r->bytes, count * r->bytes);
    else
        for (size_t i = 0; i < count; i++)
            memcpy(r->raw + i * r->bytes, row + (first + i * step) * r->bytes, r->bytes);
    samples_widen(&r->kind, r->raw, count, r->run);
}

static att_status give_palette(struct reader *r, size_t start, size_t count, struct err *e)
{
    const uint16_t *const tables[] = {r->red, r->green, r->blue};
    for (size_t c = 0; c < 3; c++) {
        for (size_t i = 0; i < count; i++)
            r->colour[i] =
                (double)(uint16_t)((double)tables[c][(size_t)r->run[i]] * r->colour_scale + 0.5);
        TRY(tiff_samples_pass(r, 3 * r->channel + c, start, r->colour, count, e));
    }
    return ATT_OK;
}

/* Pass samples of a file whose axes have their own order, from its sample `start` on. */
static att_status give_in_order(struct reader *r, size_t start, size_t count, struct err *e)
{
    const struct tiff *t = r->t;
    const struct tiff_axes *x = &t->axes;
    const uint64_t height = (uint64_t)t->size[IMAGE_H], width = (uint64_t)t->size[IMAGE_W];
    for (size_t i = 0; i < count; i++) {
        enum { Z, Y, X, C };
        static const char names[] = "ZYXCT";
        uint64_t at = start + i, place[TIFF_AXES] = {0};
        for (size_t k = strlen(x->order); k-- > 0; at /= x->count[k])
            place[strchr(names, x->order[k]) - names] = at % x->count[k];
        const size_t voxel = (size_t)((place[Z] * height + place[Y]) * width + place[X]);
        TRY(tiff_samples_pass(r, (size_t)place[C], voxel, &r->run[i], 1, e));
    }
    return ATT_OK;
}

static att_status tiff_samples_give(
    struct reader *r, size_t sample, size_t start, size_t count, struct err *e)
{
    if (r->red) return give_palette(r, start, count, e);
    for (size_t i = 0; i < count && r->stretch; i++) r->run[i] *= FULL / r->largest;
    if (*r->t->axes.order) return give_in_order(r, start, count, e);
    return tiff_samples_pass(r, r->channel + sample, start, r->run, count, e);
}

/* Pass samples of `width` pixels of row y from column x: all kept ones interleaved, or those of
 * plane `plane`. */
static att_status tiff_samples_take_row(struct reader *r, const unsigned char *row, int plane,
    uint32_t x, uint32_t y, uint32_t width, struct err *e)
{
    const struct tiff_page *p = &r->t->page;
    size_t kept = (size_t)(p->samples - p->alpha), step = plane < 0 ? p->samples : 1;
    size_t start = (r->slice * p->height + y) * p->width + x;
    size_t from = r->t->alpha ? kept : 0, end = r->t->alpha ? p->samples : kept;
    if (plane >= 0) from = (size_t)plane, end = from + 1;
    const struct raster_run run = {.from = row + (plane < 0 ? from : 0) * r->bytes,
        .bytes = r->bytes,
        .step = step,
        .count = width,
        .channel = (int)(r->channel + from),
        .channels = (int)(end - from),
        .start = start};
    if (r->usual) return raster_give(&run, r->take, r->user, e);
    for (size_t k = from; k < end; k++)
        for (size_t i = 0; i < width; i += TIFF_RUN) {
            size_t count = width - i < TIFF_RUN ? width - i : TIFF_RUN,
                   first = (plane < 0 ? k : 0) + i * step;
            tiff_samples_gather(r, row, first, step, count);
            TRY(tiff_samples_give(r, k, start + i, count, e));
        }
    return ATT_OK;
}

/* Whether a part was decoded completely. JPEG and CCITT codecs claim so for half a part, too, after
 * a warning. */
static bool is_whole(const struct tiff *t, tmsize_t got, tmsize_t wanted)
{
    return got == wanted && !(t->messages.keep_warnings && *t->messages.reason);
}

/* Read rows y..y + count - 1 of a plain page, `behind` bytes after the start of their strip. */
static att_status tiff_samples_read_rows(struct reader *r, uint32_t strip, int plane, uint32_t y,
    uint32_t count, uint64_t behind, size_t row_bytes, unsigned char *rows, struct err *e)
{
    struct tiff *t = r->t;
    const size_t size = count * row_bytes;
    const uint64_t from = TIFFGetStrileOffset(t->lib, strip);
    if (behind + size > TIFFGetStrileByteCount(t->lib, strip)) return tiff_damaged(t, e);
    TRY(file_at_read(&t->file, t->path, from + behind, rows, size, e));
    for (uint32_t i = 0; i < count; i++)
        TRY(tiff_samples_take_row(r, rows + i * row_bytes, plane, 0, y + i, t->page.width, e));
    return ATT_OK;
}

static uint32_t rows_of_strip(const struct tiff *t)
{
    uint32_t rows = t->page.height;
    TIFFGetFieldDefaulted(t->lib, TIFFTAG_ROWSPERSTRIP, &rows);
    return rows < 1 || rows > t->page.height ? t->page.height : rows;
}

/* Planes of a page from *from on; 1 if samples are interleaved. */
static int tiff_planes_end(const struct tiff *t, int *from)
{
    const struct tiff_page *p = &t->page;
    const bool planes = p->planar == PLANARCONFIG_SEPARATE;
    *from = planes && t->alpha ? p->samples - p->alpha : 0;
    return !planes ? 1 : t->alpha ? p->samples : p->samples - p->alpha;
}

static att_status read_plain(struct reader *r, unsigned char *part, struct err *e)
{
    const struct tiff *t = r->t;
    const struct tiff_page *p = &t->page;
    const bool planes = p->planar == PLANARCONFIG_SEPARATE;
    const size_t row_bytes = (size_t)TIFFScanlineSize64(t->lib);
    const uint32_t rows = rows_of_strip(t),
                   max = row_bytes < TIFF_ROWS ? (uint32_t)(TIFF_ROWS / row_bytes) : 1;
    for (int plane, end = tiff_planes_end(t, &plane); plane < end; plane++)
        for (uint32_t y = 0, count; y < p->height; y += count) {
            const uint32_t behind = y % rows,
                           left = p->height - y < rows - behind ? p->height - y : rows - behind;
            count = left < max ? left : max;
            TRY(tiff_samples_read_rows(r, TIFFComputeStrip(t->lib, y, (uint16_t)plane),
                planes ? plane : -1, y, count, (uint64_t)behind * row_bytes, row_bytes, part, e));
        }
    return ATT_OK;
}

static att_status read_strips(struct reader *r, unsigned char *part, struct err *e)
{
    struct tiff *t = r->t;
    const struct tiff_page *p = &t->page;
    bool planes = p->planar == PLANARCONFIG_SEPARATE;
    const uint32_t rows = rows_of_strip(t);
    size_t row_bytes = (size_t)TIFFScanlineSize64(t->lib);
    for (int plane, end = tiff_planes_end(t, &plane); plane < end; plane++)
        for (uint32_t y = 0; y < p->height; y += rows) {
            uint32_t count = p->height - y < rows ? p->height - y : rows;
            tmsize_t wanted = (tmsize_t)(count * row_bytes);
            tmsize_t got = TIFFReadEncodedStrip(
                t->lib, TIFFComputeStrip(t->lib, y, (uint16_t)plane), part, wanted);
            if (!is_whole(t, got, wanted)) return tiff_damaged(t, e);
            for (uint32_t i = 0; i < count; i++)
                TRY(tiff_samples_take_row(
                    r, part + i * row_bytes, planes ? plane : -1, 0, y + i, p->width, e));
        }
    return ATT_OK;
}

static att_status tiff_samples_read_tiles(struct reader *r, unsigned char *part, struct err *e)
{
    struct tiff *t = r->t;
    const struct tiff_page *p = &t->page;
    bool planes = p->planar == PLANARCONFIG_SEPARATE;
    uint32_t width = 0, height = 0;
    TIFFGetField(t->lib, TIFFTAG_TILEWIDTH, &width);
    TIFFGetField(t->lib, TIFFTAG_TILELENGTH, &height);
    tmsize_t bytes = TIFFTileSize(t->lib);
    size_t row_bytes = (size_t)TIFFTileRowSize64(t->lib);
    if (width < 1 || height < 1) return tiff_damaged(t, e);
    for (int plane, end = tiff_planes_end(t, &plane); plane < end; plane++)
        for (uint32_t y = 0; y < p->height; y += height)
            for (uint32_t x = 0; x < p->width; x += width) {
                uint32_t rows = p->height - y < height ? p->height - y : height,
                         columns = p->width - x < width ? p->width - x : width;
                tmsize_t got = TIFFReadEncodedTile(
                    t->lib, TIFFComputeTile(t->lib, x, y, 0, (uint16_t)plane), part, bytes);
                if (!is_whole(t, got, bytes)) return tiff_damaged(t, e);
                for (uint32_t i = 0; i < rows; i++)
                    TRY(tiff_samples_take_row(
                        r, part + i * row_bytes, planes ? plane : -1, x, y + i, columns, e));
            }
    return ATT_OK;
}

/* Strips or tiles of YCbCr that are no JPEG: libtiff gives them as RGB, upside down, and turned as
 * the page asks. */
static att_status read_ycc(struct reader *r, struct err *e)
{
    struct tiff *t = r->t;
    const struct tiff_page *p = &t->page;
    const bool tiled = TIFFIsTiled(t->lib);
    uint32_t width = p->width, height = rows_of_strip(t), *raster;
    if (tiled) TIFFGetField(t->lib, TIFFTAG_TILEWIDTH, &width);
    if (tiled) TIFFGetField(t->lib, TIFFTAG_TILELENGTH, &height);
    const size_t pixels = (size_t)width * height;
    TRY(MEM_BYTES(raster, pixels * sizeof *raster + 3 * (size_t)width, t->path, e));
    unsigned char *row = (unsigned char *)(raster + pixels);
    att_status status = ATT_OK;
    TIFFSetField(t->lib, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    for (uint32_t y = 0; y < p->height && status == ATT_OK; y += height)
        for (uint32_t x = 0; x < p->width && status == ATT_OK; x += width) {
            const uint32_t rows = p->height - y < height ? p->height - y : height,
                           columns = p->width - x < width ? p->width - x : width;
            const bool good = tiled ? TIFFReadRGBATileExt(t->lib, x, y, raster, 1)
                                    : TIFFReadRGBAStripExt(t->lib, y, raster, 1);
            if (!good || (t->messages.keep_warnings && *t->messages.reason))
                status = tiff_damaged(t, e);
            for (uint32_t i = 0; i < rows && status == ATT_OK; i++) {
                const uint32_t *from = raster + (size_t)((tiled ? height : rows) - 1 - i) * width;
                for (size_t k = 0; k < columns; k++) {
                    row[3 * k] = (unsigned char)TIFFGetR(from[k]);
                    row[3 * k + 1] = (unsigned char)TIFFGetG(from[k]);
                    row[3 * k + 2] = (unsigned char)TIFFGetB(from[k]);
                }
                status = tiff_samples_take_row(r, row, -1, x, y + i, columns, e);
            }
        }
    mem_free(raster);
    return status;
}

/* Colours have 16 bits; else 8 in the low byte, an old mistake. */
static bool is_wide(uint16_t *const table[3], int bits)
{
    bool wide = false;
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        for (int c = 0; c < 3; c++) wide |= table[c][i] > FULL;
    return wide;
}

/* Of labels: the colours of numbers, for a data set whose files differ. */
static void note_look(const struct reader *r)
{
    const struct tiff_page *p = &r->t->page;
    uint16_t *table[3] = {NULL, NULL, NULL};
    unsigned char rgb[256][3] = {{0}};
    if (!r->t->palette || p->bits > 8 ||
        !TIFFGetField(r->t->lib, TIFFTAG_COLORMAP, &table[0], &table[1], &table[2]) || !table[0] ||
        !table[1] || !table[2])
        return;
    const bool wide = is_wide(table, p->bits);
    for (int i = 0; i < 1 << p->bits; i++)
        for (int c = 0; c < 3; c++)
            rgb[i][c] = (unsigned char)(wide ? table[c][i] >> 8 : table[c][i]);
    raster_note(r->take, r->user, rgb);
}

/* Read a page whose directory libtiff has read. */
static att_status read_page(struct reader *r, struct err *e)
{
    struct tiff *t = r->t;
    struct tiff_page now;
    TRY(tiff_read_page_tags(t, &now, e));
    if (memcmp(&now, &t->page, sizeof now) != 0) return raster_changed(t->path, e);
    const bool tiled = TIFFIsTiled(t->lib), plain = tiff_plain(t);
    const uint64_t row = TIFFScanlineSize64(t->lib);
    uint64_t bytes = tiled ? TIFFTileSize64(t->lib)
        : plain            ? (row > TIFF_ROWS ? row : TIFF_ROWS)
                           : TIFFStripSize64(t->lib);
    r->kind.swapped = plain && TIFFIsByteSwapped(t->lib);
    r->usual = r->kind.kind == 'u' && (r->bytes == 1 || r->bytes == 2) && !r->kind.swapped &&
        !*t->axes.order && (r->labels || !t->palette);
    if (t->palette && !r->labels &&
        !TIFFGetField(t->lib, TIFFTAG_COLORMAP, &r->red, &r->green, &r->blue))
        return err_data(e, "%s: its palette is missing; save it as RGB", t->path);
    if (t->palette && !r->labels && !(r->red && r->green && r->blue))
        return err_memory(e, 3 * sizeof *r->red << t->page.bits, t->path);
    uint16_t *const table[3] = {r->red, r->green, r->blue};
    r->colour_scale = r->red && is_wide(table, t->page.bits) ? FULL / 65535.0 : 1;
    if (r->labels) note_look(r);
    unsigned char *part;
    TRY(MEM_BYTES(part, (size_t)bytes, t->path, e));
    *t->messages.reason = 0;
    t->messages.keep_warnings = tiff_fills(t);
    att_status status = t->page.photometric == PHOTOMETRIC_YCBCR ? read_ycc(r, e)
        : tiled ? tiff_samples_read_tiles(r, part, e)
        : plain ? read_plain(r, part, e)
                : read_strips(r, part, e);
    t->messages.keep_warnings = false;
    mem_free(part);
    return status;
}

/* Pages without their own directories. */
static att_status read_raw_page(struct reader *r, uint64_t page, struct err *e)
{
    const struct tiff *t = r->t;
    const uint64_t from = t->raw + page * t->row_bytes * t->page.height;
    unsigned char *row;
    att_status status = MEM_BYTES(row, (size_t)t->row_bytes, t->path, e);
    for (uint32_t y = 0; y < t->page.height && status == ATT_OK; y++) {
        status =
            file_at_read(&t->file, t->path, from + y * t->row_bytes, row, (size_t)t->row_bytes, e);
        if (status == ATT_OK) status = tiff_samples_take_row(r, row, -1, 0, y, t->page.width, e);
    }
    mem_free(row);
    return status;
}

static void select_plane(struct reader *r, uint64_t page)
{
    const struct tiff_axes *x = &r->t->axes;
    r->slice = (size_t)page;
    r->channel = 0;
    if (*x->order) return;
    size_t channel = (size_t)(x->slices_first ? page / x->slices : page % x->channels);
    r->slice = (size_t)(x->slices_first ? page % x->slices : page / x->channels);
    r->channel = channel * (size_t)(r->t->page.samples - r->t->page.alpha);
}

static att_status read_pages(struct reader *r, struct err *e)
{
    struct tiff *t = r->t;
    bool more = true;
    for (uint64_t page = 0; page < t->pages && t->raw; page++) {
        select_plane(r, page);
        TRY(read_raw_page(r, page, e));
    }
    uint64_t page = 0;
    while (more && !t->raw) {
        if (tiff_counts(t)) {
            /* changed since the check of its pages */
            if (page == t->pages) return raster_changed(t->path, e);
            select_plane(r, page++);
            TRY(read_page(r, e));
        }
        if (!tiff_next(t, &more)) return tiff_damaged(t, e);
    }
    return t->raw || page == t->pages ? ATT_OK : raster_changed(t->path, e);
}

att_status tiff_read(struct tiff *t, bool labels, samples_fn *take, void *user, struct err *e)
{
    const struct tiff_page *p = &t->page;
    struct reader *r;
    TRY(MEM_NEW(r, t->path, e));
    r->t = t;
    r->labels = labels;
    r->take = take;
    r->user = user;
    r->bytes = p->bits % 8 == 0 ? p->bits / 8u : 0;
    r->kind = (struct sample_kind){.kind = t->kind,
        .bytes = r->bytes,
        .swapped = t->raw && TIFFIsByteSwapped(t->lib),
        .slope = 1};
    r->largest = p->bits <= 16 ? (double)((1u << p->bits) - 1) : 0;
    r->stretch = !labels && p->bits < 8 && p->photometric != PHOTOMETRIC_PALETTE;
    att_status status = read_pages(r, e);
    if (status == ATT_OK) status = tiff_checked(t, e);
    mem_free(r);
    return status;
}
#endif
