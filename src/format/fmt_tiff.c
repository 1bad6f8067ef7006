/* SPDX-License-Identifier: Apache-2.0 */
/* TIFF and BigTIFF files: pages are slices, unless a description by ImageJ or tifffile or OME-XML
 * defines axes. tiff_open.c checks a file, tiff_samples.c decodes it, tiff_save.c writes. */
#include <string.h>

#include "format/format.h"

static bool sniff(const unsigned char *head, size_t size)
{
    static const char *const magic[] = {"II*\0", "MM\0*", "II+\0", "MM\0+"};
    for (size_t i = 0; i < sizeof magic / sizeof *magic && size >= 4; i++)
        if (memcmp(head, magic[i], 4) == 0) return true;
    return false;
}

static const char *const endings[] = {".ome.tiff", ".ome.tif", ".tiff", ".tif", NULL};

#ifdef ATT_TIFF
#include "format/tiff_open.h"
#include "format/tiff_save.h"
#include "format/tiff_spacing.h"

/* TIFF stores spacing, but no position. */
static struct geometry geometry_of(const struct tiff *t)
{
    struct geometry g = geometry_none();
    g.valid = t->valid;
    g.thick = t->valid && t->thick;
    g.asks_turning = t->asks_turning;
    g.lossy = t->lossy;
    g.alpha = t->page.alpha == 1;
    g.white = t->page.photometric == PHOTOMETRIC_MINISWHITE;
    g.colours = t->channels == 3 &&
        (t->palette || t->page.photometric == PHOTOMETRIC_YCBCR ||
            (t->page.photometric == PHOTOMETRIC_RGB && t->axes.channels <= 1));
    for (int a = 0; a < 3; a++) {
        g.spacing[a] = t->spacing[a];
        g.affine[2 - a][2 - a] = (double)t->spacing[a];
    }
    return g;
}

static att_status survey(const char *path, struct image *m, double *bytes, struct err *e)
{
    struct tiff t;
    att_status status = tiff_open(path, &t, e);
    *m = (struct image){.channels = t.channels,
        .size = {t.size[0], t.size[1], t.size[2]},
        .real = t.kind == 'f',
        .geometry = geometry_of(&t)};
    *bytes = (double)t.working;
    tiff_close(&t);
    return status;
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    struct tiff t;
    att_status status = tiff_open(path, &t, e);
    if (status == ATT_OK) status = tiff_read(&t, labels, take, user, e);
    tiff_close(&t);
    return status;
}

static att_status tiff_decode_alpha(const char *path, samples_fn *take, void *user, struct err *e)
{
    struct tiff t;
    att_status status = tiff_open(path, &t, e);
    t.alpha = status == ATT_OK && t.page.alpha == 1;
    if (t.alpha) status = tiff_read(&t, true, take, user, e);
    tiff_close(&t);
    return status;
}

#define READER                                                                                     \
    .companion = tiff_companion, .survey = survey, .decode = decode, .alpha = tiff_decode_alpha,   \
    .save_image = tiff_save_image, .save_labels = tiff_save_labels
#else
#define READER .missing = "libtiff and expat"
#endif

const struct format format_tiff = {
    .name = "TIFF", .endings = endings, .results = ".tif", .sniff = sniff, READER};
