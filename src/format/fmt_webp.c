/* SPDX-License-Identifier: Apache-2.0 */
/* WebP files, as RGB images of depth 1 without alpha; of an animation, the first picture. */
#include <string.h>

#include "format/raster.h"

static bool sniff(const unsigned char *head, size_t size)
{
    return size >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0;
}

static const char *const endings[] = {".webp", NULL};

#ifdef ATT_WEBP
#include <webp/decode.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "format/source.h"

/* Flat areas take next to nothing. */
enum { WEBP_RATIO = 1 << 18, LOSSY = 1, COLOURS = 3, ALL = 4 };

struct webp {
    const char *path;
    struct file_stream file;
    const unsigned char *data; /* the picture; first the whole file */
    size_t size;
    WebPBitstreamFeatures head;
};

static att_status webp_damaged(const struct webp *w, VP8StatusCode code, struct err *e)
{
    const size_t pixels = (size_t)w->head.width * (size_t)w->head.height;
    if (code == VP8_STATUS_OUT_OF_MEMORY) return err_memory(e, COLOURS * pixels, w->path);
    return err_data(e, "%s: the WebP file is damaged or cut off; get a good copy", w->path);
}

/* The first picture of an animation, unless it is smaller: a chunk ANMF with its place, its size
 * less 1, and other four bytes before its data (developers.google.com/speed/webp/docs). */
static bool take_first(struct webp *w)
{
    enum { RIFF = 12, CHUNK = 8, FRAME = 16 };
    for (size_t at = RIFF; w->size - at >= CHUNK;) {
        const unsigned char *p = w->data + at + CHUNK;
        const size_t left = w->size - at - CHUNK, bytes = bytes_number(w->data + at + 4, 4, false);
        if (bytes > left) return false;
        if (memcmp(w->data + at, "ANMF", 4) == 0) {
            w->data = p + FRAME;
            w->size = bytes - FRAME;
            return bytes > FRAME && !bytes_number(p, 3, false) && !bytes_number(p + 3, 3, false) &&
                (int)bytes_number(p + 6, 3, false) + 1 == w->head.width &&
                (int)bytes_number(p + 9, 3, false) + 1 == w->head.height;
        }
        if (bytes + (bytes & 1) > left) return false;
        at += CHUNK + bytes + (bytes & 1);
    }
    return false;
}

static att_status webp_begin(struct webp *w, struct err *e)
{
    TRY(file_stream_reach(&w->file, w->path, w->file.size, e));
    w->data = w->file.data;
    w->size = w->file.size;
    VP8StatusCode code = WebPGetFeatures(w->data, w->size, &w->head);
    if (code == VP8_STATUS_OK && w->head.has_animation) {
        if (!take_first(w))
            return err_data(e,
                "%s: it is an animation that does not begin with a whole picture; save the "
                "picture you want as PNG",
                w->path);
        code = WebPGetFeatures(w->data, w->size, &w->head);
    }
    if (code != VP8_STATUS_OK) return webp_damaged(w, code, e);
    const uint64_t width = (uint64_t)w->head.width, height = (uint64_t)w->head.height;
    return raster_check_size(
        w->path, width, height, COLOURS * width * height, WEBP_RATIO, w->file.size, e);
}

static att_status webp_open(const char *path, struct webp *w, struct err *e)
{
    *w = (struct webp){.path = path};
    TRY(source_stream(path, &w->file, e));
    return webp_begin(w, e);
}

/* rgb: room for all pixels. alpha: passes only that. */
static att_status webp_give(const struct webp *w, bool alpha, unsigned char *rgb, samples_fn *take,
    void *user, struct err *e)
{
    const size_t each = alpha ? ALL : COLOURS, width = (size_t)w->head.width, row = each * width,
                 size = row * (size_t)w->head.height;
    WebPDecoderConfig c;
    if (!WebPInitDecoderConfig(&c)) return webp_damaged(w, VP8_STATUS_INVALID_PARAM, e);
    c.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
    c.output.is_external_memory = 1;
    c.output.u.RGBA = (WebPRGBABuffer){rgb, (int)row, size};
    const VP8StatusCode code = WebPDecode(w->data, w->size, &c);
    if (code != VP8_STATUS_OK) return webp_damaged(w, code, e);
    for (int y = 0; y < w->head.height; y++) {
        unsigned char *x = rgb + (size_t)y * row;
        for (size_t i = 0; i < width && alpha; i++) x[i] = x[ALL * i + COLOURS];
        TRY(raster_give_row(x, 1, alpha ? 1 : COLOURS, w->head.width, y, take, user, e));
    }
    return ATT_OK;
}

static att_status webp_decode(
    const char *path, bool alpha, samples_fn *take, void *user, struct err *e)
{
    struct webp w;
    unsigned char *rgb = NULL;
    att_status status = webp_open(path, &w, e);
    const size_t bytes = status == ATT_OK && (!alpha || w.head.has_alpha)
        ? (alpha ? ALL : COLOURS) * (size_t)w.head.width * (size_t)w.head.height
        : 0;
    if (bytes) status = MEM_BYTES(rgb, bytes, path, e);
    mem_fill_soon(rgb, rgb ? bytes : 0);
    if (rgb) status = webp_give(&w, alpha, rgb, take, user, e);
    mem_free(rgb);
    file_stream_close(&w.file);
    return status;
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    (void)labels;
    return webp_decode(path, false, take, user, e);
}

static att_status webp_decode_alpha(const char *path, samples_fn *take, void *user, struct err *e)
{
    return webp_decode(path, true, take, user, e);
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct webp w;
    att_status status = webp_open(path, &w, e);
    if (status == ATT_OK) {
        *m = raster_grid(COLOURS, w.head.height, w.head.width);
        m->geometry.lossy = w.head.format == LOSSY;
        m->geometry.alpha = w.head.has_alpha;
        /* and four bytes in the library */
        *bytes = (COLOURS + 4.0) * w.head.width * w.head.height + (double)w.file.size;
    }
    file_stream_close(&w.file);
    return status;
}

#define READER .survey = survey, .decode = decode, .alpha = webp_decode_alpha
#else
#define READER .missing = "libwebp (libwebp-dev)"
#endif

const struct format format_webp = {
    .name = "WebP", .endings = endings, .results = ".png", .sniff = sniff, READER};
