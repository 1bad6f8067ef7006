/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG files (ITU-T T.81), read as images of depth 1: grey is one channel, YCbCr and RGB are R,
 * G, B of 0..255. No writing: compression changes values. EXIF orientation is ignored, because
 * masks belong to the pixels as stored.
 * libjpeg reports errors by longjmp, so functions that call setjmp keep all state in struct
 * reader. */
#include <string.h>

#include "format/raster.h"

static bool sniff(const unsigned char *head, size_t size)
{
    return size >= 3 && head[0] == 0xff && head[1] == 0xd8 && head[2] == 0xff;
}

static const char *const endings[] = {".jpg", ".jpeg", NULL};

#ifdef ATT_JPEG
#include <setjmp.h>
#include <stdio.h>
/* clang-format off */
#include <jpeglib.h> /* needs stdio.h */
#include <jerror.h>
/* clang-format on */

#include "base/bytes.h"
#include "base/mem.h"
#include "format/source.h"

enum { EXIF = JPEG_APP0 + 1, EXIF_BYTES = 4096 }; /* leading bytes, which contain the orientation */

/* Minimum compressed size: Huffman codes need a bit or two for each block of 64 to 1024 pixels,
 * arithmetic codes less. Encoders write about ten scans; each costs a pass over the image. */
enum { HUFFMAN_RATIO = 2048, ARITHMETIC_RATIO = 1 << 16, SCAN_LIMIT = 100 };

struct reader {
    struct jpeg_error_mgr error; /* first: libjpeg hands out a pointer to it */
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct d;
    jmp_buf jump;
    bool has_head;
    bool asks; /* read EXIF data */
    bool no_memory;
    char reason[JMSG_LENGTH_MAX];
    const char *path;
    struct file_stream file;
    struct err unread; /* why reading the file failed */
    struct jpeg_source_mgr source;
    unsigned char *row;
    samples_fn *take; /* receives each row */
    void *user;
    att_status status; /* of `take` */
    struct err *e;
};

static void fail(j_common_ptr d)
{
    struct reader *r = (struct reader *)(void *)d->err;
    r->error.format_message(d, r->reason);
    r->no_memory = r->error.msg_code == JERR_OUT_OF_MEMORY;
    longjmp(r->jump, 1);
}

/* Level -1 is a warning, after which libjpeg fills in grey or smeared pixels. Ignores warnings that
 * are not about pixels. */
static void jpeg_judge_warning(j_common_ptr d, int level)
{
    const struct reader *r = (const struct reader *)(const void *)d->err;
    if (level >= 0) return;
    int code = r->error.msg_code;
    if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR) return;
    /* A single scan lacks only its end marker here, or another warning follows; several may lack
     * scans. */
    if (code == JWRN_JPEG_EOF && r->has_head &&
        !jpeg_has_multiple_scans((j_decompress_ptr)(void *)d))
        return;
    fail(d);
}

static void limit_scans(j_common_ptr d)
{
    struct reader *r = (struct reader *)(void *)d->err;
    if (((j_decompress_ptr)(void *)d)->input_scan_number <= SCAN_LIMIT) return;
    snprintf(r->reason, sizeof r->reason, "more than %d scans", SCAN_LIMIT);
    longjmp(r->jump, 1);
}

static void no_work(j_decompress_ptr d) { (void)d; }

/* At the end supplies an end marker with a warning, as libjpeg's own sources do. */
static boolean next_part(j_decompress_ptr d)
{
    static const JOCTET end[] = {0xff, JPEG_EOI};
    struct reader *r = (struct reader *)(void *)d->err;
    const size_t from = r->file.have;
    file_stream_release(&r->file, from);
    if (from < r->file.size &&
        file_stream_reach(&r->file, r->path, from + 1, &r->unread) == ATT_OK) {
        r->source.next_input_byte = r->file.data + from;
        r->source.bytes_in_buffer = r->file.have - from;
        return TRUE;
    }
    WARNMS(d, JWRN_JPEG_EOF);
    r->source.next_input_byte = end;
    r->source.bytes_in_buffer = sizeof end;
    return TRUE;
}

static void skip(j_decompress_ptr d, long count)
{
    struct jpeg_source_mgr *s = d->src;
    while (count > (long)s->bytes_in_buffer) {
        count -= (long)s->bytes_in_buffer;
        next_part(d);
    }
    s->next_input_byte += count > 0 ? count : 0;
    s->bytes_in_buffer -= count > 0 ? (size_t)count : 0;
}

/* False if libjpeg met an error. */
static bool jpeg_read_head(struct reader *r)
{
    if (setjmp(r->jump)) return false;
    jpeg_create_decompress(&r->d);
    r->d.progress = &r->progress;
    r->progress.progress_monitor = limit_scans;
    r->source = (struct jpeg_source_mgr){.init_source = no_work,
        .fill_input_buffer = next_part,
        .skip_input_data = skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = no_work};
    r->d.src = &r->source;
    if (r->asks) jpeg_save_markers(&r->d, EXIF, EXIF_BYTES);
    jpeg_read_header(&r->d, TRUE);
    r->has_head = true;
    return true;
}

/* Also false if `take` fails. */
static bool jpeg_read_rows(struct reader *r)
{
    if (setjmp(r->jump)) return false;
    jpeg_start_decompress(&r->d);
    while (r->d.output_scanline < r->d.output_height) {
        const int y = (int)r->d.output_scanline;
        if (jpeg_read_scanlines(&r->d, &r->row, 1) != 1) continue;
        r->status = raster_give_row(
            r->row, 1, r->d.output_components, (int)r->d.output_width, y, r->take, r->user, r->e);
        if (r->status != ATT_OK) return false;
    }
    jpeg_finish_decompress(&r->d);
    return true;
}

static att_status jpeg_damaged(const char *path, const struct reader *r, struct err *e)
{
    TRY(err_pass(e, r->unread.status, &r->unread));
    if (r->no_memory) return err_memory(e, (size_t)r->d.image_width * r->d.image_height, path);
    return err_data(e, "%s: the JPEG file is damaged (%s); get a good copy", path, r->reason);
}

/* Check size and colours; set the number of channels. */
static att_status check_head(const char *path, struct reader *r, int *channels, struct err *e)
{
    struct jpeg_decompress_struct *d = &r->d;
    unsigned width = d->image_width, height = d->image_height;
    bool grey = d->jpeg_color_space == JCS_GRAYSCALE,
         colour = d->jpeg_color_space == JCS_YCbCr || d->jpeg_color_space == JCS_RGB;
    uint64_t ratio = d->arith_code ? ARITHMETIC_RATIO : HUFFMAN_RATIO;
    TRY(raster_check_size(path, width, height, (uint64_t)width * height, ratio, r->file.size, e));
    if (!grey && !colour)
        return err_data(e, "%s: its %d colours are %s; convert it to RGB or grey", path,
            d->num_components,
            d->num_components == 4 ? "inks (CMYK or YCCK)" : "of an unknown kind");
    d->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    *channels = grey ? 1 : 3;
    return ATT_OK;
}

static att_status jpeg_begin(const char *path, struct reader *r, int *channels, struct err *e)
{
    jpeg_std_error(&r->error);
    r->error.error_exit = fail;
    r->error.emit_message = jpeg_judge_warning;
    r->d.err = &r->error;
    if (!jpeg_read_head(r)) return jpeg_damaged(path, r, e);
    return check_head(path, r, channels, e);
}

static void jpeg_end(struct reader *r)
{
    jpeg_destroy_decompress(&r->d); /* safe if nothing was created */
    file_stream_close(&r->file);
    mem_free(r->row);
}

static att_status decode_rows(const char *path, struct reader *r, struct err *e)
{
    int channels;
    TRY(jpeg_begin(path, r, &channels, e));
    r->row = mem_array((size_t)channels, r->d.image_width);
    if (!r->row) return err_memory(e, (size_t)channels * r->d.image_width, path);
    return jpeg_read_rows(r) && r->unread.status == ATT_OK ? ATT_OK
        : r->status != ATT_OK                              ? r->status
                                                           : jpeg_damaged(path, r, e);
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    (void)labels;
    struct reader r = {.path = path, .take = take, .user = user, .e = e};
    TRY(source_stream(path, &r.file, e));
    att_status status = decode_rows(path, &r, e);
    jpeg_end(&r);
    return status;
}

/* ---- EXIF data: a TIFF file within a marker */

/* 1 to 8 (EXIF 2.3, 4.6.4 A); 0: absent. */
static unsigned orientation(const unsigned char *exif, size_t size)
{
    enum { HEAD = 6, ENTRY = 12, TAG = 0x112, SHORT = 3 };
    if (size < HEAD + 10 || memcmp(exif, "Exif\0\0", HEAD) != 0) return 0;
    const unsigned char *tiff = exif + HEAD;
    const bool large_first = *tiff == 'M';
    const size_t room = size - HEAD, from = bytes_number(tiff + 4, 4, large_first);
    if (from > room - 2) return 0;
    const size_t entries = bytes_number(tiff + from, 2, large_first);
    for (size_t i = 0, at = from + 2; i < entries && at + ENTRY <= room; i++, at += ENTRY)
        if (bytes_number(tiff + at, 2, large_first) == TAG &&
            bytes_number(tiff + at + 2, 2, large_first) == SHORT)
            return (unsigned)bytes_number(tiff + at + 8, 2, large_first);
    return 0;
}

static bool asks_turning(const struct reader *r)
{
    unsigned turn = 0;
    for (jpeg_saved_marker_ptr m = r->d.marker_list; m && turn < 2; m = m->next)
        turn = m->marker == EXIF ? orientation(m->data, m->data_length) : 0;
    return turn > 1 && turn <= 8;
}

/* Some rows of blocks. For several scans libjpeg stores all coefficients, two bytes each. */
static double jpeg_buffer_bytes(struct reader *r)
{
    enum { ROWS = 64 };
    double bytes = (double)r->d.image_width * r->d.num_components * ROWS;
    for (int c = 0; c < r->d.num_components && jpeg_has_multiple_scans(&r->d); c++)
        bytes += (double)r->d.comp_info[c].width_in_blocks * r->d.comp_info[c].height_in_blocks *
            DCTSIZE2 * sizeof(JCOEF);
    return bytes;
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct reader r = {.path = path, .asks = true};
    TRY(source_stream(path, &r.file, e));
    int channels;
    att_status status = jpeg_begin(path, &r, &channels, e);
    if (status == ATT_OK) {
        *m = raster_grid(channels, (int)r.d.image_height, (int)r.d.image_width);
        m->geometry.asks_turning = asks_turning(&r);
        m->geometry.lossy = true;
        *bytes = jpeg_buffer_bytes(&r);
    }
    jpeg_end(&r);
    return status;
}

#define READER .survey = survey, .decode = decode
#else
#define READER .missing = "libjpeg"
#endif

const struct format format_jpeg = {
    .name = "JPEG", .endings = endings, .results = ".png", .sniff = sniff, READER};
