/* SPDX-License-Identifier: Apache-2.0 */
/* WebP files, as RGB images of depth 1 without alpha. */
#include <string.h>

#include "format/raster.h"

static bool sniff(const unsigned char *head, size_t size)
{
    return size >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0;
}

static const char *const endings[] = {".webp", NULL};

#ifdef ATT_WEBP
#include <webp/decode.h>

#include "base/mem.h"
#include "files/file_at.h"

/* Flat areas take next to nothing. */
enum { WEBP_RATIO = 1 << 18, LOSSY = 1, COLOURS = 3 };

struct webp {
    const char *path;
    struct file_stream file;
    WebPBitstreamFeatures head;
};

static att_status webp_damaged(const struct webp *w, VP8StatusCode code, struct err *e)
{
    const size_t pixels = (size_t)w->head.width * (size_t)w->head.height;
    if (code == VP8_STATUS_OUT_OF_MEMORY) return err_memory(e, COLOURS * pixels, w->path);
    return err_set(
        e, ATT_DATA, "%s: the WebP file is damaged or cut off; get a good copy", w->path);
}

static att_status webp_begin(struct webp *w, struct err *e)
{
    TRY(file_stream_reach(&w->file, w->path, w->file.size, e));
    const VP8StatusCode code = WebPGetFeatures(w->file.data, w->file.size, &w->head);
    if (code != VP8_STATUS_OK) return webp_damaged(w, code, e);
    if (w->head.has_animation)
        return err_set(
            e, ATT_DATA, "%s: it is an animation; save the picture you want as PNG", w->path);
    const uint64_t width = (uint64_t)w->head.width, height = (uint64_t)w->head.height;
    return raster_check_size(
        w->path, width, height, COLOURS * width * height, WEBP_RATIO, w->file.size, e);
}

static att_status webp_open(const char *path, struct webp *w, struct err *e)
{
    *w = (struct webp){.path = path};
    TRY(file_stream_open(path, &w->file, e));
    return webp_begin(w, e);
}

static att_status webp_give(
    const struct webp *w, unsigned char *rgb, samples_fn *take, void *user, struct err *e)
{
    const size_t row = COLOURS * (size_t)w->head.width, size = row * (size_t)w->head.height;
    WebPDecoderConfig c;
    if (!WebPInitDecoderConfig(&c)) return webp_damaged(w, VP8_STATUS_INVALID_PARAM, e);
    c.output.colorspace = MODE_RGB;
    c.output.is_external_memory = 1;
    c.output.u.RGBA = (WebPRGBABuffer){rgb, (int)row, size};
    const VP8StatusCode code = WebPDecode(w->file.data, w->file.size, &c);
    if (code != VP8_STATUS_OK) return webp_damaged(w, code, e);
    for (int y = 0; y < w->head.height; y++)
        TRY(raster_give_row(rgb + (size_t)y * row, 1, COLOURS, w->head.width, y, take, user, e));
    return ATT_OK;
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    struct webp w;
    unsigned char *rgb = NULL;
    (void)labels;
    att_status status = webp_open(path, &w, e);
    if (status == ATT_OK)
        status = MEM_BYTES(rgb, COLOURS * (size_t)w.head.width * (size_t)w.head.height, path, e);
    if (status == ATT_OK) status = webp_give(&w, rgb, take, user, e);
    mem_free(rgb);
    file_stream_close(&w.file);
    return status;
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct webp w;
    att_status status = webp_open(path, &w, e);
    if (status == ATT_OK) {
        *m = raster_grid(COLOURS, w.head.height, w.head.width);
        m->geometry.lossy = w.head.format == LOSSY;
        /* and four bytes in the library */
        *bytes = (COLOURS + 4.0) * w.head.width * w.head.height + (double)w.file.size;
    }
    file_stream_close(&w.file);
    return status;
}

#define READER .survey = survey, .decode = decode
#else
#define READER .missing = "libwebp (libwebp-dev)"
#endif

const struct format format_webp = {
    .name = "WebP", .endings = endings, .results = ".png", .sniff = sniff, READER};
