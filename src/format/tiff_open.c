/* SPDX-License-Identifier: Apache-2.0 */
/* TIFF revision 6.0 (Adobe, 1992), its technical notes, and BigTIFF. libtiff reads directories and
 * codecs; the limits here keep it from trusting sizes beyond the file's own bytes. */
#ifdef ATT_TIFF
#include "format/tiff_open.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/samples.h"
#include "format/tiff_spacing.h"

enum {
    SIDE_LIMIT = 1 << 24,
    SAMPLES_LIMIT = 4096,
    CHANNELS_LIMIT = 65535,
    OVERLAP = 4,
    LIBRARY_BYTES = 1 << 26,
    ROOM = 1 << 16
};
#define LARGEST ((uint64_t)1 << 40) /* bytes of samples */

/* Maximum expansion of a byte by each decoder, rounded up. CCITT group 4 stores a blank page as a
 * line of bits; LERC and WebP, as a header. */
static const struct codec {
    uint16_t code;
    bool lossy, copies; /* copies: libtiff decodes a part into its own memory, up to a third larger,
                           and copies it */
    uint32_t ratio;
    const char *name;
} codecs[] = {
    {COMPRESSION_NONE, false, false, 1, "none"},
    {COMPRESSION_PACKBITS, false, false, 64, "PackBits"},
    {COMPRESSION_LZW, false, false, 4096, "LZW"},
    {COMPRESSION_DEFLATE, false, false, 1032, "Deflate"},
    {COMPRESSION_ADOBE_DEFLATE, false, false, 1032, "Deflate"},
    {COMPRESSION_LZMA, false, false, 1 << 16, "LZMA"},
    {COMPRESSION_ZSTD, false, false, 1 << 16, "Zstandard"},
    {COMPRESSION_CCITTRLE, false, false, 1 << 16, "CCITT RLE"},
    {COMPRESSION_CCITTRLEW, false, false, 1 << 16, "CCITT RLE"},
    {COMPRESSION_CCITTFAX3, false, false, 1 << 16, "CCITT group 3"},
    {COMPRESSION_CCITTFAX4, false, false, 1 << 24, "CCITT group 4"},
    {COMPRESSION_LERC, false, true, 1 << 24, "LERC"},
    {COMPRESSION_WEBP, true, true, 1 << 24, "WebP"},
    {COMPRESSION_JPEG, true, false, 2048, "JPEG"},
    {COMPRESSION_OJPEG, true, false, 2048, "old-style JPEG"},
};

/* Words for short memory in libtiff and its codecs; zlib names only the function that failed. */
static bool is_about_memory(const char *text)
{
    static const char *const words[] = {"memory", "No space for", "malloc", "allocat",
        "Insertion in tif_map", "ZIPSetupDecode", "ZIPSetupEncode", "codec-specific tags"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(text, words[i])) return true;
    return false;
}

static void keep_message(
    struct tiff_messages *messages, bool keep, const char *module, const char *format, va_list list)
{
    char text[sizeof messages->reason];
    vsnprintf(text, sizeof text, format, list);
    if (!*text) snprintf(text, sizeof text, "%s", module ? module : "no reason given");
    if (strstr(text, "old-style JPEG")) keep = false; /* only that it is one */
    /* which libtiff calls a lack of memory */
    if (strstr(text, "(0 elements of")) snprintf(text, sizeof text, "a directory without entries");
    messages->limited = messages->limited || strstr(text, "byte limit");
    messages->no_memory = messages->no_memory || (!messages->limited && is_about_memory(text));
    messages->broken = messages->broken ||
        (messages->no_memory &&
            (strstr(text, "custom values") || strstr(text, "codec-specific tags")));
    if (keep && !*messages->reason) memcpy(messages->reason, text, sizeof text);
}

static int keep_reason(TIFF *lib, void *user, const char *module, const char *text, va_list list)
{
    (void)lib;
    keep_message(user, true, module, text, list);
    return 1;
}

static int tiff_open_judge_warning(
    TIFF *lib, void *user, const char *module, const char *text, va_list list)
{
    (void)lib;
    keep_message(user, ((const struct tiff_messages *)user)->keep_warnings, module, text, list);
    return 1;
}

TIFFOpenOptions *tiff_options(struct tiff_messages *messages, tmsize_t max)
{
    TIFFOpenOptions *o = TIFFOpenOptionsAlloc();
    if (!o) return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(o, keep_reason, messages);
    TIFFOpenOptionsSetWarningHandlerExtR(o, tiff_open_judge_warning, messages);
    TIFFOpenOptionsSetMaxSingleMemAlloc(o, max);
    return o;
}

static tmsize_t tiff_open_read_bytes(thandle_t handle, void *to, tmsize_t size)
{
    struct tiff *t = handle;
    size_t left = t->at < t->bytes ? t->bytes - t->at : 0,
           n = (size_t)size < left ? (size_t)size : left;
    if (n && file_at_read(&t->file, t->path, t->at, to, n, &t->unread) != ATT_OK) return -1;
    t->at += n;
    return (tmsize_t)n;
}

static tmsize_t tiff_open_write_bytes(thandle_t handle, void *from, tmsize_t size)
{
    (void)handle, (void)from, (void)size;
    return -1;
}

static toff_t tiff_open_seek(thandle_t handle, toff_t to, int from)
{
    struct tiff *t = handle;
    t->at = (size_t)to + (from == SEEK_CUR ? t->at : from == SEEK_END ? t->bytes : 0);
    return t->at;
}

static int tiff_open_close_nothing(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t file_size(thandle_t handle) { return ((struct tiff *)handle)->bytes; }

att_status tiff_checked(const struct tiff *t, struct err *e)
{
    TRY(err_pass(e, t->unread.status, &t->unread));
    return t->messages.no_memory ? err_memory(e, t->bytes, t->path) : ATT_OK;
}

bool tiff_has_memory(struct tiff_messages *messages)
{
    void *room = mem_alloc(ROOM);
    mem_free(room);
    messages->no_memory = messages->no_memory || !room;
    return room;
}

att_status tiff_damaged(const struct tiff *t, struct err *e)
{
    TRY(tiff_checked(t, e));
    return err_data(e, "%s: the TIFF file is damaged (%s); get a good copy", t->path,
        *t->messages.reason ? t->messages.reason : "it ends early");
}

static uint16_t short_tag(struct tiff *t, uint32_t tag)
{
    uint16_t v = 0;
    TIFFGetFieldDefaulted(t->lib, tag, &v);
    return v;
}

static void want_rgb(struct tiff *t)
{
    if (short_tag(t, TIFFTAG_COMPRESSION) == COMPRESSION_JPEG &&
        short_tag(t, TIFFTAG_PHOTOMETRIC) == PHOTOMETRIC_YCBCR)
        TIFFSetField(t->lib, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}

/* Select the first page; its JPEG, if any, will come as RGB. */
static bool first_page(struct tiff *t)
{
    if (!tiff_has_memory(&t->messages) || !TIFFSetDirectory(t->lib, 0) || t->messages.no_memory)
        return false;
    want_rgb(t);
    return true;
}

/* Layout of the current directory in the file. */
struct directory {
    bool high_first;
    size_t word, entry; /* bytes of an offset, and of an entry */
    uint64_t at, entries;
};

static bool find_directory(struct tiff *t, struct directory *d)
{
    unsigned char head[4], count[8];
    if (file_at_read(&t->file, t->path, 0, head, sizeof head, &t->unread) != ATT_OK) return false;
    const bool high_first = head[0] == 'M', large = head[high_first ? 3 : 2] == 43;
    const size_t word = large ? 8 : 2; /* of the count of entries */
    *d = (struct directory){
        high_first, large ? 8 : 4, large ? 20 : 12, TIFFCurrentDirOffset(t->lib), 0};
    if (t->bytes < word || d->at > t->bytes - word) return false;
    if (file_at_read(&t->file, t->path, d->at, count, word, &t->unread) != ATT_OK) return false;
    d->entries = bytes_number(count, (int)word, high_first);
    d->at += word;
    return true;
}

/* True if the directory and the offset after it are complete: libtiff takes a truncated one for the
 * last. */
static bool directory_is_whole(struct tiff *t)
{
    struct directory d;
    return find_directory(t, &d) && d.entries <= t->bytes &&
        d.entries * d.entry + d.word <= t->bytes - d.at;
}

/* A short tag of the current directory that libtiff hides, since the codec does not use it; 0:
 * absent. */
static uint16_t stored_short(struct tiff *t, uint16_t tag)
{
    struct directory d;
    if (!find_directory(t, &d) || d.entries > UINT16_MAX) return 0;
    for (; d.entries > 0; d.entries--, d.at += d.entry) {
        unsigned char entry[20];
        if (d.entry > t->bytes - d.at ||
            file_at_read(&t->file, t->path, d.at, entry, d.entry, &t->unread) != ATT_OK)
            return 0;
        if (bytes_number(entry, 2, d.high_first) != tag ||
            bytes_number(entry + 2, 2, d.high_first) != TIFF_SHORT)
            continue;
        return (uint16_t)bytes_number(entry + 4 + d.word, 2, d.high_first);
    }
    return 0;
}

bool tiff_next(struct tiff *t, bool *more)
{
    *more = !TIFFLastDirectory(t->lib);
    if (!*more) return directory_is_whole(t);
    if (!tiff_has_memory(&t->messages) || !TIFFReadDirectory(t->lib) || t->messages.no_memory)
        return false;
    want_rgb(t);
    return true;
}

bool tiff_fills(struct tiff *t)
{
    uint16_t code = short_tag(t, TIFFTAG_COMPRESSION);
    return code == COMPRESSION_JPEG || code == COMPRESSION_OJPEG || code == COMPRESSION_CCITTRLE ||
        code == COMPRESSION_CCITTRLEW || code == COMPRESSION_CCITTFAX3 ||
        code == COMPRESSION_CCITTFAX4;
}

bool tiff_plain(struct tiff *t)
{
    return !TIFFIsTiled(t->lib) && short_tag(t, TIFFTAG_COMPRESSION) == COMPRESSION_NONE &&
        short_tag(t, TIFFTAG_FILLORDER) == FILLORDER_MSB2LSB &&
        short_tag(t, TIFFTAG_PHOTOMETRIC) != PHOTOMETRIC_YCBCR;
}

bool tiff_counts(struct tiff *t)
{
    uint32_t kind = 0;
    uint16_t old = 0;
    TIFFGetFieldDefaulted(t->lib, TIFFTAG_SUBFILETYPE, &kind);
    TIFFGetField(t->lib, TIFFTAG_OSUBFILETYPE, &old);
    return !(kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) && old != OFILETYPE_REDUCEDIMAGE;
}

att_status tiff_read_page_tags(struct tiff *t, struct tiff_page *p, struct err *e)
{
    uint32_t depth = 1;
    uint16_t extras = 0, *types = NULL;
    *p = (struct tiff_page){0};
    TIFFGetField(t->lib, TIFFTAG_IMAGEWIDTH, &p->width);
    TIFFGetField(t->lib, TIFFTAG_IMAGELENGTH, &p->height);
    TIFFGetFieldDefaulted(t->lib, TIFFTAG_IMAGEDEPTH, &depth);
    p->bits = short_tag(t, TIFFTAG_BITSPERSAMPLE);
    p->samples = short_tag(t, TIFFTAG_SAMPLESPERPIXEL);
    p->format = short_tag(t, TIFFTAG_SAMPLEFORMAT);
    p->planar = p->samples > 1 ? short_tag(t, TIFFTAG_PLANARCONFIG) : PLANARCONFIG_CONTIG;
    if (p->format == SAMPLEFORMAT_VOID) p->format = SAMPLEFORMAT_UINT;
    if (!TIFFGetField(t->lib, TIFFTAG_PHOTOMETRIC, &p->photometric))
        p->photometric = PHOTOMETRIC_MINISBLACK;
    if (p->photometric == PHOTOMETRIC_YCBCR &&
        short_tag(t, TIFFTAG_COMPRESSION) == COMPRESSION_JPEG)
        p->photometric = PHOTOMETRIC_RGB;
    TIFFGetFieldDefaulted(t->lib, TIFFTAG_EXTRASAMPLES, &extras, &types);
    /* libtiff had no memory for it, without a message */
    if (extras > 0 && !types) return err_memory(e, extras, t->path);
    while (p->alpha < extras && p->alpha + 1 < p->samples &&
        types[extras - 1 - p->alpha] != EXTRASAMPLE_UNSPECIFIED)
        p->alpha++;
    if (p->width < 1 || p->height < 1 || p->width > SIDE_LIMIT || p->height > SIDE_LIMIT)
        return err_data(e,
            "%s: a page has a size of %ux%u, but sides are limited to 1..%d; resize it", t->path,
            p->height, p->width, SIDE_LIMIT);
    if (depth > 1)
        return err_data(e,
            "%s: a page has a depth of %u (tag ImageDepth); save each slice as a page", t->path,
            depth);
    if (p->samples < 1 || p->samples > SAMPLES_LIMIT)
        return err_data(e, "%s: its pixels have %d samples, but 1 to %d are supported; convert it",
            t->path, p->samples, SAMPLES_LIMIT);
    return ATT_OK;
}

/* Sample type in one letter; 0: unsupported. */
static char kind_of(const struct tiff_page *p)
{
    if (p->format == SAMPLEFORMAT_UINT && p->bits >= 1 && p->bits < 16) return 'u';
    char kind = p->format == SAMPLEFORMAT_UINT ? 'u'
        : p->format == SAMPLEFORMAT_INT        ? 'i'
        : p->format == SAMPLEFORMAT_IEEEFP     ? 'f'
                                               : 0;
    return kind && p->bits % 8 == 0 && sample_type_find(kind, p->bits / 8u) ? kind : 0;
}

static att_status check_meaning(const struct tiff *t, const struct tiff_page *p, struct err *e)
{
    int min = 1;
    switch (p->photometric) {
    /* as in tifffile's masks, a stored 1 means 1 */
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
        break;
    case PHOTOMETRIC_RGB:
        min = 3;
        break;
    case PHOTOMETRIC_YCBCR:
        if (p->samples != 3 || p->bits != 8 || p->format != SAMPLEFORMAT_UINT)
            return err_data(e,
                "%s: its colours are YCbCr, but not three samples of 8 bits; save it as RGB",
                t->path);
        break;
    case PHOTOMETRIC_PALETTE:
        if (p->samples != 1 || p->bits > 16 || p->format != SAMPLEFORMAT_UINT)
            return err_data(
                e, "%s: it has a palette, but not one index per pixel; save it as RGB", t->path);
        break;
    default:
        return err_data(e,
            "%s: colours of kind %d, such as CMYK or Lab, are not supported; convert it "
            "to RGB or grey",
            t->path, p->photometric);
    }
    if (p->samples - p->alpha < min)
        return err_data(e, "%s: its pixels are RGB, but have %d sample%s; save it again", t->path,
            p->samples - p->alpha, TEXT_S(p->samples - p->alpha));
    if (!kind_of(p))
        return err_data(e,
            "%s: samples of %d bits in format %d are not supported; use integers of 1 to 16, 32 "
            "or 64 bits or floats of 16, 32 or 64",
            t->path, p->bits, p->format);
    return ATT_OK;
}

/* libtiff ignores this tag except for LZW, Deflate and the like, but tifffile writes it with
 * PackBits, too, and sums up. So the values depend on who wrote them. */
static att_status check_predictor(struct tiff *t, const struct codec *codec, struct err *e)
{
    const uint16_t predictor =
        codec->code == COMPRESSION_PACKBITS ? stored_short(t, TIFFTAG_PREDICTOR) : 0;
    if (predictor <= PREDICTOR_NONE) return tiff_checked(t, e);
    return err_data(e,
        "%s: it is compressed with PackBits and has a predictor (%d), which programs treat "
        "differently; save it without one, or with Deflate",
        t->path, predictor);
}

static att_status find_codec(struct tiff *t, const struct codec **codec, struct err *e)
{
    uint16_t code = short_tag(t, TIFFTAG_COMPRESSION);
    *codec = NULL;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (codecs[i].code == code) *codec = &codecs[i];
    if (!*codec)
        return err_data(e,
            "%s: compression %d is not supported; save it uncompressed, with LZW or with Deflate",
            t->path, code);
    if (!TIFFIsCODECConfigured(code))
        return err_data(e,
            "%s: it is compressed with %s, but this system's libtiff was built without that; "
            "save it with Deflate",
            t->path, (*codec)->name);
    return ATT_OK;
}

struct totals {
    uint64_t parts, packed; /* strips and tiles, and their bytes in the file */
    double unpacked, max;   /* stated bytes after decoding, and possible ones */
};

static att_status tiff_open_add_parts(struct tiff *t, const struct tiff_page *p,
    const struct codec *codec, struct totals *all, struct err *e)
{
    const bool tiled = TIFFIsTiled(t->lib), plain = tiff_plain(t),
               ycc = p->photometric == PHOTOMETRIC_YCBCR;
    uint64_t parts = tiled ? TIFFNumberOfTiles(t->lib) : TIFFNumberOfStrips(t->lib), packed = 0;
    uint64_t part = tiled ? TIFFTileSize64(t->lib) : TIFFStripSize64(t->lib);
    if (parts < 1 || part < 1) return tiff_damaged(t, e);
    all->parts += parts;
    if (all->parts > t->bytes)
        return err_data(
            e, "%s: its pages have more parts than the file has bytes; get a good copy", t->path);
    for (uint64_t i = 0; i < parts; i++) {
        uint64_t at = TIFFGetStrileOffset(t->lib, (uint32_t)i),
                 size = TIFFGetStrileByteCount(t->lib, (uint32_t)i);
        if (at == 0 && size == 0)
            return err_data(e,
                "%s: part %llu of its samples is missing (a sparse TIFF); write it with GDAL "
                "without SPARSE_OK",
                t->path, (unsigned long long)i);
        if (size < 1 || at < 1 || at > t->bytes || size > t->bytes - at)
            return err_data(e,
                "%s: the file of %zu bytes ends before part %llu of its samples; get a complete "
                "copy",
                t->path, t->bytes, (unsigned long long)i);
        packed += size;
        const uint64_t extra = (codec->copies ? part + part / 3 + ROOM : 0) +
            (ycc ? 4 * part + t->row_bytes : 0), /* as RGB */
            working = !plain ? part + size + extra : TIFF_ROWS + t->row_bytes;
        if (working > t->working) t->working = working;
    }
    all->packed += packed;
    double unpacked = tiled ? (double)parts * (double)part : (double)t->row_bytes * p->height;
    all->unpacked += unpacked > (double)part ? unpacked : (double)part;
    all->max += (double)packed * codec->ratio * (ycc ? 4 : 1);
    if (all->unpacked > all->max || all->unpacked > (double)LARGEST)
        return err_data(e,
            "%s: pages of %ux%u pixels with %d sample%s need more than the file's %zu bytes; "
            "get a complete copy",
            t->path, p->height, p->width, p->samples, TEXT_S(p->samples), t->bytes);
    if (all->packed / OVERLAP > t->bytes)
        return err_data(e, "%s: the strips of its pages overlap; get a good copy", t->path);
    return ATT_OK;
}

static att_status check_like_first(const struct tiff *t, const struct tiff_page *p, struct err *e)
{
    const struct tiff_page *a = &t->page;
    if (p->width != a->width || p->height != a->height)
        return err_data(e,
            "%s: page %llu is %ux%u but page 1 is %ux%u; a file is one volume, so split it",
            t->path, (unsigned long long)t->pages + 1, p->height, p->width, a->height, a->width);
    if (memcmp(p, a, sizeof *p) == 0) return ATT_OK;
    return err_data(e,
        "%s: page %llu has %d sample%s of %d bit%s per pixel, or other colours, but page 1 has "
        "%d of %d bit%s; a file is one volume, so split it",
        t->path, (unsigned long long)t->pages + 1, p->samples, TEXT_S(p->samples), p->bits,
        TEXT_S(p->bits), a->samples, a->bits, TEXT_S(a->bits));
}

static att_status tiff_open_take_page(struct tiff *t, struct totals *all, struct err *e)
{
    struct tiff_page p;
    const struct codec *codec;
    TRY(tiff_read_page_tags(t, &p, e));
    if (t->pages == 0) {
        const int orientation = short_tag(t, TIFFTAG_ORIENTATION);
        t->page = p;
        t->asks_turning = orientation > ORIENTATION_TOPLEFT && orientation <= ORIENTATION_LEFTBOT;
    }
    TRY(check_like_first(t, &p, e));
    TRY(check_meaning(t, &p, e));
    TRY(find_codec(t, &codec, e));
    TRY(check_predictor(t, codec, e));
    t->kind = kind_of(&p);
    t->row_bytes = p.planar == PLANARCONFIG_SEPARATE
        ? ((uint64_t)p.width * p.bits + 7) / 8 * p.samples
        : ((uint64_t)p.width * p.bits * p.samples + 7) / 8;
    t->lossy = t->lossy || codec->lossy || p.photometric == PHOTOMETRIC_YCBCR;
    t->pages++;
    return tiff_open_add_parts(t, &p, codec, all, e);
}

static att_status take_pages(struct tiff *t, struct err *e)
{
    struct totals all = {0};
    bool more = true;
    if (!first_page(t)) return tiff_damaged(t, e);
    while (more) {
        if (tiff_counts(t)) TRY(tiff_open_take_page(t, &all, e));
        if (!tiff_next(t, &more)) return tiff_damaged(t, e);
    }
    if (t->pages == 0)
        return err_data(e, "%s: it has only a thumbnail; get the image itself", t->path);
    return first_page(t) ? ATT_OK : tiff_damaged(t, e);
}

/* ---- all pages together */

static const char *describer(const struct tiff_axes *x)
{
    return x->kind == TIFF_OME   ? "its OME-XML"
        : x->kind == TIFF_IMAGEJ ? "ImageJ's description"
                                 : "tifffile's description";
}

/* ImageJ writes one directory for stacks of more than 4 GiB, and sometimes for others, tifffile on
 * request: the samples of all pages follow those of the first. */
static att_status find_raw(struct tiff *t, struct err *e)
{
    const char *who = describer(&t->axes);
    uint64_t images = t->axes.images, page = t->row_bytes * t->page.height,
             offset = TIFFGetStrileOffset(t->lib, 0);
    if (!tiff_plain(t) || t->page.planar == PLANARCONFIG_SEPARATE || t->page.bits % 8 != 0)
        return err_data(e,
            "%s: %s states %llu images, but the file has one page; get a complete copy", t->path,
            who, (unsigned long long)images);
    uint32_t strips = TIFFNumberOfStrips(t->lib), rows = t->page.height;
    TIFFGetFieldDefaulted(t->lib, TIFFTAG_ROWSPERSTRIP, &rows);
    for (uint32_t i = 1; i < strips; i++)
        if (TIFFGetStrileOffset(t->lib, i) != offset + i * (uint64_t)rows * t->row_bytes)
            return err_data(e,
                "%s: %s states %llu images, but the parts of its one page are not contiguous; save "
                "it again",
                t->path, who, (unsigned long long)images);
    if (page > (t->bytes - offset) / images)
        return err_data(e,
            "%s: %s states %llu images of %llu bytes, but the file has %zu; get a complete copy",
            t->path, who, (unsigned long long)images, (unsigned long long)page, t->bytes);
    t->raw = offset;
    t->pages = images;
    return ATT_OK;
}

/* tifffile wrote one directory and no axes: pages are slices. */
static att_status take_truncated(struct tiff *t, struct err *e)
{
    const uint64_t page = (uint64_t)t->page.width * t->page.height * t->page.samples,
                   images = t->axes.samples / page;
    if (images == 0 || t->axes.samples % page != 0 || images > UINT32_MAX)
        return err_data(e,
            "%s: %s states that its one page stands for several, but not for how many; save it "
            "again",
            t->path, describer(&t->axes));
    t->axes = (struct tiff_axes){.kind = TIFF_SHAPED,
        .images = images,
        .channels = 1,
        .slices = images,
        .frames = 1,
        .truncated = true};
    return ATT_OK;
}

/* Pages are what the description's axes need. */
static bool fits_order(const struct tiff *t)
{
    const uint64_t *last = t->axes.count + strlen(t->axes.order) - 1;
    return t->page.samples == 1 && t->page.photometric != PHOTOMETRIC_PALETTE &&
        t->page.width == last[0] && t->page.height == last[-1];
}

static void take_sizes(struct tiff *t, uint64_t channels)
{
    const struct tiff_axes *x = &t->axes;
    t->channels = (int)channels;
    t->size[IMAGE_D] = (int)x->slices;
    t->size[IMAGE_H] = (int)t->page.height;
    t->size[IMAGE_W] = (int)t->page.width;
    if (!*x->order) return;
    t->size[IMAGE_H] = (int)x->count[strchr(x->order, 'Y') - x->order];
    t->size[IMAGE_W] = (int)x->count[strchr(x->order, 'X') - x->order];
}

static att_status tiff_open_join(struct tiff *t, struct err *e)
{
    struct tiff_axes *x = &t->axes;
    uint64_t kept = (uint64_t)(t->page.samples - t->page.alpha);
    if (x->kind == TIFF_PLAIN && x->truncated && t->pages == 1) TRY(take_truncated(t, e));
    const char *who = describer(x);
    /* another page's */
    if (x->kind == TIFF_SHAPED &&
        ((x->images != t->pages && !(x->truncated && t->pages == 1)) ||
            (*x->order && !fits_order(t))))
        x->kind = TIFF_PLAIN;
    if (x->kind == TIFF_PLAIN)
        *x = (struct tiff_axes){.channels = 1, .slices = t->pages, .frames = 1};
    if (x->kind == TIFF_OME && x->channels % t->page.samples == 0) x->channels /= t->page.samples;
    if ((x->kind == TIFF_IMAGEJ || x->kind == TIFF_SHAPED) && x->images > 1 && t->pages == 1)
        TRY(find_raw(t, e));
    if (x->frames > 1)
        return err_data(e, "%s: %s states %llu time points; save each as a separate file", t->path,
            who, (unsigned long long)x->frames);
    if (!*x->order && (double)x->channels * (double)x->slices != (double)t->pages)
        return err_data(e,
            "%s: %s states %llu channel%s and %llu slice%s, but the file has %llu page%s; save it "
            "again as one file",
            t->path, who, (unsigned long long)x->channels, TEXT_S(x->channels),
            (unsigned long long)x->slices, TEXT_S(x->slices), (unsigned long long)t->pages,
            TEXT_S(t->pages));
    t->palette = t->page.photometric == PHOTOMETRIC_PALETTE && x->kind != TIFF_IMAGEJ;
    uint64_t channels = x->channels * (t->palette ? 3 : kept);
    if (channels > CHANNELS_LIMIT || x->slices > INT_MAX)
        return err_data(e, "%s: %llu channel%s and %llu slice%s are too many; split it", t->path,
            (unsigned long long)channels, TEXT_S(channels), (unsigned long long)x->slices,
            TEXT_S(x->slices));
    take_sizes(t, channels);
    return ATT_OK;
}

/* max: largest block libtiff may allocate. */
static att_status begin_reading(struct tiff *t, uint64_t max, struct err *e)
{
    if (!tiff_has_memory(&t->messages)) return tiff_damaged(t, e);
    TIFFOpenOptions *o = tiff_options(&t->messages, (tmsize_t)max);
    if (!o) return err_memory(e, sizeof *t, t->path);
    t->at = 0;
    t->lib = TIFFClientOpenExt(t->path, "rmc", t, tiff_open_read_bytes, tiff_open_write_bytes,
        tiff_open_seek, tiff_open_close_nothing, file_size, NULL, NULL, o);
    TIFFOpenOptionsFree(o);
    return t->lib && !t->messages.no_memory ? ATT_OK : tiff_damaged(t, e);
}

/* Limit blocks for directories regardless of stated part sizes. */
static att_status begin_again(struct tiff *t, uint64_t max, struct err *e)
{
    TIFFClose(t->lib);
    t->lib = NULL;
    TRY(begin_reading(t, max, e));
    return first_page(t) ? ATT_OK : tiff_damaged(t, e);
}

static att_status tiff_open_begin(struct tiff *t, struct err *e)
{
    const char *text = NULL;
    const uint64_t max = t->bytes + LIBRARY_BYTES;
    TRY(begin_reading(t, max, e));
    TRY(take_pages(t, e));
    if (t->working > max) TRY(begin_again(t, t->working, e));
    if (TIFFGetField(t->lib, TIFFTAG_IMAGEDESCRIPTION, &text) && !text)
        return err_memory(e, t->bytes, t->path);
    TRY(tiff_checked(t, e));
    TRY(tiff_axes_read(t->path, text, &t->axes, e));
    TRY(tiff_open_join(t, e));
    return tiff_find_spacing(t, e);
}

att_status tiff_open(const char *path, struct tiff *t, struct err *e)
{
    *t = (struct tiff){.path = path};
    TRY(source_whole(path, &t->file, e));
    t->bytes = (size_t)t->file.size;
    return tiff_open_begin(t, e);
}

void tiff_close(struct tiff *t)
{
    if (t->lib && !t->messages.broken) TIFFClose(t->lib); /* a leak is better than a crash */
    file_at_close(&t->file);
    *t = (struct tiff){0};
}
#endif
