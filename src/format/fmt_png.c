/* SPDX-License-Identifier: Apache-2.0 */
/* PNG files (ISO/IEC 15948), as images of depth 1.
 * Images: grey of 1, 2 or 4 bits is stretched to 0..255, 8 bits stay 0..255 and 16 bits 0..65535; a
 * palette becomes RGB; alpha is dropped. Labels are the stored numbers: grey is not stretched, a
 * palette gives its indices, and RGB is accepted only if its channels agree, as in grey masks from
 * paint programs. */
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/labels_out.h"
#include "format/png_whole.h"
#include "format/png_write.h"
#include "format/raster.h"
#include "format/source.h"

enum { SIGNATURE = 8, HEAD = 8 + 8 + 13, DEFLATE_RATIO = 1032 };

struct header {
    int width, height, bits, colour;
    int channels; /* in the file: palette 1, alpha counted */
    bool interlaced;
};

static bool sniff(const unsigned char *head, size_t size)
{
    return size >= SIGNATURE && png_sig_cmp(head, 0, SIGNATURE) == 0;
}

static bool legal(int colour, int bits)
{
    switch (colour) {
    case PNG_COLOR_TYPE_GRAY:
        return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    case PNG_COLOR_TYPE_PALETTE:
        return bits == 1 || bits == 2 || bits == 4 || bits == 8;
    case PNG_COLOR_TYPE_RGB:
    case PNG_COLOR_TYPE_GRAY_ALPHA:
    case PNG_COLOR_TYPE_RGB_ALPHA:
        return bits == 8 || bits == 16;
    default:
        return false;
    }
}

/* Read the first chunk by hand to check the size before libpng allocates for it. */
static att_status png_read_header(
    const char *path, struct file_stream *file, struct header *h, struct err *e)
{
    const unsigned char *p = file->data;
    TRY(file_stream_reach(file, path, file->size < HEAD ? file->size : HEAD, e));
    if (file->size < HEAD || !sniff(p, file->size) || memcmp(p + 12, "IHDR", 4) != 0)
        return err_data(e, "%s: not a complete PNG file; get a good copy", path);
    uint32_t width = png_get_uint_32(p + 16), height = png_get_uint_32(p + 20);
    TRY(raster_check_size(path, width, height, 0, 1, file->size, e));
    *h = (struct header){(int)width, (int)height, p[24], p[25], 1, p[28] != PNG_INTERLACE_NONE};
    if (!legal(h->colour, h->bits))
        return err_data(e,
            "%s: colour type %d with %d bit%s does not exist in PNG; get a good copy", path,
            h->colour, h->bits, TEXT_S(h->bits));
    if (h->colour != PNG_COLOR_TYPE_PALETTE)
        h->channels =
            (h->colour & PNG_COLOR_MASK_COLOR ? 3 : 1) + (h->colour & PNG_COLOR_MASK_ALPHA ? 1 : 0);
    uint64_t bytes = ((uint64_t)width * (uint64_t)(h->bits * h->channels) + 7) / 8 * height;
    return raster_check_size(path, width, height, bytes, DEFLATE_RATIO, file->size, e);
}

struct reader {
    struct png_trouble trouble;
    const char *path;
    struct file_stream file;
    struct err unread; /* why reading the file failed */
    size_t at;
    struct header header;
    bool labels, alpha; /* alpha: pass only that */
    samples_fn *take;
    void *user;
    att_status status; /* of `take` */
    struct err *e;
    png_structp png;
    png_infop info;
    unsigned char *rows; /* all rows if interlaced, else one */
    size_t row_bytes, sample_bytes;
    int channels;                  /* 1 or 3 */
    struct raster_palette palette; /* of labels */
};

static void png_read_bytes(png_structp png, png_bytep out, size_t size)
{
    struct reader *r = png_get_io_ptr(png);
    if (size > r->file.size - r->at ||
        file_stream_reach(&r->file, r->path, r->at + size, &r->unread) != ATT_OK)
        png_error(png, "the file is cut off");
    memcpy(out, r->file.data + r->at, size);
    r->at += size;
    file_stream_release(&r->file, r->at);
}

static void judge_palette(struct reader *r)
{
    raster_palette_judge(&r->palette);
    if (!r->palette.two) raster_note(r->take, r->user, r->palette.rgb);
}

static void png_read_palette(struct reader *r)
{
    png_colorp colour = NULL;
    int count = 0;
    png_get_PLTE(r->png, r->info, &colour, &count);
    for (int i = 0; i < count && i < 256; i++)
        memcpy(r->palette.rgb[i], (unsigned char[]){colour[i].red, colour[i].green, colour[i].blue},
            3);
    judge_palette(r);
}

static void ask_for_plain_samples(struct reader *r)
{
    const struct header *h = &r->header;
    if (r->labels && h->colour == PNG_COLOR_TYPE_PALETTE) png_read_palette(r);
    if (r->labels)
        png_set_packing(r->png);
    else if (h->colour == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(r->png);
    else if (h->bits < 8)
        png_set_expand_gray_1_2_4_to_8(r->png);
    if (!r->alpha) png_set_strip_alpha(r->png);
    if (h->bits == 16) png_set_swap(r->png);
}

/* Moves samples of so many bytes at the beginning or end of each pixel of `whole` together. */
static void png_keep(const struct reader *r, unsigned char *row, size_t whole, size_t kept)
{
    const unsigned char *from = row + (r->alpha ? whole - kept : 0);
    for (size_t i = 0; i < (size_t)r->header.width && kept < whole; i++)
        memmove(row + i * kept, from + i * whole, kept);
}

static bool give_row(struct reader *r, int y, const unsigned char *row)
{
    r->status = r->palette.two
        ? raster_give_indices(&r->palette, true, row, r->header.width, y, r->take, r->user, r->e)
        : raster_give_row(
              row, r->sample_bytes, r->channels, r->header.width, y, r->take, r->user, r->e);
    return r->status == ATT_OK;
}

/* Of libpng. */
static bool png_pass_row(struct reader *r, int y, unsigned char *row)
{
    if (r->alpha) png_keep(r, row, (size_t)r->header.channels * r->sample_bytes, r->sample_bytes);
    return give_row(r, y, row);
}

static bool give_rows(struct reader *r, int passes)
{
    const int height = r->header.height;
    r->rows = mem_array(passes > 1 ? (size_t)height : 1, r->row_bytes);
    r->trouble.no_memory = !r->rows;
    if (!r->rows) return false;
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++) {
            png_read_row(r->png, passes > 1 ? r->rows + (size_t)y * r->row_bytes : r->rows, NULL);
            if (passes == 1 && !png_pass_row(r, y, r->rows)) return false;
        }
    for (int y = 0; y < height && passes > 1; y++)
        if (!png_pass_row(r, y, r->rows + (size_t)y * r->row_bytes)) return false;
    return true;
}

/* False if libpng met an error, memory is short, or `take` fails. */
static bool png_decode(struct reader *r)
{
    if (setjmp(png_jmpbuf(r->png))) return false;
    png_set_read_fn(r->png, r, png_read_bytes);
    png_set_user_limits(r->png, RASTER_SIDE, RASTER_SIDE);
    /* libpng trusts a chunk's length before it reads the bytes */
    png_set_chunk_malloc_max(r->png, PNG_CHUNK_MOST);
    /* ignore texts, profiles and other chunks */
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(r->png, r->info);
    ask_for_plain_samples(r);
    int passes = png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    r->channels = r->alpha ? 1 : png_get_channels(r->png, r->info);
    r->sample_bytes = png_get_bit_depth(r->png, r->info) == 16 ? 2 : 1;
    r->row_bytes = png_get_rowbytes(r->png, r->info);
    if ((r->channels != 1 && r->channels != 3) ||
        r->row_bytes !=
            (size_t)r->header.width * (size_t)(r->alpha ? r->header.channels : r->channels) *
                r->sample_bytes)
        png_error(r->png, "unexpected layout");
    if (!give_rows(r, passes)) return false;
    png_read_end(r->png, NULL);
    return true;
}

/* Row y without alpha, or alone, in this machine's byte order; in place, or the colours of indices.
 */
static const unsigned char *png_tidy_row(const struct reader *r, const struct png_whole *w, int y)
{
    unsigned char *row = w->row + (size_t)y * w->stride;
    const size_t bytes = (size_t)w->bytes, whole = (size_t)w->channels * bytes,
                 kept = (size_t)r->channels * bytes, width = (size_t)w->width;
    for (size_t i = 0; i < width && w->palette && !r->labels; i++)
        memcpy(r->rows + 3 * i, w->rgb + 3 * row[i], 3);
    if (w->palette) return r->labels ? row : r->rows;
    png_keep(r, row, whole, kept);
    for (size_t i = 0; i < width * kept && bytes == 2; i += 2) {
        const uint16_t v = (uint16_t)(row[i] << 8 | row[i + 1]);
        memcpy(row + i, &v, 2);
    }
    return row;
}

static void png_take_palette(struct reader *r, const struct png_whole *w)
{
    memcpy(r->palette.rgb, w->rgb, sizeof w->rgb);
    judge_palette(r);
}

/* Most files; *done is false for others, which libpng reads. */
static att_status png_read_whole(const char *path, struct reader *r, bool *done, struct err *e)
{
    const struct header *h = &r->header;
    struct png_whole w = {.width = h->width,
        .height = h->height,
        .channels = h->channels,
        .bytes = h->bits / 8,
        .palette = h->colour == PNG_COLOR_TYPE_PALETTE};
    *done = false;
    if (h->bits < 8 || h->interlaced) return ATT_OK;
    if (!png_whole_read(&r->file, path, &w)) {
        file_stream_close(&r->file);
        return source_stream(path, &r->file, e);
    }
    const bool colours = h->colour & PNG_COLOR_MASK_COLOR && !(w.palette && r->labels);
    r->channels = colours && !r->alpha ? 3 : 1;
    r->sample_bytes = (size_t)w.bytes;
    if (w.palette && r->labels) png_take_palette(r, &w);
    if (w.palette && !r->labels) r->status = MEM_BYTES(r->rows, 3 * (size_t)w.width, path, e);
    for (int y = 0; y < w.height && r->status == ATT_OK; y++)
        give_row(r, y, png_tidy_row(r, &w, y));
    mem_free(w.block);
    *done = true;
    return r->status;
}

static att_status run_decoder(const char *path, struct reader *r, struct err *e)
{
    bool done;
    TRY(png_read_header(path, &r->file, &r->header, e));
    TRY(png_read_whole(path, r, &done, e));
    if (done) return ATT_OK;
    r->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &r->trouble, png_trouble_error,
        png_trouble_warning, &r->trouble, png_trouble_alloc, png_trouble_free);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    bool decoded = r->info && png_decode(r);
    bool no_memory = !r->info || r->trouble.no_memory;
    png_destroy_read_struct(&r->png, &r->info, NULL);
    if (decoded || r->status != ATT_OK) return r->status;
    TRY(err_pass(e, r->unread.status, &r->unread));
    if (no_memory) return err_memory(e, (size_t)r->header.width * (size_t)r->header.height, path);
    return err_data(
        e, "%s: the PNG file is damaged (%s); get a good copy", path, r->trouble.reason);
}

static att_status png_run(struct reader *r)
{
    TRY(source_stream(r->path, &r->file, r->e));
    att_status status = run_decoder(r->path, r, r->e);
    file_stream_close(&r->file);
    mem_free(r->rows);
    return status;
}

static att_status png_decode_file(
    const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    struct reader r = {.path = path, .labels = labels, .take = take, .user = user, .e = e};
    return png_run(&r);
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct file_stream file;
    struct header h = {0};
    TRY(source_stream(path, &file, e));
    att_status status = png_read_header(path, &file, &h, e);
    const size_t size = file.size;
    file_stream_close(&file);
    TRY(status);
    const int channels = h.colour & PNG_COLOR_MASK_COLOR ? 3 : 1;
    *m = raster_grid(channels, h.height, h.width);
    m->palette = h.colour == PNG_COLOR_TYPE_PALETTE;
    m->geometry.alpha = h.colour & PNG_COLOR_MASK_ALPHA;
    const double row = (double)max_int(channels, h.channels) * h.width * (h.bits == 16 ? 2 : 1),
                 all = (row + 1) * h.height; /* and the bytes of filters */
    const bool whole = all <= PNG_WHOLE_MOST && size <= PNG_WHOLE_MOST;
    *bytes = h.interlaced || whole ? all + row + 1 + (double)size : row;
    return ATT_OK;
}

static att_status png_decode_alpha(const char *path, samples_fn *take, void *user, struct err *e)
{
    struct reader r = {.path = path, .alpha = true, .take = take, .user = user, .e = e};
    struct image m;
    double unused;
    TRY(survey(path, &m, &unused, e));
    return m.geometry.alpha ? png_run(&r) : ATT_OK;
}

static att_status check_flat(const char *path, const int size[3], struct err *e)
{
    if (size[IMAGE_D] != 1)
        return err_data(
            e, "%s: PNG can store one slice, not %d; write .nii.gz instead", path, size[IMAGE_D]);
    if (size[IMAGE_H] > RASTER_SIDE || size[IMAGE_W] > RASTER_SIDE)
        return err_data(e,
            "%s: PNG is written with sides up to %d, not %dx%d; write .nii.gz instead", path,
            RASTER_SIDE, size[IMAGE_H], size[IMAGE_W]);
    return ATT_OK;
}

static att_status image_row(const void *arg, int y, void *out, struct err *e)
{
    const struct image *m = arg;
    uint16_t *to = out;
    (void)e;
    size_t width = (size_t)m->size[IMAGE_W], channels = (size_t)m->channels,
           voxels = image_voxels(m->size);
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < width; i++) {
            double v = (double)m->data[c * voxels + (size_t)y * width + i];
            /* also for NaN */
            to[i * channels + c] =
                v > 0 ? v < 1 ? (uint16_t)(v * UINT16_MAX + 0.5) : UINT16_MAX : 0;
        }
    return ATT_OK;
}

static att_status save_image(const char *path, const struct image *m, struct err *e)
{
    TRY(check_flat(path, m->size, e));
    if (m->channels != 1 && m->channels != 3)
        return err_data(e, "%s: PNG can store 1 or 3 channels, not %d; write .nii.gz instead", path,
            m->channels);
    return png_write_picture(path,
        &(struct png_picture){m->size[IMAGE_W], m->size[IMAGE_H], m->channels, 16, image_row, m},
        e);
}

struct label_rows {
    struct labels_out labels;
    size_t width;
};

static att_status label_row(const void *arg, int y, void *out, struct err *e)
{
    const struct label_rows *l = arg;
    return labels_out_put(&l->labels, (size_t)y * l->width, l->width, out, e);
}

static att_status save_labels(
    const char *path, const struct labelmap *grid, struct labels_out labels, struct err *e)
{
    const struct label_rows rows = {labels, (size_t)grid->size[IMAGE_W]};
    TRY(check_flat(path, grid->size, e));
    return png_write_picture(path,
        &(struct png_picture){
            grid->size[IMAGE_W], grid->size[IMAGE_H], 1, 8 * (int)labels.bytes, label_row, &rows},
        e);
}

static const char *const endings[] = {".png", NULL};

const struct format format_png = {
    .name = "PNG",
    .endings = endings,
    .sniff = sniff,
    .survey = survey,
    .decode = png_decode_file,
    .alpha = png_decode_alpha,
    .save_image = save_image,
    .save_labels = save_labels,
};
