/* SPDX-License-Identifier: Apache-2.0 */
/* PNG files (ISO/IEC 15948), as images of depth 1.
 *
 * Images: grey of 1, 2 or 4 bits is stretched to 0..255, 8 bits stay 0..255 and 16 bits 0..65535; a palette becomes RGB; an alpha channel
 * is dropped.  Labels: the stored numbers count, so grey of few bits is not stretched and a palette image gives the palette's indices;
 * RGB is accepted only where its three channels agree, as in grey masks saved by paint programs. */
#include <string.h>

#include "base/file_at.h"
#include "base/mem.h"
#include "format/format.h"
#include "format/png_write.h"

enum { SIGNATURE = 8, HEAD = 8 + 8 + 13, SIDE_LIMIT = 65535, PIXEL_LIMIT = 1 << 30, DEFLATE_RATIO = 1032, CHUNK_LIMIT = 8 << 20 };

struct header {
    int width, height, bits, colour;
    int channels; /* in the file: palette 1, alpha counted */
};

static bool sniff(const unsigned char *head, size_t size) { return size >= SIGNATURE && png_sig_cmp(head, 0, SIGNATURE) == 0; }

static uint32_t big_endian(const unsigned char *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }

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

/* Reads the first chunk by hand, so that a size is judged before libpng allocates for it. */
static att_status read_header(const char *path, struct file_held *file, struct header *h, struct err *e)
{
    const unsigned char *p = file->data;
    TRY(file_reach(file, path, file->size < HEAD ? file->size : HEAD, e));
    if (file->size < HEAD || !sniff(p, file->size) || memcmp(p + 12, "IHDR", 4) != 0)
        return err_set(e, ATT_DATA, "%s: it does not begin as a PNG file does; get a complete, uncompressed copy", path);
    uint32_t width = big_endian(p + 16), height = big_endian(p + 20);
    if (width < 1 || height < 1 || width > SIDE_LIMIT || height > SIDE_LIMIT || (uint64_t)width * height > PIXEL_LIMIT)
        return err_set(e, ATT_DATA, "%s: its size is %ux%u; sides of 1 to %d and up to 2^30 pixels can be read", path, height, width,
                       SIDE_LIMIT);
    *h = (struct header){(int)width, (int)height, p[24], p[25], 1};
    if (!legal(h->colour, h->bits))
        return err_set(e, ATT_DATA, "%s: colour type %d with %d bits does not exist in PNG; get a good copy", path, h->colour, h->bits);
    if (h->colour != PNG_COLOR_TYPE_PALETTE)
        h->channels = (h->colour & PNG_COLOR_MASK_COLOR ? 3 : 1) + (h->colour & PNG_COLOR_MASK_ALPHA ? 1 : 0);
    uint64_t bytes = ((uint64_t)width * (uint64_t)(h->bits * h->channels) + 7) / 8 * height;
    if (bytes / DEFLATE_RATIO > file->size)
        return err_set(e, ATT_DATA, "%s: a size of %ux%u cannot be in a file of %zu bytes; get a complete copy", path, height, width,
                       file->size);
    return ATT_OK;
}

/* A picture while it is decoded, and afterwards its rows: 1 or 3 samples a pixel of 1 or 2 bytes. */
struct reader {
    struct png_trouble trouble;
    const char *path;
    struct file_held file;
    struct err unread; /* why it could not be */
    size_t at;
    struct header header;
    bool labels;
    png_structp png;
    png_infop info;
    unsigned char *rows;
    size_t row_bytes;
    int channels;
    size_t sample_bytes;
};

static void read_bytes(png_structp png, png_bytep out, size_t size)
{
    struct reader *r = png_get_io_ptr(png);
    if (size > r->file.size - r->at || file_reach(&r->file, r->path, r->at + size, &r->unread) != ATT_OK)
        png_error(png, "the file is cut off");
    memcpy(out, r->file.data + r->at, size);
    r->at += size;
}

static void ask_for_plain_samples(struct reader *r)
{
    const struct header *h = &r->header;
    if (r->labels)
        png_set_packing(r->png);
    else if (h->colour == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(r->png);
    else if (h->bits < 8)
        png_set_expand_gray_1_2_4_to_8(r->png);
    png_set_strip_alpha(r->png);
    if (h->bits == 16) png_set_swap(r->png);
}

/* False when libpng met an error, or memory is short. */
static bool decode(struct reader *r)
{
    if (setjmp(png_jmpbuf(r->png))) return false;
    png_set_read_fn(r->png, r, read_bytes);
    png_set_user_limits(r->png, SIDE_LIMIT, SIDE_LIMIT);
    png_set_chunk_malloc_max(r->png, CHUNK_LIMIT); /* libpng believes a chunk's length before it has seen its bytes */
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); /* texts, profiles and the like are passed over */
    png_read_info(r->png, r->info);
    ask_for_plain_samples(r);
    int passes = png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    r->channels = png_get_channels(r->png, r->info);
    r->sample_bytes = png_get_bit_depth(r->png, r->info) == 16 ? 2 : 1;
    r->row_bytes = png_get_rowbytes(r->png, r->info);
    if ((r->channels != 1 && r->channels != 3) || r->row_bytes != (size_t)r->header.width * (size_t)r->channels * r->sample_bytes)
        png_error(r->png, "unexpected layout");
    r->rows = mem_array((size_t)r->header.height, r->row_bytes);
    if (!r->rows) {
        r->trouble.no_memory = true;
        return false;
    }
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < r->header.height; y++) png_read_row(r->png, r->rows + (size_t)y * r->row_bytes, NULL);
    png_read_end(r->png, NULL);
    return true;
}

static att_status run_decoder(const char *path, struct reader *r, struct err *e)
{
    TRY(read_header(path, &r->file, &r->header, e));
    r->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &r->trouble, png_trouble_error, png_trouble_warning, &r->trouble,
                                      png_trouble_alloc, png_trouble_free);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    bool decoded = r->info && decode(r);
    bool no_memory = !r->info || r->trouble.no_memory;
    png_destroy_read_struct(&r->png, &r->info, NULL);
    if (decoded) return ATT_OK;
    if (r->unread.status != ATT_OK) return err_set(e, r->unread.status, "%s", r->unread.text);
    if (no_memory) return err_memory(e, (size_t)r->header.width * (size_t)r->header.height, path);
    return err_set(e, ATT_DATA, "%s: the PNG file is damaged (%s); get a good copy", path, r->trouble.reason);
}

/* On success the caller frees r->rows. */
static att_status read_picture(const char *path, bool labels, struct reader *r, struct err *e)
{
    *r = (struct reader){.path = path, .labels = labels};
    TRY(file_hold(path, &r->file, e));
    att_status status = run_decoder(path, r, e);
    file_held_close(&r->file);
    if (status == ATT_OK) return ATT_OK;
    mem_free(r->rows);
    r->rows = NULL;
    return status;
}

static unsigned sample(const struct reader *r, size_t index)
{
    uint16_t wide;
    if (r->sample_bytes == 1) return r->rows[index];
    memcpy(&wide, r->rows + 2 * index, 2);
    return wide;
}

static att_status load_image(const char *path, struct image *m, struct err *e)
{
    struct reader r;
    *m = (struct image){0};
    TRY(read_picture(path, false, &r, e));
    *m = (struct image){.channels = r.channels, .size = {1, r.header.height, r.header.width}, .geometry = geometry_none()};
    size_t voxels = image_voxels(m->size), channels = (size_t)r.channels;
    m->data = mem_array(voxels, channels * sizeof *m->data);
    for (size_t c = 0; m->data && c < channels; c++)
        for (size_t i = 0; i < voxels; i++) m->data[c * voxels + i] = (float)sample(&r, i * channels + c);
    mem_free(r.rows);
    if (m->data) return ATT_OK;
    image_free(m);
    return err_memory(e, voxels * channels * sizeof *m->data, path);
}

static att_status fill_labels(const char *path, const struct reader *r, struct labelmap *m, struct err *e)
{
    size_t voxels = image_voxels(m->size), channels = (size_t)r->channels, width = (size_t)r->header.width;
    m->data = mem_array(voxels, sizeof *m->data);
    if (!m->data) return err_memory(e, voxels * sizeof *m->data, path);
    for (size_t i = 0; i < voxels; i++) {
        unsigned first = sample(r, i * channels);
        for (size_t c = 1; c < channels; c++)
            if (sample(r, i * channels + c) != first)
                return err_set(e, ATT_DATA, "%s: pixel (%zu,%zu) is coloured, so its label is unclear; save the labels as grey values",
                               path, i % width, i / width);
        m->data[i] = (uint16_t)first;
    }
    return ATT_OK;
}

static att_status load_labels(const char *path, struct labelmap *m, struct err *e)
{
    struct reader r;
    *m = (struct labelmap){0};
    TRY(read_picture(path, true, &r, e));
    *m = (struct labelmap){.size = {1, r.header.height, r.header.width}, .geometry = geometry_none()};
    att_status status = fill_labels(path, &r, m, e);
    mem_free(r.rows);
    if (status != ATT_OK) labelmap_free(m);
    return status;
}

static att_status peek(const char *path, struct image *m, struct err *e)
{
    struct file_held file;
    struct header h = {0};
    TRY(file_hold(path, &file, e));
    att_status status = read_header(path, &file, &h, e);
    file_held_close(&file);
    TRY(status);
    m->channels = h.colour & PNG_COLOR_MASK_COLOR ? 3 : 1;
    m->size[IMAGE_D] = 1;
    m->size[IMAGE_H] = h.height;
    m->size[IMAGE_W] = h.width;
    return ATT_OK;
}

static att_status check_flat(const char *path, const int size[3], struct err *e)
{
    if (size[IMAGE_D] != 1) return err_set(e, ATT_DATA, "%s: PNG holds one slice, not %d; write .nii.gz instead", path, size[IMAGE_D]);
    if (size[IMAGE_H] > SIDE_LIMIT || size[IMAGE_W] > SIDE_LIMIT)
        return err_set(e, ATT_DATA, "%s: PNG is written with sides up to %d, not %dx%d; write .nii.gz instead", path, SIDE_LIMIT,
                       size[IMAGE_H], size[IMAGE_W]);
    return ATT_OK;
}

static void image_row(const void *arg, int y, void *out)
{
    const struct image *m = arg;
    uint16_t *to = out;
    size_t width = (size_t)m->size[IMAGE_W], channels = (size_t)m->channels, voxels = image_voxels(m->size);
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < width; i++) {
            double v = (double)m->data[c * voxels + (size_t)y * width + i];
            to[i * channels + c] = v > 0 ? v < 1 ? (uint16_t)(v * UINT16_MAX + 0.5) : UINT16_MAX : 0; /* NaN too is 0 */
        }
}

static att_status save_image(const char *path, const struct image *m, struct err *e)
{
    TRY(check_flat(path, m->size, e));
    if (m->channels != 1 && m->channels != 3)
        return err_set(e, ATT_DATA, "%s: PNG holds 1 or 3 channels, not %d; write .nii.gz instead", path, m->channels);
    return png_write_picture(path, &(struct png_picture){m->size[IMAGE_W], m->size[IMAGE_H], m->channels, 16, image_row, m}, e);
}

static void wide_label_row(const void *arg, int y, void *out)
{
    const struct labelmap *m = arg;
    size_t width = (size_t)m->size[IMAGE_W];
    memcpy(out, m->data + (size_t)y * width, width * sizeof *m->data);
}

static void label_row(const void *arg, int y, void *out)
{
    const struct labelmap *m = arg;
    unsigned char *to = out;
    size_t width = (size_t)m->size[IMAGE_W];
    for (size_t i = 0; i < width; i++) to[i] = (unsigned char)m->data[(size_t)y * width + i];
}

static att_status save_labels(const char *path, const struct labelmap *m, struct err *e)
{
    bool wide = false;
    TRY(check_flat(path, m->size, e));
    for (size_t i = 0, voxels = image_voxels(m->size); i < voxels && !wide; i++) wide = m->data[i] > UINT8_MAX;
    struct png_picture p = {m->size[IMAGE_W], m->size[IMAGE_H], 1, wide ? 16 : 8, wide ? wide_label_row : label_row, m};
    return png_write_picture(path, &p, e);
}

static const char *const endings[] = {".png", NULL};

const struct format format_png = {
    .name = "PNG",
    .endings = endings,
    .sniff = sniff,
    .peek = peek,
    .load_image = load_image,
    .load_labels = load_labels,
    .save_image = save_image,
    .save_labels = save_labels,
};
