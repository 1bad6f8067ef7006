/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_tiles.h"

#include "base/json.h"
#include "base/mem.h"
#include "image/orient.h"

json_t *tiles_row(const struct prediction *r)
{
    const struct tile_report *t = r->tiles;
    return json_pack("{s:i, s:i, s:i, s:f, s:f, s:f, s:I}", "count", t->count, "of",
        t->tiling.count, "windows", r->windows, "share_of_dense", t->macs / t->dense,
        "multiply_adds", t->macs, "dense_multiply_adds", t->dense, "peak_bytes",
        (json_int_t)t->peak);
}

json_t *tiles_document(const struct prediction *r, const char *name)
{
    const struct tile_report *t = r->tiles;
    const struct turning *turned = &r->labels.geometry.turned; /* boxes refer to the file's axes */
    json_t *list = json_array(), *j = tiles_row(r);
    int size[3];
    turn_triple_back(turned, r->labels.size, size);
    for (int i = 0; i < t->count; i++) {
        const struct chosen_tile *l = &t->list[i];
        struct box box;
        turn_box_back(turned, r->labels.size, &l->box, &box);
        json_array_append_new(list,
            json_pack("{s:i, s:i, s:o, s:o, s:f}", "order", i + 1, "tile", l->tile, "from",
                json_triple(box.from), "size", json_triple(box.size), "score", l->score));
    }
    json_set_text(j, "case", name);
    json_object_set_new(j, "size", json_triple(size));
    json_object_set_new(j, "tile", json_triple(t->tiling.tile));
    json_object_set_new(j, "halo", json_triple(t->tiling.halo));
    json_object_set_new(j, "grid", json_triple(t->tiling.grid));
    json_object_set_new(j, "seconds", json_rounded(r->seconds));
    json_object_set_new(j, "tiles", list);
    return j;
}

/* Where boxes overlap on the image's grid, the earlier one wins. */
att_status tiles_mask(const struct prediction *r, struct labelmap *m, struct err *e)
{
    const int *size = r->labels.size;
    size_t voxels = image_voxels(size);
    *m = (struct labelmap){.size = {size[0], size[1], size[2]}, .geometry = r->labels.geometry};
    TRY(MEM_ARRAY(m->data, voxels, "the mask of the tiles", e));
    for (int i = r->tiles->count - 1; i >= 0; i--) {
        const struct box *b = &r->tiles->list[i].box;
        uint16_t order = (uint16_t)(i < UINT16_MAX ? i + 1 : UINT16_MAX);
        for (int d = 0; d < b->size[0]; d++)
            for (int h = 0; h < b->size[1]; h++) {
                uint16_t *row = m->data + box_row(b, size, d, h);
                for (int w = 0; w < b->size[2]; w++) row[w] = order;
            }
    }
    return ATT_OK;
}
