/* SPDX-License-Identifier: Apache-2.0 */
/* Copies planes of volumes; uses an image of one slice in place. */
#include "report/view.h"

#include "base/mem.h"
#include "draw/shade.h"

static bool is_flat(const struct view *v) { return v->from->image->size[IMAGE_D] == 1; }
static size_t view_area_of(const struct view *v)
{
    return (size_t)v->plane.v.pixels * (size_t)v->plane.u.pixels;
}

static void view_copy_samples(const struct view *v, const float *from, float *to)
{
    for (int row = 0; row < v->plane.v.pixels; row++)
        for (int column = 0; column < v->plane.u.pixels; column++)
            *to++ = from[plane_voxel(&v->plane, row, column)];
}

static att_status copy_plane(struct view *v, struct err *e)
{
    const struct view_source *from = v->from;
    const size_t area = view_area_of(v), kinds = (size_t)(v->channels + from->nmaps),
                 voxels = image_voxels(from->image->size);
    if (is_flat(v)) return ATT_OK;
    TRY(MEM_ARRAY(v->samples, kinds * area, "a picture", e));
    for (int c = 0; c < v->channels; c++)
        view_copy_samples(v, from->image->data + (size_t)c * voxels, v->samples + (size_t)c * area);
    for (int k = 0; k < from->nmaps; k++)
        view_copy_samples(v, from->maps[k].data, v->samples + (size_t)(v->channels + k) * area);
    return ATT_OK;
}

static const uint8_t *copy_labels(const struct view *v, const uint8_t *from, uint8_t *to)
{
    const uint8_t *first = to;
    for (int row = 0; row < v->plane.v.pixels; row++)
        for (int column = 0; column < v->plane.u.pixels; column++)
            *to++ = from[plane_voxel(&v->plane, row, column)];
    return first;
}

static att_status view_take_labels(struct view *v, struct err *e)
{
    const size_t area = view_area_of(v);
    v->classes = v->from->classes;
    v->truth = v->from->truth;
    if (is_flat(v)) return ATT_OK;
    v->labels = mem_array(2, area);
    if (!v->labels) return err_memory(e, 2 * area, "a picture");
    v->classes = copy_labels(v, v->from->classes, v->labels);
    if (v->from->truth) v->truth = copy_labels(v, v->from->truth, v->labels + area);
    return ATT_OK;
}

static att_status view_shade(struct view *v, struct err *e)
{
    struct image m = *v->from->image;
    const size_t bytes = (size_t)v->slice.rows * (size_t)v->slice.columns * 3;
    if (!m.data) return ATT_OK;
    TRY(MEM_BYTES(v->base, bytes, "a picture", e));
    if (!is_flat(v)) {
        m.data = v->samples;
        m.size[IMAGE_D] = 1;
        m.size[IMAGE_H] = v->plane.v.pixels;
        m.size[IMAGE_W] = v->plane.u.pixels;
    }
    return shade_image(&v->slice, &m, 0, v->base, e);
}

att_status view_begin(struct view *v, const struct view_source *from, const struct plane *plane,
    int step, int factor, struct err *e)
{
    *v = (struct view){.from = from,
        .plane = *plane,
        .slice = slice_on_scale(plane->v.pixels, plane->u.pixels, step, factor),
        .channels = !from->image->data     ? 0
            : shade_is_colour(from->image) ? 3
                                           : 1};
    TRY(copy_plane(v, e));
    TRY(view_take_labels(v, e));
    return view_shade(v, e);
}

void view_end(struct view *v)
{
    mem_free(v->base);
    mem_free(v->samples);
    mem_free(v->labels);
    *v = (struct view){.from = NULL};
}

void view_classes(const struct view *v, const uint8_t *of, bool seen[256])
{
    for (size_t i = 0; i < view_area_of(v); i++) seen[of[i]] = true;
}

const float *view_map(const struct view *v, int gate)
{
    return v->samples ? v->samples + (size_t)(v->channels + gate) * view_area_of(v)
                      : v->from->maps[gate].data;
}

/* First pixel of the box and one past its last, on a side `length` long. */
static void span(const struct plane_axis *a, const struct box *b, int length, int *begin, int *end)
{
    int from = b->from[a->axis], to = from + b->size[a->axis];
    if (a->turned) {
        int last = a->voxels - from;
        from = a->voxels - to;
        to = last;
    }
    *begin = (int)((int64_t)from * length / a->voxels);
    *end = (int)((int64_t)to * length / a->voxels);
}

bool view_box(
    const struct view *v, const struct box *b, int *left, int *top, int *right, int *bottom)
{
    const struct plane *p = &v->plane;
    if (p->index < b->from[p->across] || p->index >= b->from[p->across] + b->size[p->across])
        return false;
    span(&p->u, b, v->slice.width, left, right);
    span(&p->v, b, v->slice.height, top, bottom);
    return true;
}
