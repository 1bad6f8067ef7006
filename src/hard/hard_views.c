/* SPDX-License-Identifier: Apache-2.0 */
#include "hard/hard_views.h"

#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/rng.h"

/* Random streams. */
enum { CACHED_VIEWS, JOINT_VIEWS };

static void hard_views_change(const struct view_rules *r, struct rng *rng, struct view *v)
{
    for (int a = 0; a < 3; a++) {
        int max = v->size[a] / 4 < r->tile[a] - 1 ? v->size[a] / 4 : r->tile[a] - 1;
        v->mirror[a] = rng_below(rng, 2) && r->mirror[a];
        v->cut[a] = (int)rng_below(rng, (uint32_t)max + 1);
        v->size[a] -= v->cut[a];
    }
}

static void hard_views_whole(const struct view_rules *r, int chosen, struct view *v)
{
    memset(v, 0, sizeof *v);
    v->chosen = chosen;
    memcpy(v->size, r->cases[chosen].size, sizeof v->size);
}

void view_of(const struct view_rules *r, int64_t number, struct view *v)
{
    struct rng rng = rng_stream(r->seed, RNG_VIEW, CACHED_VIEWS, (uint32_t)number);
    hard_views_whole(r, (int)(number % r->count), v);
    if (number >= r->count) hard_views_change(r, &rng, v);
}

void view_draw(const struct view_rules *r, int64_t step, struct view *v)
{
    struct rng rng = rng_stream(r->seed, RNG_VIEW, JOINT_VIEWS, (uint32_t)step);
    hard_views_whole(r, (int)rng_below(&rng, (uint32_t)r->count), v);
    hard_views_change(r, &rng, v);
}

int64_t view_tiles(const struct view *v, const int tile[3])
{
    int64_t n = 1;
    for (int a = 0; a < 3; a++) n *= divide_up(v->size[a], tile[a]);
    return n;
}

/* ---- voxels */

size_t view_max(const struct view_rules *r)
{
    size_t max = 0;
    for (int k = 0; k < r->count; k++) {
        size_t voxels = image_voxels(r->cases[k].size);
        max = voxels > max ? voxels : max;
    }
    return max;
}

att_status view_image_create(const struct view_rules *r, struct view_image *i, struct err *e)
{
    const size_t max = view_max(r), channels = (size_t)r->cases[0].channels;
    memset(i, 0, sizeof *i);
    i->image.channels = r->cases[0].channels;
    i->image.data = mem_array(max, channels * sizeof *i->image.data);
    i->classes = mem_alloc(max);
    if (i->image.data && i->classes) return ATT_OK;
    view_image_free(i);
    return err_memory(e, max * (channels * sizeof *i->image.data + 1), "a view of a training case");
}

void view_image_free(struct view_image *i)
{
    image_free(&i->image);
    mem_free(i->classes);
    memset(i, 0, sizeof *i);
}

/* Position of the view's voxel 0 in the case along an axis, and the step to the next voxel. */
static int hard_views_start(const struct view *v, const struct prepared *p, int axis)
{
    return v->mirror[axis] ? p->size[axis] - 1 - v->cut[axis] : v->cut[axis];
}
static int direction(const struct view *v, int axis) { return v->mirror[axis] ? -1 : 1; }

/* Index, in the case, of the first voxel of row (d, h). */
static size_t hard_views_row_of(const struct view *v, const struct prepared *p, int d, int h)
{
    size_t z = (size_t)(hard_views_start(v, p, 0) + direction(v, 0) * d),
           y = (size_t)(hard_views_start(v, p, 1) + direction(v, 1) * h);
    return (z * (size_t)p->size[1] + y) * (size_t)p->size[2] + (size_t)hard_views_start(v, p, 2);
}

void view_show_labels(
    const struct view *v, const struct prepared *p, const uint8_t *labels, uint8_t *out)
{
    const ptrdiff_t step = direction(v, 2);
    for (int d = 0; d < v->size[0]; d++)
        for (int h = 0; h < v->size[1]; h++, out += v->size[2]) {
            const uint8_t *from = labels + hard_views_row_of(v, p, d, h);
            for (int w = 0; w < v->size[2]; w++) out[w] = from[w * step];
        }
}

void view_show(const struct view *v, const struct prepared *p, struct view_image *out)
{
    const size_t voxels = image_voxels(p->size), shown = image_voxels(v->size);
    const ptrdiff_t step = direction(v, 2);
    memcpy(out->image.size, v->size, sizeof v->size);
    memcpy(out->image.geometry.spacing, p->spacing, sizeof p->spacing);
    for (int d = 0; d < v->size[0]; d++)
        for (int h = 0; h < v->size[1]; h++) {
            size_t from = hard_views_row_of(v, p, d, h),
                   to = ((size_t)d * (size_t)v->size[1] + (size_t)h) * (size_t)v->size[2];
            for (int c = 0; c < p->channels; c++) {
                const float *x = p->image + (size_t)c * voxels + from;
                float *y = out->image.data + (size_t)c * shown + to;
                for (int w = 0; w < v->size[2]; w++) y[w] = x[w * step];
            }
        }
    view_show_labels(v, p, p->classes, out->classes);
}

void view_origin(const struct view *v, const struct prepared *p, const int first[3],
    const int window[3], int origin[3])
{
    for (int a = 0; a < 3; a++) {
        int begin = hard_views_start(v, p, a) + direction(v, a) * first[a];
        origin[a] = v->mirror[a] ? begin - window[a] + 1 : begin;
    }
}
