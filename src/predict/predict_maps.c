/* SPDX-License-Identifier: Apache-2.0 */
/* A map has the grid of the skip connection it scales: window size / stride. Windows are blended on
 * that grid; the whole map is interpolated once. */
#include "predict/predict_maps.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "image/resample.h"

static const char prefix[] = "attention.";

/* Or NULL. */
static const char *map_name(const struct graph_output *o)
{
    return strncmp(o->name, prefix, strlen(prefix)) == 0 ? o->name + strlen(prefix) : NULL;
}

att_status maps_list(const struct model *m, struct map_names *names, struct err *e)
{
    const int *k = m->facts.multiple,
              size[3] = {
                  k[0], k[1], 2 * k[2]}; /* small, but more than a pixel on the coarsest grid */
    struct graph g;
    int input;
    names->count = 0;
    graph_init(&g, (struct params *)(uintptr_t)&m->params, false); /* read-only */
    att_status status = model_build(m, &g, 1, size, &input, e);
    for (int i = 0; status == ATT_OK && i < g.noutputs; i++) {
        const char *name = map_name(&g.outputs[i]);
        if (name) snprintf(names->name[names->count++], sizeof *names->name, "%s", name);
    }
    graph_free(&g);
    return status;
}

static att_status begin_map(struct map_sum *s, const struct graph *g, const struct graph_output *o,
    const int size[3], const int window[3], double overlap, struct attention_map *map,
    struct err *e)
{
    struct shape v = g->values[o->value].s;
    const int cells[3] = {v.d, v.h, v.w};
    s->value = o->value;
    snprintf(map->name, sizeof map->name, "%s", map_name(o));
    for (int i = 0; i < 3; i++) {
        if (v.c != 1 || window[i] % cells[i])
            return err_model(e,
                "the map %s has %d channel%s and %dx%dx%d cells, which do not divide a window "
                "of %dx%dx%d",
                o->name, v.c, TEXT_S(v.c), cells[0], cells[1], cells[2], window[0], window[1],
                window[2]);
        s->stride[i] = window[i] / cells[i];
        TRY(window_axis_make(size[i], window[i], overlap, s->stride[i], &s->axis[i], e));
        map->own[i] = s->axis[i].size;
    }
    size_t voxels = image_voxels(map->own);
    return MEM_ARRAY(map->own_data, voxels, "an attention map", e);
}

att_status maps_begin(struct map_sums *s, const struct graph *g, const int size[3],
    const int window[3], double overlap, struct prediction *out, struct err *e)
{
    memset(s, 0, sizeof *s);
    TRY(MEM_ARRAY(out->maps, g->noutputs, "the attention maps", e));
    for (int i = 0; i < g->noutputs; i++) {
        if (!map_name(&g->outputs[i])) continue;
        out->nmaps++;
        TRY(begin_map(&s->list[s->count++], g, &g->outputs[i], size, window, overlap,
            &out->maps[out->nmaps - 1], e));
    }
    return ATT_OK;
}

void maps_add(const struct map_sums *s, const struct tensor *result, const int index[3],
    float share, struct prediction *out, struct pool *pool)
{
    for (int i = 0; i < s->count; i++) {
        struct box whole = box_whole(out->maps[i].own);
        window_add(s->list[i].axis, index, &result[i], share, &whole, out->maps[i].own_data, pool);
    }
}

/* own grid -> fine grid with padding -> without padding -> image. */
static att_status end_map(const struct map_sum *s, const struct placed *where, const int window[3],
    struct attention_map *map, struct pool *pool, struct err *e)
{
    int fine[3];
    struct box kept;
    for (int i = 0; i < 3; i++) {
        double scale = (double)where->crop.size[i] / where->grid[i] * where->shrink[i];
        fine[i] = map->own[i] * s->stride[i];
        kept.from[i] = s->stride[i] == 1 ? 0 : window_before(where->size[i], window[i]);
        kept.size[i] = where->size[i];
        map->step[i] = s->stride[i] * scale;
        map->start[i] = where->crop.from[i] + (0.5 * s->stride[i] - kept.from[i]) * scale - 0.5;
    }
    TRY(MEM_ARRAY(map->data, image_voxels(fine), "an attention map", e));
    TRY(resample_linear(map->own_data, 1, map->own, map->data, fine, pool, e));
    box_crop(map->data, 1, fine, &kept);
    if (!prepare_moves(where)) return ATT_OK;
    float *cropped = map->data;
    att_status status = MEM_ARRAY(map->data, image_voxels(where->whole), "an attention map", e);
    if (status == ATT_OK) status = prepare_back(where, cropped, 1, NULL, map->data, pool, e);
    mem_free(cropped);
    return status;
}

att_status maps_end(const struct map_sums *s, const struct placed *where, const int window[3],
    struct prediction *out, struct pool *pool, struct err *e)
{
    for (int i = 0; i < s->count; i++)
        TRY(end_map(&s->list[i], where, window, &out->maps[i], pool, e));
    return ATT_OK;
}

void maps_free(struct map_sums *s)
{
    for (int i = 0; i < s->count; i++)
        for (int axis = 0; axis < 3; axis++) window_axis_free(&s->list[i].axis[axis]);
    s->count = 0;
}
