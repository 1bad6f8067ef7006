/* SPDX-License-Identifier: Apache-2.0 */
/* Components of a mask, the rule that drops some, and its JSON. */
#include "model/postprocess.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "image/box.h"
#include "image/components.h"

enum { ANY = -1 }; /* in place of a class: all foreground */

/* One mask within its box, and its components. */
struct parts {
    struct box box;
    uint8_t *mask;  /* [box] */
    int32_t *label; /* [box] */
    int64_t *voxels;
    int count;
};

static void parts_free(struct parts *p)
{
    mem_free(p->mask);
    mem_free(p->label);
    mem_free(p->voxels);
}

static bool belongs(uint8_t class, int wanted) { return wanted == ANY ? class != 0 && class != LABELLING_IGNORE : class == wanted; }

/* The mask of a class, cut to its box; false when there is no voxel of it. `mask` has room for all of the image. */
static bool cut(const uint8_t *classes, const int size[3], int wanted, uint8_t *mask, struct box *b)
{
    size_t voxels = image_voxels(size), k = 0;
    for (size_t i = 0; i < voxels; i++) mask[i] = belongs(classes[i], wanted);
    if (!box_find(mask, size, b)) return false;
    for (int d = 0; d < b->size[0]; d++)
        for (int h = 0; h < b->size[1]; h++, k += (size_t)b->size[2]) memmove(mask + k, mask + box_row(b, size, d, h), (size_t)b->size[2]);
    return true;
}

static att_status find_parts(const uint8_t *classes, const int size[3], int wanted, struct parts *p, struct err *e)
{
    size_t voxels = image_voxels(size);
    p->mask = mem_alloc(voxels);
    if (!p->mask) return err_memory(e, voxels, "connected components");
    if (!cut(classes, size, wanted, p->mask, &p->box)) return ATT_OK;
    p->label = mem_array(box_voxels(&p->box), sizeof *p->label);
    if (!p->label) return err_memory(e, box_voxels(&p->box) * sizeof *p->label, "connected components");
    TRY(components_label(p->mask, p->box.size, p->label, &p->count, e));
    p->voxels = mem_array((size_t)p->count, sizeof *p->voxels);
    if (!p->voxels) return err_memory(e, (size_t)p->count * sizeof *p->voxels, "connected components");
    components_sizes(p->label, box_voxels(&p->box), p->count, p->voxels);
    return ATT_OK;
}

/* Turns voxels of components that go into background. */
static void drop(const struct parts *p, bool only_largest, int64_t smallest, const int size[3], uint8_t *classes)
{
    int best = 0;
    for (int i = 1; i < p->count; i++)
        if (p->voxels[i] > p->voxels[best]) best = i;
    const int32_t *label = p->label;
    for (int d = 0; d < p->box.size[0]; d++)
        for (int h = 0; h < p->box.size[1]; h++) {
            uint8_t *row = classes + box_row(&p->box, size, d, h);
            for (int w = 0; w < p->box.size[2]; w++, label++)
                if (*label && ((only_largest && *label - 1 != best) || p->voxels[*label - 1] < smallest)) row[w] = 0;
        }
}

static att_status apply(uint8_t *classes, const int size[3], int wanted, bool only_largest, int64_t smallest, struct err *e)
{
    struct parts p = {.count = 0};
    att_status status = find_parts(classes, size, wanted, &p, e);
    if (status == ATT_OK && p.count > 0) drop(&p, only_largest, smallest, size, classes);
    parts_free(&p);
    return status;
}

bool postprocess_any(const struct postprocess *p)
{
    bool any = p->all_foreground || p->largest != 0;
    for (int i = 0; i < LABELLING_MAX; i++) any = any || p->smallest[i] > 0;
    return any;
}

att_status postprocess_apply(const struct postprocess *p, uint8_t *classes, const int size[3], struct err *e)
{
    if (p->all_foreground) TRY(apply(classes, size, ANY, true, 0, e));
    for (int i = 1; i < LABELLING_MAX; i++) {
        bool only_largest = p->largest >> i & 1;
        if (only_largest || p->smallest[i] > 0) TRY(apply(classes, size, i, only_largest, p->smallest[i], e));
    }
    return ATT_OK;
}

att_status postprocess_values(const struct postprocess *p, const struct labelling *l, struct labelmap *m, struct err *e)
{
    size_t voxels = image_voxels(m->size);
    if (!postprocess_any(p)) return ATT_OK;
    uint8_t *classes = mem_alloc(voxels);
    if (!classes) return err_memory(e, voxels, "post-processing");
    att_status status = labelling_encode(l, m, "the prediction", classes, e);
    if (status == ATT_OK) status = postprocess_apply(p, classes, m->size, e);
    for (size_t i = 0; status == ATT_OK && i < voxels; i++)
        if (classes[i] == 0) m->data[i] = l->value[0];
    mem_free(classes);
    return status;
}

/* ---- JSON */

json_t *postprocess_to_json(const struct postprocess *p, const struct labelling *l)
{
    json_t *classes = json_array(), *j = json_object();
    for (int i = 1; i < l->count; i++) {
        bool largest = p->largest >> i & 1;
        if (!largest && p->smallest[i] <= 0) continue;
        json_t *one = json_pack("{s:i, s:o}", "class", l->value[i], "name", json_utf8(l->name[i]));
        if (largest) json_object_set_new(one, "largest", json_true());
        if (p->smallest[i] > 0) json_object_set_new(one, "smallest", json_integer(p->smallest[i]));
        json_array_append_new(classes, one);
    }
    if (p->all_foreground) json_object_set_new(j, "all_foreground", json_true());
    json_object_set_new(j, "classes", classes);
    return j;
}

static att_status bad(const char *path, const char *what, struct err *e)
{
    return err_set(e, ATT_MODEL, "%s: the post-processing is damaged: %s", path, what);
}

static att_status read_class(const json_t *j, const struct labelling *l, const char *path, struct postprocess *p, struct err *e)
{
    const json_t *value = json_object_get(j, "class"), *largest = json_object_get(j, "largest"), *smallest = json_object_get(j, "smallest");
    int class = -1;
    for (int i = 1; i < l->count && json_is_integer(value); i++)
        if (l->value[i] == json_integer_value(value)) class = i;
    if (class < 0) return bad(path, "it names a class that the labels do not have", e);
    if ((largest && !json_is_boolean(largest)) || (smallest && (!json_is_integer(smallest) || json_integer_value(smallest) < 0)))
        return bad(path, "\"largest\" is true or false, \"smallest\" a number of voxels", e);
    if (json_is_true(largest)) p->largest |= UINT64_C(1) << class;
    p->smallest[class] = json_integer_value(smallest);
    return ATT_OK;
}

att_status postprocess_from_json(const json_t *j, const struct labelling *l, const char *path, struct postprocess *p, struct err *e)
{
    const json_t *all = json_object_get(j, "all_foreground"), *classes = json_object_get(j, "classes");
    *p = (struct postprocess){0};
    if (!json_is_object(j) || (all && !json_is_boolean(all)) || (classes && !json_is_array(classes)))
        return bad(path, "it is {\"all_foreground\": true or false, \"classes\": [...]}", e);
    p->all_foreground = json_is_true(all);
    for (size_t i = 0; i < json_array_size(classes); i++) TRY(read_class(json_array_get(classes, i), l, path, p, e));
    return ATT_OK;
}
