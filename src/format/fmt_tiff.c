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
#include "base/mem.h"
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
    g.colours = t->channels == 3 &&
        (t->palette || (t->page.photometric == PHOTOMETRIC_RGB && t->axes.channels <= 1));
    for (int a = 0; a < 3; a++) {
        g.spacing[a] = t->spacing[a];
        g.affine[2 - a][2 - a] = (double)t->spacing[a];
    }
    return g;
}

static att_status tiff_take_labels(void *arg, const struct tiff *t, int channel, size_t start,
    const double *v, size_t count, struct err *e)
{
    uint16_t *to = (uint16_t *)arg + start;
    for (size_t i = 0; i < count; i++) {
        uint16_t label;
        if (!samples_label(v[i], &label))
            return samples_bad_label(t->path, t->size, start + i, v[i], e);
        if (channel == 0) to[i] = label;
        if (to[i] == label) continue;
        char place[IMAGE_PLACE_TEXT];
        return err_set(e, ATT_DATA,
            "%s: voxel %s is coloured, so its label is unclear; save the labels as grey values",
            t->path, image_place(t->size, start + i, place));
    }
    return ATT_OK;
}

static att_status tiff_check_labels(const struct tiff *t, struct err *e)
{
    bool grey = t->page.photometric != PHOTOMETRIC_RGB && !t->palette;
    if (t->lossy)
        return err_set(e, ATT_DATA,
            "%s: its compression may change values, so it cannot store labels; save the original "
            "labels with Deflate",
            t->path);
    if (t->axes.channels > 1 || t->channels > 3 || (grey && t->channels > 1))
        return err_set(e, ATT_DATA,
            "%s: it has %d channels, but labels have one; give a label image", t->path,
            t->channels);
    return ATT_OK;
}

static att_status load_into_labels(struct tiff *t, struct labelmap *m, struct err *e)
{
    TRY(tiff_check_labels(t, e));
    memcpy(m->size, t->size, sizeof m->size);
    m->geometry = geometry_of(t);
    size_t voxels = image_voxels(m->size);
    m->data = mem_array(voxels, sizeof *m->data);
    return m->data ? tiff_read(t, true, tiff_take_labels, m->data, e)
                   : err_memory(e, voxels * sizeof *m->data, t->path);
}

static att_status load_labels(const char *path, struct labelmap *m, struct err *e)
{
    struct tiff t;
    *m = (struct labelmap){0};
    att_status status = tiff_open(path, &t, e);
    if (status == ATT_OK) status = load_into_labels(&t, m, e);
    tiff_close(&t);
    if (status != ATT_OK) labelmap_free(m);
    return status;
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
};

static att_status pass_on(void *arg, const struct tiff *t, int channel, size_t start,
    const double *v, size_t count, struct err *e)
{
    const struct forward *f = arg;
    float x[TIFF_RUN];
    (void)t;
    for (size_t i = 0; i < count; i++) x[i] = (float)v[i];
    return f->take(f->user, channel, start, x, count, e);
}

static att_status decode(const char *path, samples_fn *take, void *user, struct err *e)
{
    struct tiff t;
    att_status status = tiff_open(path, &t, e);
    if (status == ATT_OK) status = tiff_read(&t, false, pass_on, &(struct forward){take, user}, e);
    tiff_close(&t);
    return status;
}

const struct format format_tiff = {
    .name = "TIFF",
    .endings = endings,
    .results = ".tif",
    .sniff = sniff,
    .companion = tiff_companion,
    .survey = survey,
    .decode = decode,
    .load_labels = load_labels,
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
