/* SPDX-License-Identifier: Apache-2.0 */
/* Loads one case: joins its channels, checks its label and converts it to classes. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/companions.h"
#include "dataset/dataset.h"
#include "dataset/grid.h"
#include "dataset/memory_set.h"
#include "files/file_at.h"
#include "format/format.h"

/* Append the channels of `more` to m, both of one grid. */
static att_status append_channels(
    struct image *m, const struct image *more, const char *path, struct err *e)
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

att_status case_widen(struct data_case *c, struct err *e)
{
    for (; c->nimages < 3; c->nimages++)
        if (!(c->image[c->nimages] = mem_text("%s", c->image[0]))) return err_path(e);
    return ATT_OK;
}

static att_status load_channels(const struct data_case *c, struct image *m, struct err *e)
{
    TRY(case_load_image(c, 0, m, e));
    for (int i = 1; i < c->nimages; i++) {
        struct image more;
        TRY(case_load_image(c, i, &more, e));
        att_status status =
            grid_check(c->image[i], more.size, &more.geometry, c->image[0], m, NULL, e);
        if (status == ATT_OK) status = append_channels(m, &more, c->image[i], e);
        image_free(&more);
        TRY(status);
    }
    return ATT_OK;
}

att_status dataset_load_image(const struct dataset *d, int index, struct image *m, struct err *e)
{
    *m = (struct image){0};
    att_status status = load_channels(&d->cases[index], m, e);
    memcpy(m->geometry.user_spacing, d->voxel, sizeof d->voxel);
    if (status == ATT_OK) status = orient_image(d->axes, m, e);
    if (status != ATT_OK) image_free(m);
    return status;
}

att_status dataset_peek_image(const struct dataset *d, int index, struct image *m, struct err *e)
{
    TRY(case_peek_image(&d->cases[index], 0, m, e));
    memcpy(m->geometry.user_spacing, d->voxel, sizeof d->voxel);
    m->channels = d->channels;
    return orient_image(d->axes, m, e);
}

static att_status dataset_load_check_channels(
    const struct dataset *d, const struct data_case *c, const struct image *m, struct err *e)
{
    if (m->channels == d->channels) return ATT_OK;
    return err_data(e,
        "case %s has %d channel%s, but the data set has %d (%s); its files have changed; open the "
        "data set again",
        c->id, m->channels, TEXT_S(m->channels), d->channels, c->image[0]);
}

static att_status encode_label(const struct dataset *d, const struct data_case *c,
    const struct labelmap *m, struct sample *s, struct err *e)
{
    TRY(grid_check(c->label, m->size, &m->geometry, c->image[0], &s->image, NULL, e));
    size_t voxels = image_voxels(m->size);
    TRY(MEM_BYTES(s->classes, voxels, c->label, e));
    return labelling_encode(&d->labels, m, c->label, s->classes, e);
}

att_status dataset_check_copy(const struct data_case *c, struct err *e)
{
    if (c->memory || !companions_copied(c->image[0], c->label)) return ATT_OK;
    return err_data(e, "image %s and its label %s are copies of one file; replace the wrong one",
        c->image[0], c->label);
}

static att_status load_label(
    const struct dataset *d, const struct data_case *c, struct sample *s, struct err *e)
{
    struct labelmap m;
    if (!c->label) return ATT_OK;
    TRY(dataset_check_copy(c, e));
    TRY(case_load_labels(c, &m, e));
    att_status status = encode_label(d, c, &m, s, e);
    labelmap_free(&m);
    return status;
}

att_status dataset_load(const struct dataset *d, int index, struct sample *s, struct err *e)
{
    const struct data_case *c = &d->cases[index];
    struct err cause = {0};
    *s = (struct sample){0};
    att_status status = load_channels(c, &s->image, &cause);
    memcpy(s->image.geometry.user_spacing, d->voxel, sizeof d->voxel);
    if (status == ATT_OK) status = dataset_load_check_channels(d, c, &s->image, &cause);
    if (status == ATT_OK) status = load_label(d, c, s, &cause);
    if (status == ATT_OK) status = orient_sample(d->axes, &s->image, &s->classes, &cause);
    if (status == ATT_OK) return ATT_OK;
    sample_free(s);
    return dataset_wrong(d, status, cause.text, e);
}

void sample_free(struct sample *s)
{
    image_free(&s->image);
    mem_free(s->classes);
    *s = (struct sample){0};
}
