/* SPDX-License-Identifier: Apache-2.0 */
/* Planes of volumes are copied, voxel for pixel; an image of one slice is used as it is. */
#include "measure/overlay_view.h"

#include "base/mem.h"
#include "measure/shade.h"

static bool is_flat(const struct view *v) { return v->p->image->size[IMAGE_D] == 1; }
static size_t area_of(const struct view *v) { return (size_t)v->plane.v.pixels * (size_t)v->plane.u.pixels; }

static void copy_samples(const struct view *v, const float *from, float *to)
{
    for (int row = 0; row < v->plane.v.pixels; row++)
        for (int column = 0; column < v->plane.u.pixels; column++) *to++ = from[plane_voxel(&v->plane, row, column)];
}

static att_status copy_plane(struct view *v, struct err *e)
{
    const struct image *m = v->p->image;
    const size_t area = area_of(v), kinds = (size_t)(v->channels + v->p->result->nmaps);
    if (is_flat(v)) return ATT_OK;
    v->samples = mem_array(kinds * area, sizeof *v->samples);
    if (!v->samples) return err_memory(e, kinds * area * sizeof *v->samples, "an overlay");
    for (int c = 0; c < v->channels; c++) copy_samples(v, m->data + (size_t)c * image_voxels(m->size), v->samples + (size_t)c * area);
    for (int k = 0; k < v->p->result->nmaps; k++)
        copy_samples(v, v->p->result->maps[k].data, v->samples + (size_t)(v->channels + k) * area);
    return ATT_OK;
}

/* Any labels become 1..255, so that they differ where the file's do as far as bytes can. */
static uint8_t to_byte(unsigned value) { return value ? (uint8_t)(1 + (value - 1) % 255) : 0; }

static att_status take_classes(struct view *v, const struct labelmap *truth, struct err *e)
{
    const size_t area = area_of(v);
    const uint8_t *classes = v->p->result->classes;
    uint8_t *copy = v->labels = mem_array(2, area);
    if (!copy) return err_memory(e, 2 * area, "an overlay");
    for (int row = 0; row < v->plane.v.pixels; row++)
        for (int column = 0; column < v->plane.u.pixels; column++, copy++) {
            const size_t at = plane_voxel(&v->plane, row, column);
            v->seen[ *copy = classes[at]] = true;
            if (truth) copy[area] = to_byte(truth->data[at]);
        }
    v->classes = v->labels;
    v->truth = truth ? v->labels + area : NULL;
    return ATT_OK;
}

static att_status shade(struct view *v, struct err *e)
{
    struct image m = *v->p->image;
    const size_t bytes = (size_t)v->slice.rows * (size_t)v->slice.columns * 3;
    v->base = mem_alloc(bytes);
    if (!v->base) return err_memory(e, bytes, "an overlay");
    if (!is_flat(v)) {
        m.data = v->samples;
        m.size[IMAGE_D] = 1;
        m.size[IMAGE_H] = v->plane.v.pixels;
        m.size[IMAGE_W] = v->plane.u.pixels;
    }
    return shade_image(&v->slice, &m, 0, v->base, e);
}

att_status view_begin(struct view *v, const struct predicted *p, const struct plane *plane, int step, int factor,
                      const struct labelmap *truth, struct err *e)
{
    *v = (struct view){.p = p,
                       .plane = *plane,
                       .slice = slice_on_scale(plane->v.pixels, plane->u.pixels, step, factor),
                       .channels = shade_is_colour(p->image) ? 3 : 1};
    TRY(copy_plane(v, e));
    TRY(take_classes(v, truth, e));
    return shade(v, e);
}

void view_end(struct view *v)
{
    mem_free(v->base);
    mem_free(v->samples);
    mem_free(v->labels);
    *v = (struct view){.p = NULL};
}

const float *view_map(const struct view *v, int gate)
{
    return v->samples ? v->samples + (size_t)(v->channels + gate) * area_of(v) : v->p->result->maps[gate].data;
}

/* Its first and its last pixel and one, of a side that is drawn `length` long. */
static void span(const struct plane_axis *a, const struct box *tile, int length, int *begin, int *end)
{
    int from = tile->from[a->axis], to = from + tile->size[a->axis];
    if (a->turned) {
        int last = a->voxels - from;
        from = a->voxels - to;
        to = last;
    }
    *begin = (int)((int64_t)from * length / a->voxels);
    *end = (int)((int64_t)to * length / a->voxels);
}

bool view_tile(const struct view *v, const struct box *tile, int *left, int *top, int *right, int *bottom)
{
    const struct plane *p = &v->plane;
    if (p->index < tile->from[p->across] || p->index >= tile->from[p->across] + tile->size[p->across]) return false;
    span(&p->u, tile, v->slice.width, left, right);
    span(&p->v, tile, v->slice.height, top, bottom);
    return true;
}
