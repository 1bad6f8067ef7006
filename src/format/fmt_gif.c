/* SPDX-License-Identifier: Apache-2.0 */
/* GIF files, first frame, as images of depth 1. A palette becomes RGB, or grey if all its colours
 * are; labels are its indices. */
#include <string.h>

#include "format/raster.h"

static bool sniff(const unsigned char *head, size_t size)
{
    return size >= 6 && (memcmp(head, "GIF87a", 6) == 0 || memcmp(head, "GIF89a", 6) == 0);
}

static const char *const endings[] = {".gif", NULL};

#ifdef ATT_GIF
#include <gif_lib.h>

#include "base/ints.h"
#include "base/mem.h"
#include "format/source.h"

enum { LZW_RATIO = 4096, LIBRARY_BYTES = 1 << 17 };

struct gif {
    const char *path;
    struct file_stream file;
    size_t at;
    struct err unread; /* why reading the file failed */
    GifFileType *lib;
    int width, height; /* of the canvas, which the frame may fill in part */
    unsigned char fill;
    struct raster_palette palette;
};

static int gif_read_bytes(GifFileType *lib, GifByteType *to, int count)
{
    struct gif *g = lib->UserData;
    const size_t left = g->file.size - g->at, n = (size_t)count < left ? (size_t)count : left;
    if (file_stream_reach(&g->file, g->path, g->at + n, &g->unread) != ATT_OK) return 0;
    memcpy(to, g->file.data + g->at, n);
    g->at += n;
    file_stream_release(&g->file, g->at);
    return (int)n;
}

static att_status gif_damaged(const struct gif *g, int error, struct err *e)
{
    TRY(err_pass(e, g->unread.status, &g->unread));
    if (error == D_GIF_ERR_NOT_ENOUGH_MEM) return err_memory(e, LIBRARY_BYTES, g->path);
    const char *reason = GifErrorString(error);
    return err_data(e, "%s: the GIF file is damaged (%s); get a good copy", g->path,
        reason ? reason : "it has no image");
}

/* The transparent colour fills what the frame leaves open, as in Pillow. */
static bool gif_skip_extension(struct gif *g)
{
    GifByteType *block;
    GraphicsControlBlock control;
    int code;
    if (DGifGetExtension(g->lib, &code, &block) != GIF_OK) return false;
    if (code == GRAPHICS_EXT_FUNC_CODE && block &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK &&
        control.TransparentColor >= 0)
        g->fill = (unsigned char)control.TransparentColor;
    while (block)
        if (DGifGetExtensionNext(g->lib, &block) != GIF_OK) return false;
    return true;
}

static bool gif_find_frame(struct gif *g)
{
    GifRecordType type;
    do {
        if (DGifGetRecordType(g->lib, &type) != GIF_OK || type == TERMINATE_RECORD_TYPE)
            return false;
        if (type == EXTENSION_RECORD_TYPE && !gif_skip_extension(g)) return false;
    } while (type != IMAGE_DESC_RECORD_TYPE);
    return DGifGetImageDesc(g->lib) == GIF_OK;
}

static void gif_take_palette(struct gif *g)
{
    const ColorMapObject *map = g->lib->Image.ColorMap ? g->lib->Image.ColorMap : g->lib->SColorMap;
    for (int i = 0; i < 256; i++) {
        const GifColorType grey = {(GifByteType)i, (GifByteType)i, (GifByteType)i},
                           colour = !map ? grey
            : i < map->ColorCount        ? map->Colors[i]
                                         : (GifColorType){0, 0, 0};
        memcpy(g->palette.rgb[i], (unsigned char[]){colour.Red, colour.Green, colour.Blue}, 3);
    }
    raster_palette_judge(&g->palette);
}

static att_status gif_begin(struct gif *g, struct err *e)
{
    int error = D_GIF_ERR_EOF_TOO_SOON;
    g->lib = DGifOpen(g, gif_read_bytes, &error);
    if (!g->lib) return gif_damaged(g, error, e);
    if (!gif_find_frame(g)) return gif_damaged(g, g->lib->Error, e);
    const GifImageDesc *frame = &g->lib->Image;
    g->width = max_int(g->lib->SWidth, frame->Left + frame->Width);
    g->height = max_int(g->lib->SHeight, frame->Top + frame->Height);
    if (frame->Width < 1 || frame->Height < 1) return gif_damaged(g, D_GIF_ERR_NO_IMAG_DSCR, e);
    gif_take_palette(g);
    return raster_check_size(g->path, (uint64_t)g->width, (uint64_t)g->height,
        (uint64_t)g->width * (uint64_t)g->height, LZW_RATIO, g->file.size, e);
}

static att_status gif_open(const char *path, struct gif *g, struct err *e)
{
    *g = (struct gif){.path = path};
    TRY(source_stream(path, &g->file, e));
    return gif_begin(g, e);
}

static void gif_close(struct gif *g)
{
    int unused;
    if (g->lib) DGifCloseFile(g->lib, &unused);
    file_stream_close(&g->file);
}

static att_status gif_give(
    struct gif *g, bool labels, unsigned char *row, samples_fn *take, void *user, struct err *e)
{
    static const int from[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    const GifImageDesc *f = &g->lib->Image;
    memset(row, g->fill, (size_t)g->width);
    for (int y = 0; y < g->height; y++)
        if (y < f->Top || y >= f->Top + f->Height)
            TRY(raster_give_indices(&g->palette, labels, row, g->width, y, take, user, e));
    for (int pass = 0; pass < (f->Interlace ? 4 : 1); pass++)
        for (int y = f->Interlace ? from[pass] : 0; y < f->Height;
             y += f->Interlace ? step[pass] : 1) {
            if (DGifGetLine(g->lib, row + f->Left, f->Width) != GIF_OK)
                return gif_damaged(g, g->lib->Error, e);
            TRY(raster_give_indices(&g->palette, labels, row, g->width, f->Top + y, take, user, e));
        }
    return ATT_OK;
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    struct gif g;
    unsigned char *row = NULL;
    att_status status = gif_open(path, &g, e);
    if (status == ATT_OK) status = MEM_BYTES(row, (size_t)g.width, path, e);
    if (status == ATT_OK) status = gif_give(&g, labels, row, take, user, e);
    mem_free(row);
    gif_close(&g);
    return status;
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct gif g;
    att_status status = gif_open(path, &g, e);
    if (status == ATT_OK) {
        *m = raster_grid(g.palette.grey ? 1 : 3, g.height, g.width);
        m->palette = !g.palette.grey;
        *bytes = LIBRARY_BYTES + (double)g.width;
    }
    gif_close(&g);
    return status;
}

#define READER .survey = survey, .decode = decode
#else
#define READER .missing = "giflib (libgif-dev)"
#endif

const struct format format_gif = {
    .name = "GIF", .endings = endings, .results = ".png", .sniff = sniff, READER};
