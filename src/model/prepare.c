/* SPDX-License-Identifier: Apache-2.0 */
/* Preparation of images, for training and prediction. Order and interpolation are nnU-Net's: crop,
 * normalise, resample; cubic splines for images, linear for classes and logits, nearest plane for
 * thick slices. Blocks are averaged last. */
#include "model/prepare.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "image/nonzero.h"
#include "image/resample.h"
#include "image/shrink.h"

/* A larger grid is a mistake in a header or setting. */
static const double max_voxels = 0x1p31, max_side = 0x1p24;

bool prepare_by_spacing(const struct preparation *p)
{
    return p->spacing[0] > 0 || p->spacing[1] > 0 || p->spacing[2] > 0;
}

static const double max_fitting = 1.25; /* augmentation scales by about as much */
static const double max_resampled = 10;

enum spacing_fit prepare_spacing_fit(const struct preparation *p, const struct image *m)
{
    const struct geometry g = geometry_effective(&m->geometry);
    double ratio = 1;
    if (!g.valid || p->resize[0] > 0 || prepare_by_spacing(p)) return SPACING_FITS;
    for (int i = 0; i < 3; i++) {
        const double own = (double)g.spacing[i], trained = p->trained[i];
        if (own > 0 && trained > 0 && m->size[i] > 1)
            ratio = fmax(ratio, fmax(own / trained, trained / own));
    }
    return ratio <= max_fitting ? SPACING_FITS
        : ratio < max_resampled ? SPACING_RESAMPLED
                                : SPACING_FAR;
}

bool prepare_crops(const struct preparation *p)
{
    return prepare_by_spacing(p) || p->nonzero || p->crop;
}

static att_status place_by_spacing(
    const double spacing[3], bool spaced, struct placed *w, struct err *e)
{
    double voxels = 1, own[3];
    bool long_side = false;
    memcpy(own, w->spacing, sizeof own); /* not yet replaced */
    if (!spaced)
        return err_data(e,
            "the model needs a spacing of %gx%gx%g mm (0: any), but the image has none; use a file "
            "with spacing, such as NIfTI, or set `voxel-size`",
            spacing[0], spacing[1], spacing[2]);
    for (int i = 0; i < 3; i++) {
        if (spacing[i] > 0) {
            w->spacing[i] = spacing[i];
            w->grid[i] = resample_length(w->crop.size[i], own[i], spacing[i]);
        }
        voxels *= w->grid[i];
        long_side = long_side || w->grid[i] > max_side;
    }
    if (voxels > max_voxels || long_side)
        return err_data(e,
            "an image of %dx%dx%d voxels of %gx%gx%g mm would have %dx%dx%d at the model's "
            "spacing of %gx%gx%g mm; check its header or set `voxel-size`",
            w->whole[0], w->whole[1], w->whole[2], own[0], own[1], own[2], w->grid[0], w->grid[1],
            w->grid[2], w->spacing[0], w->spacing[1], w->spacing[2]);
    w->splines = true;
    w->thick_axis = w->whole[0] == 1 ? -1 : resample_thick_axis(own, w->spacing);
    w->thick_back = w->whole[0] == 1 ? -1 : resample_thick_axis(w->spacing, own);
    return ATT_OK;
}

/* A 2D grid keeps the number of slices. */
static void place_by_size(const struct preparation *prep, struct placed *w)
{
    for (int i = prep->resize[0] == 1; i < 3; i++) {
        if (!prep->resize[i]) continue;
        w->grid[i] = prep->resize[i];
        w->spacing[i] = w->spacing[i] * w->crop.size[i] / w->grid[i];
    }
}

att_status prepare_place(
    const struct preparation *prep, const struct image *m, struct placed *w, struct err *e)
{
    struct box crop = box_whole(m->size);
    if (m->data && prepare_crops(prep)) nonzero_box(m, &crop);
    return prepare_place_box(prep, m, &crop, w, e);
}

att_status prepare_place_box(const struct preparation *prep, const struct image *m,
    const struct box *crop, struct placed *w, struct err *e)
{
    *w = (struct placed){.thick_axis = -1, .thick_back = -1, .crop = *crop};
    memcpy(w->whole, m->size, sizeof w->whole);
    const struct geometry g = geometry_effective(&m->geometry);
    memcpy(w->grid, w->crop.size, sizeof w->grid);
    double trained[3];
    for (int i = 0; i < 3; i++) {
        w->spacing[i] = (double)g.spacing[i];
        trained[i] = m->size[i] > 1 ? prep->trained[i] : 0;
    }
    if (prepare_by_spacing(prep))
        TRY(place_by_spacing(prep->spacing, g.valid, w, e));
    else if (prepare_spacing_fit(prep, m) == SPACING_RESAMPLED)
        TRY(place_by_spacing(trained, g.valid, w, e));
    else
        place_by_size(prep, w);
    for (int i = 0; i < 3; i++) {
        w->shrink[i] = prep->shrink[i] > 1 ? prep->shrink[i] : 1;
        w->size[i] = shrink_length(w->grid[i], w->shrink[i]);
        w->spacing[i] *= w->shrink[i];
    }
    return ATT_OK;
}

static att_status normalise(
    const struct preparation *prep, struct image *m, bool *flattened, struct err *e)
{
    uint8_t *mask = prep->nonzero ? mem_alloc(image_voxels(m->size)) : NULL;
    if (prep->nonzero && !mask) return err_memory(e, image_voxels(m->size), "the mask of an image");
    att_status status = mask ? nonzero_mask(m, mask, e) : ATT_OK;
    if (status == ATT_OK) *flattened = image_normalise(m, prep->normalise, mask);
    mem_free(mask);
    return status;
}

static void prepare_replace(struct image *m, float *data, const int size[3])
{
    mem_free(m->data);
    m->data = data;
    memcpy(m->size, size, sizeof m->size);
}

static float *grid_alloc(int channels, const int size[3], struct err *e)
{
    size_t voxels = image_voxels(size);
    float *data = mem_array(voxels, (size_t)channels * sizeof *data);
    if (!data)
        err_memory(e, voxels * (size_t)channels * sizeof *data, "an image on the network's grid");
    return data;
}

static att_status resample(
    const struct placed *w, struct image *m, struct pool *pool, struct err *e)
{
    if (image_same_triple(w->grid, m->size)) return ATT_OK;
    float *data = grid_alloc(m->channels, w->grid, e);
    if (!data) return ATT_MEMORY;
    att_status status = w->splines
        ? resample_order(m->data, m->channels, m->size, data, w->grid, 3, w->thick_axis, pool, e)
        : resample_linear(m->data, m->channels, m->size, data, w->grid, pool, e);
    if (status == ATT_OK)
        prepare_replace(m, data, w->grid);
    else
        mem_free(data);
    return status;
}

static att_status shrink(const struct placed *w, struct image *m, struct pool *pool, struct err *e)
{
    if (image_same_triple(w->size, w->grid)) return ATT_OK;
    float *data = grid_alloc(m->channels, w->size, e);
    if (!data) return ATT_MEMORY;
    shrink_image(m->data, m->channels, w->grid, w->shrink, data, pool);
    prepare_replace(m, data, w->size);
    return ATT_OK;
}

att_status prepare_image(const struct preparation *prep, struct image *m, struct pool *pool,
    struct placed *where, struct err *e)
{
    struct placed w;
    if (m->channels != prep->channels)
        return err_data(e, "the image has %d channel%s, but the model was trained on %d",
            m->channels, TEXT_S(m->channels), prep->channels);
    TRY(prepare_place(prep, m, &w, e));
    box_crop(m->data, m->channels, m->size, &w.crop);
    memcpy(m->size, w.crop.size, sizeof m->size);
    TRY(normalise(prep, m, &w.flattened, e));
    TRY(resample(&w, m, pool, e));
    TRY(shrink(&w, m, pool, e));
    if (where) *where = w;
    return ATT_OK;
}

void prepare_bytes(const struct preparation *prep, const struct placed *w, int channels,
    int threads, double *max, double *grown)
{
    const double sample = (double)sizeof(float) * channels,
                 loaded = sample * image_voxels_double(w->whole),
                 crop = image_voxels_double(w->crop.size);
    *grown = 0;                                 /* cropped in place */
    *max = prep->nonzero ? crop + crop / 8 : 0; /* the non-zero mask, and its flood fill */
    if (!image_same_triple(w->grid, w->crop.size)) {
        const double grid = image_voxels_double(w->grid);
        double lines = 0;
        for (int i = 0; i < 3; i++)
            lines = fmax(lines, resample_bytes(w->splines, w->crop.size[i], w->grid[i], threads));
        /* channels and axes are resampled one at a time */
        *max = fmax(*max, sample * grid + 2 * sizeof(float) * fmax(grid, crop) + lines);
        *grown = sample * grid - loaded;
    }
    if (image_same_triple(w->size, w->grid)) return;
    *max = fmax(*max, *grown + sample * image_voxels_double(w->size));
    *grown = sample * image_voxels_double(w->size) - loaded;
}

static att_status grid_classes(
    const struct placed *w, const uint8_t *part, uint8_t *out, struct pool *pool, struct err *e)
{
    if (w->splines)
        return resample_classes(part, w->crop.size, out, w->grid, w->thick_axis, pool, e);
    resample_nearest(part, w->crop.size, out, w->grid);
    return ATT_OK;
}

static att_status move_classes(
    const struct placed *w, const uint8_t *part, uint8_t *out, struct pool *pool, struct err *e)
{
    if (image_same_triple(w->size, w->grid)) return grid_classes(w, part, out, pool, e);
    bool moved = !image_same_triple(w->grid, w->crop.size);
    uint8_t *grid = moved ? mem_alloc(image_voxels(w->grid)) : NULL;
    if (moved && !grid)
        return err_memory(e, image_voxels(w->grid), "labels at the model's spacing");
    att_status status = moved ? grid_classes(w, part, grid, pool, e) : ATT_OK;
    if (status == ATT_OK)
        shrink_classes(moved ? grid : part, w->grid, w->shrink, LABELLING_IGNORE, out, pool);
    mem_free(grid);
    return status;
}

att_status prepare_labels(
    const struct placed *w, const uint8_t *classes, uint8_t *out, struct pool *pool, struct err *e)
{
    if (image_same_triple(w->crop.size, w->whole)) return move_classes(w, classes, out, pool, e);
    bool direct = !prepare_resamples(w);
    uint8_t *part = direct ? out : mem_alloc(image_voxels(w->crop.size));
    if (!part) return err_memory(e, image_voxels(w->crop.size), "labels on the network's grid");
    box_take(classes, w->whole, 1, &w->crop, part);
    if (direct) return ATT_OK;
    att_status status = move_classes(w, part, out, pool, e);
    mem_free(part);
    return status;
}

att_status prepare_replace_labels(
    const struct placed *w, uint8_t **classes, struct pool *pool, struct err *e)
{
    if (!prepare_moves(w)) return ATT_OK;
    uint8_t *out;
    TRY(MEM_BYTES(out, image_voxels(w->size), "labels on the network's grid", e));
    att_status status = prepare_labels(w, *classes, out, pool, e);
    mem_free(*classes);
    *classes = out;
    return status;
}

bool prepare_agree(const struct placed *a, const struct placed *b)
{
    return image_same_triple(a->whole, b->whole) && image_same_triple(a->crop.from, b->crop.from) &&
        image_same_triple(a->crop.size, b->crop.size) && image_same_triple(a->grid, b->grid) &&
        image_same_triple(a->shrink, b->shrink) && a->splines == b->splines &&
        a->thick_axis == b->thick_axis && a->thick_back == b->thick_back;
}

bool prepare_resamples(const struct placed *w)
{
    return !image_same_triple(w->crop.size, w->grid) || !image_same_triple(w->grid, w->size);
}

bool prepare_moves(const struct placed *w)
{
    return !image_same_triple(w->whole, w->crop.size) || prepare_resamples(w);
}

static struct resample_part from_grid(const struct placed *w)
{
    struct resample_part p = {.smooth = !w->splines, .thick_axis = w->thick_back};
    memcpy(p.in, w->grid, sizeof p.in);
    memcpy(p.out, w->crop.size, sizeof p.out);
    return p;
}

void prepare_back_needs(const struct placed *w, int axis, int from, int count, int *first, int *end)
{
    struct resample_part p = from_grid(w);
    resample_needs(&p, axis, from, count, first, end);
    if (!image_same_triple(w->size, w->grid))
        shrink_needs(w->grid[axis], w->shrink[axis], *first, *end - *first, first, end);
}

att_status prepare_back_part(const struct placed *w, const float *x, const struct box *have,
    float *y, const struct box *want, struct pool *pool, struct err *e)
{
    struct resample_part p = from_grid(w);
    struct box grid;
    if (image_same_triple(w->size, w->grid)) return resample_part(&p, x, have, y, want, pool, e);
    for (int i = 0; i < 3; i++) {
        int end;
        resample_needs(&p, i, want->from[i], want->size[i], &grid.from[i], &end);
        grid.size[i] = end - grid.from[i];
    }
    bool moved = !image_same_triple(w->grid, w->crop.size);
    float *between = moved ? grid_alloc(1, grid.size, e) : y;
    if (!between) return ATT_MEMORY;
    shrink_back_part(x, have, 1, w->grid, w->shrink, &grid, between, pool);
    if (!moved) return ATT_OK;
    att_status status = resample_part(&p, between, &grid, y, want, pool, e);
    mem_free(between);
    return status;
}

static att_status move_back(const struct placed *w, const float *x, int channels, float *y,
    struct pool *pool, struct err *e)
{
    const struct box have = box_whole(w->size), want = box_whole(w->crop.size);
    for (size_t c = 0; c < (size_t)channels; c++)
        TRY(prepare_back_part(
            w, x + c * box_voxels(&have), &have, y + c * box_voxels(&want), &want, pool, e));
    return ATT_OK;
}

att_status prepare_back(const struct placed *w, const float *x, int channels, const float *outside,
    float *y, struct pool *pool, struct err *e)
{
    size_t voxels = image_voxels(w->whole), crop = image_voxels(w->crop.size);
    if (image_same_triple(w->crop.size, w->whole)) return move_back(w, x, channels, y, pool, e);
    float *part;
    TRY(MEM_ARRAY(part, crop, "results on the image's grid", e));
    att_status status = ATT_OK;
    for (int c = 0; c < channels && status == ATT_OK; c++, y += voxels) {
        for (size_t i = 0; i < voxels; i++) y[i] = outside ? outside[c] : 0;
        status = move_back(w, x + (size_t)c * image_voxels(w->size), 1, part, pool, e);
        box_put(y, w->whole, sizeof *y, &w->crop, part);
    }
    mem_free(part);
    return status;
}
