/* SPDX-License-Identifier: Apache-2.0 */
/* Preparing images; called by the training set's loader and by prediction.  Order and interpolation are nnU-Net's: cropped, normalised,
 * resampled; images by cubic splines, classes and logits linearly, thick slices by the nearest. */
#include "model/prepare.h"

#include <string.h>

#include "base/mem.h"
#include "image/nonzero.h"
#include "image/resample.h"

/* A grid beyond this is a mistake in a header or in a flag, not an image. */
static const double most_voxels = 0x1p31;

static bool has_spacing(const struct preparation *p) { return p->spacing[0] > 0 || p->spacing[1] > 0 || p->spacing[2] > 0; }

static att_status place_by_spacing(const struct preparation *prep, const struct geometry *g, struct placed *w, struct err *e)
{
    double voxels = 1;
    if (!g->known)
        return err_set(e, ATT_DATA,
                       "the model works at %gx%gx%g mm per voxel (0: any), and the image does not say how large its voxels are; give a "
                       "NIfTI file with its spacing",
                       (double)prep->spacing[0], (double)prep->spacing[1], (double)prep->spacing[2]);
    for (int i = 0; i < 3; i++) {
        if (prep->spacing[i] > 0) {
            w->spacing[i] = prep->spacing[i];
            w->size[i] = resample_length(w->crop_size[i], (double)g->spacing[i], (double)prep->spacing[i]);
        }
        voxels *= w->size[i];
    }
    if (voxels > most_voxels)
        return err_set(e, ATT_DATA,
                       "an image of %dx%dx%d voxels of %gx%gx%g mm would have %dx%dx%d at the model's spacing of %gx%gx%g mm; check its "
                       "header",
                       w->whole[0], w->whole[1], w->whole[2], (double)g->spacing[0], (double)g->spacing[1], (double)g->spacing[2],
                       w->size[0], w->size[1], w->size[2], (double)w->spacing[0], (double)w->spacing[1], (double)w->spacing[2]);
    w->apart = w->whole[0] == 1 ? -1 : resample_apart(g->spacing, w->spacing);
    return ATT_OK;
}

/* In a 2D grid slices stay as many as they are. */
static void place_by_size(const struct preparation *prep, const struct geometry *g, struct placed *w)
{
    for (int i = prep->resize[0] == 1; i < 3; i++) {
        if (!prep->resize[i]) continue;
        w->size[i] = prep->resize[i];
        w->spacing[i] = (float)((double)g->spacing[i] * w->crop_size[i] / w->size[i]);
    }
}

static att_status place(const struct preparation *prep, const struct image *m, struct placed *w, struct err *e)
{
    *w = (struct placed){.apart = -1};
    memcpy(w->whole, m->size, sizeof w->whole);
    memcpy(w->crop_size, m->size, sizeof w->crop_size);
    memcpy(w->spacing, m->geometry.spacing, sizeof w->spacing);
    if (has_spacing(prep) || prep->nonzero) nonzero_box(m, w->crop_from, w->crop_size);
    memcpy(w->size, w->crop_size, sizeof w->size);
    if (has_spacing(prep)) return place_by_spacing(prep, &m->geometry, w, e);
    place_by_size(prep, &m->geometry, w);
    return ATT_OK;
}

static att_status normalise(const struct preparation *prep, struct image *m, struct err *e)
{
    uint8_t *mask = prep->nonzero ? mem_alloc(image_voxels(m->size)) : NULL;
    if (prep->nonzero && !mask) return err_memory(e, image_voxels(m->size), "the mask of an image");
    att_status status = mask ? nonzero_mask(m, mask, e) : ATT_OK;
    if (status == ATT_OK) image_normalise(m, prep->normalise, mask);
    mem_free(mask);
    return status;
}

static bool same(const int a[3], const int b[3]) { return !memcmp(a, b, 3 * sizeof *a); }

static att_status bring(const struct placed *w, bool by_spacing, struct image *m, struct pool *pool, struct err *e)
{
    if (same(w->size, m->size)) return ATT_OK;
    size_t voxels = image_voxels(w->size);
    float *data = mem_array(voxels, (size_t)m->channels * sizeof *data);
    if (!data) return err_memory(e, voxels * (size_t)m->channels * sizeof *data, "an image on the network's grid");
    att_status status = by_spacing ? resample_order(m->data, m->channels, m->size, data, w->size, 3, w->apart, pool, e)
                                   : resample_linear(m->data, m->channels, m->size, data, w->size, pool, e);
    if (status != ATT_OK) {
        mem_free(data);
        return status;
    }
    mem_free(m->data);
    m->data = data;
    memcpy(m->size, w->size, sizeof m->size);
    return ATT_OK;
}

att_status prepare_image(const struct preparation *prep, struct image *m, struct pool *pool, struct placed *where, struct err *e)
{
    struct placed w;
    if (m->channels != prep->channels)
        return err_set(e, ATT_DATA, "the image has %d channels, and the model was trained on %d", m->channels, prep->channels);
    TRY(place(prep, m, &w, e));
    nonzero_crop(m, w.crop_from, w.crop_size);
    TRY(normalise(prep, m, e));
    TRY(bring(&w, has_spacing(prep), m, pool, e));
    if (where) *where = w;
    return ATT_OK;
}

/* Where row (d, h) of the part that was taken begins in the whole image. */
static size_t row_of(const struct placed *w, int d, int h)
{
    return ((size_t)(d + w->crop_from[0]) * (size_t)w->whole[1] + (size_t)(h + w->crop_from[1])) * (size_t)w->whole[2] +
           (size_t)w->crop_from[2];
}

static att_status bring_classes(const struct preparation *prep, const struct placed *w, const uint8_t *part, uint8_t *out,
                                struct pool *pool, struct err *e)
{
    if (has_spacing(prep)) return resample_classes(part, w->crop_size, out, w->size, w->apart, pool, e);
    resample_nearest(part, w->crop_size, out, w->size);
    return ATT_OK;
}

att_status prepare_labels(const struct preparation *prep, const struct placed *w, const uint8_t *classes, uint8_t *out, struct pool *pool,
                          struct err *e)
{
    if (same(w->crop_size, w->whole)) return bring_classes(prep, w, classes, out, pool, e);
    bool direct = same(w->crop_size, w->size);
    uint8_t *part = direct ? out : mem_alloc(image_voxels(w->crop_size)), *to = part;
    if (!part) return err_memory(e, image_voxels(w->crop_size), "labels on the network's grid");
    for (int d = 0; d < w->crop_size[0]; d++)
        for (int h = 0; h < w->crop_size[1]; h++, to += w->crop_size[2]) memcpy(to, classes + row_of(w, d, h), (size_t)w->crop_size[2]);
    if (direct) return ATT_OK;
    att_status status = bring_classes(prep, w, part, out, pool, e);
    mem_free(part);
    return status;
}

bool prepare_moves(const struct placed *w) { return !same(w->whole, w->crop_size) || !same(w->whole, w->size); }

static att_status bring_back(const struct preparation *prep, const struct placed *w, const float *x, int channels, float *y,
                             struct pool *pool, struct err *e)
{
    if (has_spacing(prep)) return resample_order(x, channels, w->size, y, w->crop_size, 1, w->apart, pool, e);
    return resample_linear(x, channels, w->size, y, w->crop_size, pool, e);
}

att_status prepare_back(const struct preparation *prep, const struct placed *w, const float *x, int channels, const float *outside,
                        float *y, struct pool *pool, struct err *e)
{
    size_t voxels = image_voxels(w->whole), taken = image_voxels(w->crop_size);
    if (same(w->crop_size, w->whole)) return bring_back(prep, w, x, channels, y, pool, e);
    float *part = mem_array(taken, sizeof *part);
    if (!part) return err_memory(e, taken * sizeof *part, "what goes back to the image's grid");
    att_status status = ATT_OK;
    for (int c = 0; c < channels && status == ATT_OK; c++, y += voxels) {
        const float *from = part;
        for (size_t i = 0; i < voxels; i++) y[i] = outside ? outside[c] : 0;
        status = bring_back(prep, w, x + (size_t)c * image_voxels(w->size), 1, part, pool, e);
        for (int d = 0; d < w->crop_size[0]; d++)
            for (int h = 0; h < w->crop_size[1]; h++, from += w->crop_size[2])
                memcpy(y + row_of(w, d, h), from, (size_t)w->crop_size[2] * sizeof *y);
    }
    mem_free(part);
    return status;
}
