/* SPDX-License-Identifier: Apache-2.0 */
/* BMP files of Windows and OS/2 1, as images of depth 1. A palette becomes RGB, or grey if all its
 * colours are; labels are its indices. The libraries of Debian that read BMP give no indices, or
 * come with a window system, so this reader is attunet's own. */
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "format/raster.h"
#include "format/source.h"

enum { FILE_HEAD = 14, CORE = 12, INFO = 40, LARGEST = 124, MASKS_AT = 40 };
enum { PLAIN = 0, BITFIELDS = 3, ALPHA_BITFIELDS = 6 };

struct bmp {
    struct source s;
    int width, height, bits;
    bool downwards;   /* rows begin at the top */
    bool alpha;       /* pass only that */
    uint32_t mask[4]; /* the last of opacity; 0: none */
    struct raster_palette palette;
    size_t row_bytes;
};

static uint32_t bmp_number(const unsigned char *p, int bytes)
{
    return (uint32_t)bytes_number(p, bytes, false);
}

static bool sniff(const unsigned char *head, size_t size)
{
    const uint32_t next = size >= FILE_HEAD + CORE ? bmp_number(head + FILE_HEAD, 4) : 0;
    return next >= CORE && next <= LARGEST && memcmp(head, "BM", 2) == 0;
}

/* Colours between the headers and the pixels. */
static att_status bmp_read_palette(
    struct bmp *b, size_t count, size_t entry, size_t till, struct err *e)
{
    unsigned char colour[4];
    for (size_t i = 0; i < count && b->s.taken + entry <= till; i++) {
        TRY(source_need(&b->s, colour, entry, "its palette", e));
        for (int c = 0; c < 3; c++) b->palette.rgb[i][c] = colour[2 - c];
    }
    raster_palette_judge(&b->palette);
    return ATT_OK;
}

static att_status bmp_read_masks(
    struct bmp *b, const unsigned char *info, uint32_t size, uint32_t compression, struct err *e)
{
    const bool four = size >= INFO + 16 || (size == INFO && compression == ALPHA_BITFIELDS);
    const size_t known = four ? 16 : 12;
    unsigned char masks[16] = {0};
    for (int c = 0; c < 3; c++)
        b->mask[c] = b->bits == 16 ? 0x1fU << (10 - 5 * c) : 0xffU << (16 - 8 * c);
    if (compression == PLAIN) return ATT_OK;
    if (size > INFO)
        memcpy(masks, info + MASKS_AT, known);
    else
        TRY(source_need(&b->s, masks, known, "its colour masks", e));
    for (int c = 0; c < 4; c++) b->mask[c] = bmp_number(masks + 4 * c, 4);
    return ATT_OK;
}

static att_status bmp_check(
    struct bmp *b, int64_t width, int64_t height, uint32_t compression, struct err *e)
{
    const bool masks = compression == BITFIELDS || compression == ALPHA_BITFIELDS;
    b->downwards = height < 0;
    height = b->downwards ? -height : height;
    if (compression != PLAIN && !(masks && (b->bits == 16 || b->bits == 32)))
        return err_data(e,
            "%s: its compression (kind %u) is not supported; save it uncompressed, or as PNG",
            b->s.path, compression);
    if (b->bits != 1 && b->bits != 4 && b->bits != 8 && b->bits != 16 && b->bits != 24 &&
        b->bits != 32)
        return err_data(
            e, "%s: %d bits per pixel do not exist in BMP; get a good copy", b->s.path, b->bits);
    if (width < 1) width = 0;
    b->row_bytes = ((size_t)width * (size_t)b->bits + 31) / 32 * 4;
    TRY(raster_check_size(b->s.path, (uint64_t)width, (uint64_t)height,
        (uint64_t)b->row_bytes * (uint64_t)height, 1, b->s.file.size, e));
    b->width = (int)width;
    b->height = (int)height;
    return ATT_OK;
}

/* Read everything before the pixels. */
static att_status bmp_read_head(struct bmp *b, struct err *e)
{
    unsigned char head[FILE_HEAD + LARGEST] = {0}, *info = head + FILE_HEAD;
    TRY(source_need(&b->s, head, FILE_HEAD + CORE, "its header", e));
    const uint32_t till = bmp_number(head + 10, 4), size = bmp_number(info, 4);
    const bool core = size == CORE;
    if (!sniff(head, sizeof head) || (!core && size < INFO))
        return err_data(e, "%s: its header is not one of BMP; get a good copy", b->s.path);
    TRY(source_need(&b->s, info + CORE, size - CORE, "its header", e));
    const uint32_t compression = core ? PLAIN : bmp_number(info + 16, 4);
    b->bits = (int)bmp_number(info + (core ? 10 : 14), 2);
    if (core)
        TRY(bmp_check(b, bmp_number(info + 4, 2), bmp_number(info + 6, 2), PLAIN, e));
    else
        TRY(bmp_check(
            b, (int32_t)bmp_number(info + 4, 4), (int32_t)bmp_number(info + 8, 4), compression, e));
    const size_t used = core ? 0 : bmp_number(info + 32, 4), all = (size_t)1 << (b->bits & 15);
    if (b->bits > 8)
        TRY(bmp_read_masks(b, info, size, compression, e));
    else
        TRY(bmp_read_palette(b, used && used < all ? used : all, core ? 3 : 4, till, e));
    if (till < b->s.taken)
        return err_data(e, "%s: its pixels begin within its header; get a good copy", b->s.path);
    return source_skip(&b->s, till - b->s.taken, "the bytes before its pixels", e);
}

static att_status bmp_open(const char *path, struct bmp *b, struct err *e)
{
    *b = (struct bmp){.bits = 0};
    TRY(source_open_whole(path, 0, false, &b->s, e));
    att_status status = bmp_read_head(b, e);
    if (status != ATT_OK) source_close(&b->s);
    return status;
}

static int bmp_channels(const struct bmp *b) { return b->bits <= 8 && b->palette.grey ? 1 : 3; }

static unsigned char bmp_masked(uint32_t v, uint32_t mask)
{
    if (mask == 0) return 0;
    const int shift = __builtin_ctz(mask);
    return (unsigned char)((uint64_t)((v & mask) >> shift) * 255 / (mask >> shift));
}

/* A row of the file as indices or as RGB. */
static void bmp_unpack(const struct bmp *b, const unsigned char *row, unsigned char *to)
{
    const int bits = b->bits, bytes = bits / 8;
    for (int x = 0; x < b->width && bits < 8; x++)
        to[x] = (unsigned char)(row[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1));
    for (int x = 0; x < b->width && bits == 24; x++) {
        to[3 * x] = row[3 * x + 2];
        to[3 * x + 1] = row[3 * x + 1];
        to[3 * x + 2] = row[3 * x];
    }
    for (int x = 0; x < b->width && (bits == 16 || bits == 32); x++) {
        const uint32_t v = bmp_number(row + bytes * x, bytes);
        for (int c = 0; c < 3 && !b->alpha; c++) to[3 * x + c] = bmp_masked(v, b->mask[c]);
        if (b->alpha) to[x] = bmp_masked(v, b->mask[3]);
    }
}

static att_status bmp_give(
    struct bmp *b, bool labels, unsigned char *room, samples_fn *take, void *user, struct err *e)
{
    unsigned char *plain = room + b->row_bytes;
    for (int i = 0; i < b->height; i++) {
        const int y = b->downwards ? i : b->height - 1 - i;
        const unsigned char *row;
        TRY(source_view(&b->s, room, b->row_bytes, &row, "its pixels", e));
        bmp_unpack(b, row, plain);
        TRY(b->bits > 8 ? raster_give_row(plain, 1, b->alpha ? 1 : 3, b->width, y, take, user, e)
                        : raster_give_indices(&b->palette, labels, b->bits == 8 ? row : plain,
                              b->width, y, take, user, e));
    }
    return ATT_OK;
}

static att_status bmp_decode(
    const char *path, bool labels, bool alpha, samples_fn *take, void *user, struct err *e)
{
    struct bmp b;
    unsigned char *room = NULL;
    TRY(bmp_open(path, &b, e));
    b.alpha = alpha;
    att_status status = ATT_OK;
    if (!alpha || b.mask[3]) status = MEM_BYTES(room, b.row_bytes + 3 * (size_t)b.width, path, e);
    if (room) status = bmp_give(&b, labels, room, take, user, e);
    mem_free(room);
    source_close(&b.s);
    return status;
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    return bmp_decode(path, labels, false, take, user, e);
}

static att_status bmp_decode_alpha(const char *path, samples_fn *take, void *user, struct err *e)
{
    return bmp_decode(path, false, true, take, user, e);
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct bmp b;
    TRY(bmp_open(path, &b, e));
    *m = raster_grid(bmp_channels(&b), b.height, b.width);
    m->palette = b.bits <= 8 && !b.palette.grey;
    m->geometry.alpha = b.mask[3];
    *bytes = (double)b.row_bytes + 3.0 * b.width;
    source_close(&b.s);
    return ATT_OK;
}

static const char *const endings[] = {".bmp", ".dib", NULL};

const struct format format_bmp = {
    .name = "BMP",
    .endings = endings,
    .results = ".png",
    .sniff = sniff,
    .survey = survey,
    .decode = decode,
    .alpha = bmp_decode_alpha,
};
