/* SPDX-License-Identifier: Apache-2.0 */
/* One case into memory: its channels gathered, its label laid on them and turned into classes. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "dataset/layout.h"
#include "format/format.h"

/* How far two files of one case may be apart, in voxels: headers are rounded, but half a voxel is another place. */
static const double tolerance = 0.1;

/* The largest distance in mm between where two grids put the same voxel. */
static double distance_mm(const struct geometry *a, const struct geometry *b, const int size[3])
{
    double largest = 0;
    for (int corner = 0; corner < 8; corner++) {
        double v[4] = {corner & 1 ? size[IMAGE_W] - 1 : 0, corner & 2 ? size[IMAGE_H] - 1 : 0, corner & 4 ? size[IMAGE_D] - 1 : 0, 1};
        double square = 0;
        for (int i = 0; i < 3; i++) {
            double mm = 0;
            for (int j = 0; j < 4; j++) mm += (b->affine[i][j] - a->affine[i][j]) * v[j];
            square += mm * mm;
        }
        largest = fmax(largest, sqrt(square));
    }
    return largest;
}

/* A file beside the first image of its case. */
static att_status check_grid(const char *path, const int size[3], const struct geometry *g, const char *image, const struct image *m,
                             struct err *e)
{
    char a[SIZE_TEXT], b[SIZE_TEXT];
    if (memcmp(size, m->size, sizeof m->size) != 0)
        return err_set(e, ATT_DATA, "%s: its size is %s where %s has %s; bring both to one grid", path, layout_size_text(size, a), image,
                       layout_size_text(m->size, b));
    double apart = geometry_difference(&m->geometry, g, m->size);
    if (apart <= tolerance) return ATT_OK;
    return err_set(
        e, ATT_DATA,
        "%s: its header puts it %.3g voxels (%.3g mm) from %s, more than %g voxels; resample it onto the image's grid, or copy the "
        "image's geometry if the header is wrong",
        path, apart, distance_mm(&m->geometry, g, m->size), image, tolerance);
}

/* Appends the channels of `more` to m, both of one grid. */
static att_status append_channels(struct image *m, const struct image *more, const char *path, struct err *e)
{
    size_t voxels = image_voxels(m->size), old = voxels * (size_t)m->channels * sizeof *m->data;
    size_t added = voxels * (size_t)more->channels * sizeof *m->data;
    float *data = old > SIZE_MAX - added ? NULL : mem_grow(m->data, old, old + added);
    if (!data) return err_memory(e, added, path);
    memcpy(data + voxels * (size_t)m->channels, more->data, added);
    m->data = data;
    m->channels += more->channels;
    return ATT_OK;
}

static att_status load_channels(const struct data_case *c, struct image *m, struct err *e)
{
    TRY(format_load_image(c->image[0], m, e));
    for (int i = 1; i < c->nimages; i++) {
        struct image more;
        TRY(format_load_image(c->image[i], &more, e));
        att_status status = check_grid(c->image[i], more.size, &more.geometry, c->image[0], m, e);
        if (status == ATT_OK) status = append_channels(m, &more, c->image[i], e);
        image_free(&more);
        TRY(status);
    }
    return ATT_OK;
}

att_status dataset_load_image(const struct data_case *c, struct image *m, struct err *e)
{
    *m = (struct image){0};
    att_status status = load_channels(c, m, e);
    if (status != ATT_OK) image_free(m);
    return status;
}

static att_status check_channels(const struct dataset *d, const struct data_case *c, const struct image *m, struct err *e)
{
    if (m->channels == d->channels) return ATT_OK;
    return err_set(e, ATT_DATA, "case %s has %d channels where the data set has %d (%s); its files have changed, open the data set again",
                   c->id, m->channels, d->channels, c->image[0]);
}

static att_status encode_label(const struct dataset *d, const struct data_case *c, const struct labelmap *m, struct sample *s,
                               struct err *e)
{
    TRY(check_grid(c->label, m->size, &m->geometry, c->image[0], &s->image, e));
    size_t voxels = image_voxels(m->size);
    s->classes = mem_alloc(voxels);
    if (!s->classes) return err_memory(e, voxels, c->label);
    return labelling_encode(&d->labels, m, c->label, s->classes, e);
}

static att_status load_label(const struct dataset *d, const struct data_case *c, struct sample *s, struct err *e)
{
    struct labelmap m;
    if (!c->label) return ATT_OK;
    TRY(format_load_labels(c->label, &m, e));
    att_status status = encode_label(d, c, &m, s, e);
    labelmap_free(&m);
    return status;
}

att_status dataset_load(const struct dataset *d, int index, struct sample *s, struct err *e)
{
    const struct data_case *c = &d->cases[index];
    *s = (struct sample){0};
    att_status status = load_channels(c, &s->image, e);
    if (status == ATT_OK) status = check_channels(d, c, &s->image, e);
    if (status == ATT_OK) status = load_label(d, c, s, e);
    if (status != ATT_OK) sample_free(s);
    return status;
}

void sample_free(struct sample *s)
{
    image_free(&s->image);
    mem_free(s->classes);
    *s = (struct sample){0};
}
