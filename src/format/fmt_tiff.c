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
#include "format/samples.h"
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
        .geometry = geometry_of(&t)};
    *bytes = (double)t.working;
    tiff_close(&t);
    return status;
}

struct forward {
    samples_fn *take;
    void *user;
    bool labels;
};

static att_status pass_on(void *arg, const struct tiff *t, int channel, size_t start,
    const double *v, size_t count, struct err *e)
{
    const struct forward *f = arg;
    float x[TIFF_RUN];
    uint16_t label;
    for (size_t i = 0; i < count; i++) {
        x[i] = (float)v[i];
        if (f->labels && !samples_label(v[i], &label))
            return samples_bad_label(t->path, t->size, start + i, v[i], e);
        if (f->labels) x[i] = label;
    }
    return f->take(f->user, channel, start, x, count, e);
}

static att_status decode(const char *path, bool labels, samples_fn *take, void *user, struct err *e)
{
    struct tiff t;
    att_status status = tiff_open(path, &t, e);
    if (status == ATT_OK)
        status = tiff_read(&t, labels, pass_on, &(struct forward){take, user, labels}, e);
    tiff_close(&t);
    return status;
}

const struct format format_tiff = {
    .name = "TIFF",
    .endings = endings,
    .results = ".tif",
    .floats = true,
    .sniff = sniff,
    .companion = tiff_companion,
    .survey = survey,
    .decode = decode,
    .save_image = tiff_save_image,
    .save_labels = tiff_save_labels,
    .save_parts = tiff_save_parts,
};
#else
const struct format format_tiff = {.name = "TIFF",
    .endings = endings,
    .results = ".tif",
    .missing = "libtiff and expat",
    .sniff = sniff};
#endif
