/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG 2000 files (ISO/IEC 15444-1), JP2 or a bare codestream, of up to 16 bits, as images of
 * depth 1. Boxes and the main header are read here: their sizes are checked against the file before
 * the library allocates for them. */
#include <string.h>

#include "format/raster.h"

static const char box_magic[] = "\0\0\0\14jP  \r\n\207\n";
enum { BOX_MAGIC = sizeof box_magic - 1, START = 4 };

static bool is_code(const unsigned char *p) { return memcmp(p, "\377\117\377\121", START) == 0; }

static bool sniff(const unsigned char *head, size_t size)
{
    return (size >= BOX_MAGIC && memcmp(head, box_magic, BOX_MAGIC) == 0) ||
        (size >= START && is_code(head));
}

static const char *const endings[] = {".jp2", ".j2k", ".jpx", ".jpf", ".j2c", ".jpc", NULL};

#ifdef ATT_OPENJPEG
#include <openjpeg.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "format/samples.h"
#include "format/source.h"

enum {
    FLAT_RATIO = 1 << 20, /* empty blocks take a bit or less */
    TILE_BYTES = 14,      /* two markers at least */
    SIZ = 40,             /* bytes of the first marker before its components */
    COD = 0xff52,
    FIRST_TILE = 0xff90,
    SRGB_YCC = 18,
    BUFFER = 1 << 16
};

struct jp2 {
    const char *path;
    struct file_stream file;
    size_t code, at; /* the codestream; the library's position */
    int width, height, channels, bits;
    bool palette, alpha, ycc, lossy, only_alpha;
    bool disordered;  /* colours, or opacity before them */
    int opaque;       /* the channel of opacity */
    char reason[160]; /* the library's first complaint */
};

static att_status jp2_damaged(const struct jp2 *j, struct err *e)
{
    if (strstr(j->reason, "memory")) return err_memory(e, j->file.size, j->path);
    return err_data(e, "%s: the JPEG 2000 file is damaged (%s); get a good copy", j->path,
        *j->reason ? j->reason : "its header is not valid");
}

/* What a box of the header says of colours. */
static void jp2_take_box(struct jp2 *j, const unsigned char *box, size_t size)
{
    if (memcmp(box + 4, "pclr", 4) == 0) j->palette = true;
    if (memcmp(box + 4, "colr", 4) == 0 && size >= 15 && box[8] == 1)
        j->ycc = bytes_number(box + 11, 4, true) == SRGB_YCC;
    for (size_t at = 10; memcmp(box + 4, "cdef", 4) == 0 && at + 6 <= size; at += 6) {
        const uint64_t kind = bytes_number(box + at + 2, 2, true);
        const int channel = (int)bytes_number(box + at, 2, true),
                  colour = (int)bytes_number(box + at + 4, 2, true);
        if (kind == 0 && colour >= 1 && colour <= 3 && colour != channel + 1) j->disordered = true;
        if (kind == 1 || kind == 2) {
            j->disordered = j->disordered || j->alpha;
            j->alpha = true;
            j->opaque = channel;
        }
    }
}

static bool jp2_find_code(struct jp2 *j)
{
    const unsigned char *p = j->file.data;
    if (is_code(p)) return true;
    for (size_t at = 0, length, left; at + 8 <= j->file.size; at += length) {
        left = j->file.size - at;
        length = (size_t)bytes_number(p + at, 4, true);
        if (length == 0) length = left;
        j->code = at + 8;
        if (length == 1 && left >= 16) {
            length = (size_t)bytes_number(p + at + 8, 8, true);
            j->code = at + 16;
        }
        if (length < j->code - at || length > left) return false;
        if (memcmp(p + at + 4, "jp2c", 4) == 0) return left > 20 && is_code(p + j->code);
        if (memcmp(p + at + 4, "jp2h", 4) == 0)
            length = j->code - at; /* its boxes follow */
        else
            jp2_take_box(j, p + at, length);
    }
    return false;
}

static bool jp2_read_coding(struct jp2 *j)
{
    enum { TRANSFORM = 13 };
    const unsigned char *p = j->file.data;
    for (size_t at = j->code + 2; at + TRANSFORM < j->file.size;) {
        const uint64_t marker = bytes_number(p + at, 2, true);
        if (marker == FIRST_TILE) return true;
        if (marker == COD) j->lossy = p[at + TRANSFORM] == 0;
        at += 2 + (size_t)bytes_number(p + at + 2, 2, true);
    }
    return false;
}

/* Sizes of the codestream, which openjpeg allocates by. */
static att_status jp2_read_sizes(struct jp2 *j, struct err *e)
{
    const unsigned char *p = j->file.data + j->code;
    const size_t left = j->file.size - j->code;
    uint32_t n[8]; /* right, bottom, left, top of the image; sizes and start of the tiles */
    if (left < SIZ + 3) return jp2_damaged(j, e);
    for (int i = 0; i < 8; i++) n[i] = (uint32_t)bytes_number(p + 8 + 4 * i, 4, true);
    const uint64_t channels = bytes_number(p + SIZ, 2, true), width = (uint64_t)n[0] - n[2],
                   height = (uint64_t)n[1] - n[3];
    if (n[0] <= n[2] || n[1] <= n[3] || !n[4] || !n[5] || n[6] > n[2] || n[7] > n[3] ||
        channels < 1 || left < SIZ + 2 + 3 * channels)
        return jp2_damaged(j, e);
    const uint64_t tiles =
        (((uint64_t)n[0] - n[6] - 1) / n[4] + 1) * (((uint64_t)n[1] - n[7] - 1) / n[5] + 1);
    j->bits = (p[SIZ + 2] & 0x7f) + 1;
    for (uint64_t c = 0; c < channels; c++)
        if (p[SIZ + 2 + 3 * c] != p[SIZ + 2] || p[SIZ + 3 + 3 * c] != 1 || p[SIZ + 4 + 3 * c] != 1)
            return err_data(e,
                "%s: its channels differ in size or type; save it again without subsampling",
                j->path);
    if (j->bits > 16)
        return err_data(
            e, "%s: it has %d bits per sample, but 16 are the limit; convert it", j->path, j->bits);
    j->width = (int)width;
    j->height = (int)height;
    j->channels = (int)channels;
    TRY(raster_check_size(
        j->path, width, height, width * height * channels, FLAT_RATIO, j->file.size, e));
    /* each tile has markers, and a byte for each channel */
    return raster_check_size(
        j->path, width, height, tiles * (TILE_BYTES + channels), 1, j->file.size, e);
}

static att_status jp2_open(const char *path, struct jp2 *j, struct err *e)
{
    *j = (struct jp2){.path = path};
    TRY(source_stream(path, &j->file, e));
    TRY(file_stream_reach(&j->file, path, j->file.size, e));
    if (!sniff(j->file.data, j->file.size) || !jp2_find_code(j)) return jp2_damaged(j, e);
    TRY(jp2_read_sizes(j, e));
    if (j->palette || j->ycc)
        return err_data(e, "%s: its colours are %s; convert it to PNG or TIFF", path,
            j->palette ? "a palette" : "sYCC");
    j->alpha = j->alpha && j->channels > 1;
    if (j->disordered || (j->alpha && j->opaque != j->channels - 1))
        return err_data(e,
            "%s: its channels are not in the order red, green, blue, opacity; convert it to PNG or "
            "TIFF",
            path);
    return jp2_read_coding(j) ? ATT_OK : jp2_damaged(j, e);
}

/* ---- the library */

static OPJ_SIZE_T jp2_read_bytes(void *to, OPJ_SIZE_T size, void *user)
{
    struct jp2 *j = user;
    const size_t left = j->file.size - j->at, n = size < left ? size : left;
    memcpy(to, j->file.data + j->at, n);
    j->at += n;
    return n ? n : (OPJ_SIZE_T)-1;
}

static OPJ_BOOL jp2_seek(OPJ_OFF_T to, void *user)
{
    struct jp2 *j = user;
    if (to < 0 || (uint64_t)to > j->file.size - j->code) return OPJ_FALSE;
    j->at = j->code + (size_t)to;
    return OPJ_TRUE;
}

static OPJ_OFF_T jp2_skip(OPJ_OFF_T count, void *user)
{
    struct jp2 *j = user;
    return jp2_seek((OPJ_OFF_T)(j->at - j->code) + count, user) ? count : -1;
}

static void jp2_hear(const char *text, void *user)
{
    struct jp2 *j = user;
    if (*j->reason) return;
    snprintf(j->reason, sizeof j->reason, "%.*s", (int)strcspn(text, "\n"), text);
}

static att_status jp2_give(const struct jp2 *j, const opj_image_t *image, bool labels,
    samples_fn *take, void *user, struct err *e)
{
    const size_t pixels = (size_t)j->width * (size_t)j->height;
    const int size[3] = {1, j->height, j->width};
    const int kept = j->channels - j->alpha;
    for (int c = j->only_alpha ? kept : 0; c < (j->only_alpha ? j->channels : kept); c++) {
        const OPJ_INT32 *data = image->comps[c].data;
        const struct raster_run run = {.from = (const unsigned char *)data,
            .bytes = sizeof *data,
            .step = 1,
            .count = pixels,
            .channel = c,
            .channels = 1};
        for (size_t i = 0; i < pixels && labels; i++)
            if (data[i] < 0) return samples_bad_label(j->path, size, i, data[i], e);
        TRY(raster_give(&run, take, user, e));
    }
    return ATT_OK;
}

static bool jp2_is_whole(const struct jp2 *j, const opj_image_t *image)
{
    bool whole = image && image->numcomps == (OPJ_UINT32)j->channels;
    for (int c = 0; whole && c < j->channels; c++)
        whole = image->comps[c].data && image->comps[c].w == (OPJ_UINT32)j->width &&
            image->comps[c].h == (OPJ_UINT32)j->height;
    return whole;
}

static att_status jp2_run(struct jp2 *j, opj_codec_t *codec, opj_stream_t *stream, bool labels,
    samples_fn *take, void *user, struct err *e)
{
    opj_dparameters_t how;
    opj_image_t *image = NULL;
    opj_set_default_decoder_parameters(&how);
    opj_set_error_handler(codec, jp2_hear, j);
    opj_stream_set_user_data(stream, j, NULL);
    opj_stream_set_user_data_length(stream, j->file.size - j->code);
    opj_stream_set_read_function(stream, jp2_read_bytes);
    opj_stream_set_skip_function(stream, jp2_skip);
    opj_stream_set_seek_function(stream, jp2_seek);
    const bool decoded = opj_setup_decoder(codec, &how) &&
        opj_decoder_set_strict_mode(codec, OPJ_TRUE) && opj_read_header(stream, codec, &image) &&
        opj_decode(codec, stream, image) && jp2_is_whole(j, image);
    att_status status = decoded ? jp2_give(j, image, labels, take, user, e) : jp2_damaged(j, e);
    opj_image_destroy(image);
    return status;
}

static att_status jp2_decode(
    struct jp2 *j, bool labels, samples_fn *take, void *user, struct err *e)
{
    j->at = j->code;
    opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
    opj_stream_t *stream = opj_stream_create(BUFFER, OPJ_TRUE);
    att_status status = codec && stream ? jp2_run(j, codec, stream, labels, take, user, e)
                                        : err_memory(e, BUFFER, j->path);
    opj_stream_destroy(stream);
    opj_destroy_codec(codec);
    return status;
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    struct jp2 j;
    att_status status = jp2_open(path, &j, e);
    if (status == ATT_OK) status = jp2_decode(&j, labels, take, user, e);
    file_stream_close(&j.file);
    return status;
}

static att_status jp2_decode_alpha(const char *path, samples_fn *take, void *user, struct err *e)
{
    struct jp2 j;
    att_status status = jp2_open(path, &j, e);
    j.only_alpha = status == ATT_OK && j.alpha;
    if (j.only_alpha) status = jp2_decode(&j, false, take, user, e);
    file_stream_close(&j.file);
    return status;
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct jp2 j;
    att_status status = jp2_open(path, &j, e);
    if (status == ATT_OK) {
        *m = raster_grid(j.channels - j.alpha, j.height, j.width);
        m->geometry.lossy = j.lossy;
        m->geometry.alpha = j.alpha;
        *bytes = 2.0 * sizeof(OPJ_INT32) * j.width * j.height * j.channels + (double)j.file.size;
    }
    file_stream_close(&j.file);
    return status;
}

#define READER .survey = survey, .decode = decode, .alpha = jp2_decode_alpha
#else
#define READER .missing = "openjpeg (libopenjp2-7-dev)"
#endif

const struct format format_jp2 = {
    .name = "JPEG 2000", .endings = endings, .results = ".png", .sniff = sniff, READER};
