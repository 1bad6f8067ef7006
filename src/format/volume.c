/* SPDX-License-Identifier: Apache-2.0 */
#include "format/volume.h"

#include "base/mem.h"

att_status volume_begin(
    struct volume *v, const char *path, size_t begin, bool deflated, long long skip, struct err *e)
{
    TRY((v->whole ? source_open_whole : source_open_at)(path, begin, deflated, &v->samples, e));
    size_t all = source_limit(&v->samples), bytes = v->x.total * v->x.type->bytes;
    v->offset = skip >= 0 ? (size_t)skip : all > bytes ? all - bytes : 0;
    return samples_fit(&v->samples, v->offset, &v->x, e);
}

void volume_close(struct volume *v)
{
    source_close(&v->samples);
    mem_free(v->data_path);
    geometry_free(&v->geometry);
}

att_status volume_open(const struct format *f, const char *path, struct volume *v, struct err *e)
{
    *v = (struct volume){.offset = 0};
    att_status status = f->open(path, v, e);
    if (status != ATT_OK) volume_close(v);
    return status;
}

struct geometry volume_take_geometry(struct volume *v)
{
    struct geometry g = v->geometry;
    v->geometry = (struct geometry){.valid = false};
    return g;
}

att_status volume_load_image(
    const struct format *f, const char *path, struct image *m, bool *finite, struct err *e)
{
    struct volume v;
    *m = (struct image){0};
    TRY(volume_open(f, path, &v, e));
    *finite = samples_finite(&v.x);
    m->geometry = volume_take_geometry(&v);
    att_status status = samples_load_image(&v.samples, v.offset, &v.x, m, e);
    volume_close(&v);
    if (status != ATT_OK) image_free(m);
    return status;
}

static bool volume_has_alpha(const struct volume *v)
{
    return v->x.axes > 0 && v->x.keep < v->x.count[0] && v->x.channels == (int)v->x.keep;
}

att_status volume_give_alpha(
    const struct format *f, const char *path, samples_fn *take, void *user, struct err *e)
{
    struct volume v;
    struct image m = {0};
    TRY(volume_open(f, path, &v, e));
    att_status status = ATT_OK;
    if (volume_has_alpha(&v)) {
        v.x.channels = 1; /* of the samples of a voxel, the last stays in its place */
        v.x.keep = v.x.count[0];
        v.x.step[0] = 0;
        status = samples_load_image(&v.samples, v.offset, &v.x, &m, e);
        if (status == ATT_OK) status = take(user, 0, 0, m.data, image_voxels(m.size), e);
        image_free(&m);
    }
    volume_close(&v);
    return status;
}

att_status volume_load_labels(
    const struct format *f, const char *path, struct labelmap *m, struct err *e)
{
    struct volume v;
    *m = (struct labelmap){0};
    TRY(volume_open(f, path, &v, e));
    m->geometry = volume_take_geometry(&v);
    att_status status = samples_load_labels(&v.samples, v.offset, &v.x, m, e);
    volume_close(&v);
    if (status != ATT_OK) labelmap_free(m);
    return status;
}

att_status volume_peek(const struct format *f, const char *path, struct image *m, struct err *e)
{
    struct volume v;
    TRY(volume_open(f, path, &v, e));
    *m = (struct image){.channels = v.x.channels,
        .size = {v.x.size[0], v.x.size[1], v.x.size[2]},
        .geometry = v.geometry};
    m->geometry.alpha = volume_has_alpha(&v);
    m->geometry.header = NULL;
    m->geometry.header_size = 0;
    volume_close(&v);
    return ATT_OK;
}

att_status volume_save_image(
    const struct format *f, const char *path, const struct image *m, struct err *e)
{
    const struct samples_out x = samples_of_image(m);
    return f->save(path, &m->geometry, m->size, &x, e);
}

att_status volume_save_labels(const struct format *f, const char *path, const struct labelmap *grid,
    struct labels_out labels, struct err *e)
{
    const struct samples_out x = samples_of_labels(labels, grid->size);
    return f->save(path, &grid->geometry, grid->size, &x, e);
}
