/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that drop components of a mask, and their JSON. */
#include "model/postprocess.h"

#include <string.h>

#include "base/json.h"
#include "image/parts.h"

/* Turns voxels of components that go into background. */
static void drop(const struct parts *p, bool only_largest, int64_t smallest, const int size[3], uint8_t *classes)
{
    const int best = parts_largest(p);
    const int32_t *label = p->label;
    for (int d = 0; d < p->box.size[0]; d++)
        for (int h = 0; h < p->box.size[1]; h++) {
            uint8_t *row = classes + box_row(&p->box, size, d, h);
            for (int w = 0; w < p->box.size[2]; w++, label++)
                if (*label && ((only_largest && *label - 1 != best) || p->voxels[*label - 1] < smallest)) row[w] = 0;
        }
}

static att_status apply(uint8_t *classes, const int size[3], const bool member[256], bool only_largest, int64_t smallest, struct err *e)
{
    struct parts p;
    TRY(parts_find(classes, size, member, &p, e));
    drop(&p, only_largest, smallest, size, classes);
    parts_free(&p);
    return ATT_OK;
}

bool postprocess_any(const struct postprocess *p)
{
    bool any = p->all_foreground || class_set_count(p->largest) > 0;
    for (int i = 0; i < LABELLING_MAX; i++) any = any || p->smallest[i] > 0;
    return any;
}

att_status postprocess_apply(const struct postprocess *p, uint8_t *classes, const int size[3], struct err *e)
{
    bool member[256];
    for (int i = 0; i < 256; i++) member[i] = i != 0 && i != LABELLING_IGNORE;
    if (p->all_foreground) TRY(apply(classes, size, member, true, 0, e));
    for (int i = 1; i < LABELLING_MAX; i++) {
        bool only_largest = class_set_has(p->largest, i);
        if (!only_largest && p->smallest[i] <= 0) continue;
        memset(member, 0, sizeof member);
        member[i] = true;
        TRY(apply(classes, size, member, only_largest, p->smallest[i], e));
    }
    return ATT_OK;
}

/* ---- JSON */

json_t *postprocess_to_json(const struct postprocess *p, const struct labelling *l)
{
    json_t *classes = json_array(), *j = json_object();
    for (int i = 1; i < l->count; i++) {
        bool largest = class_set_has(p->largest, i);
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
    if (json_is_true(largest)) class_set_add(&p->largest, class);
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
