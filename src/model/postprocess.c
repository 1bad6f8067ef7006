/* SPDX-License-Identifier: Apache-2.0 */
#include "model/postprocess.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "files/json_file.h"

bool postprocess_any(const struct postprocess *p)
{
    bool any = p->all_foreground || class_set_count(p->largest) > 0;
    for (int i = 0; i < LABELLING_MAX; i++) any = any || p->smallest[i] > 0;
    return any;
}

bool postprocess_same(const struct postprocess *a, const struct postprocess *b)
{
    return a->all_foreground == b->all_foreground && class_set_equal(a->largest, b->largest) &&
        !memcmp(a->smallest, b->smallest, sizeof a->smallest);
}

att_status postprocess_planes(const struct postprocess *p, const uint8_t class_of[256],
    const struct drop_planes *planes, double max, struct err *e)
{
    struct drop_rule all = {.largest = {[1] = true}}, each = {.group = {0}};
    bool any = false;
    for (int v = 0; v < 256; v++)
        all.group[v] = class_of[v] != 0 && class_of[v] != LABELLING_IGNORE;
    if (p->all_foreground) TRY(drop_components(planes, &all, max, e));
    for (int v = 0; v < 256; v++) {
        int c = class_of[v];
        if (c == 0 || c >= LABELLING_MAX || (!class_set_has(p->largest, c) && p->smallest[c] <= 0))
            continue;
        any = true;
        each.group[v] = (uint8_t)c;
        each.largest[c] = class_set_has(p->largest, c);
        each.smallest[c] = p->smallest[c];
    }
    return any ? drop_components(planes, &each, max, e) : ATT_OK;
}

att_status postprocess_apply(
    const struct postprocess *p, uint8_t *classes, const int size[3], struct err *e)
{
    struct drop_planes planes = {.size = {size[0], size[1], size[2]}, .data = classes};
    uint8_t class_of[256];
    for (int v = 0; v < 256; v++) class_of[v] = (uint8_t)v;
    return postprocess_planes(p, class_of, &planes, INFINITY, e);
}

json_t *postprocess_to_json(const struct postprocess *p, const struct labelling *l)
{
    json_t *classes = json_array(), *j = json_object();
    for (int i = 1; i < l->count; i++) {
        bool largest = class_set_has(p->largest, i);
        if (!largest && p->smallest[i] <= 0) continue;
        json_t *one = json_pack("{s:i, s:o}", "class", l->value[i], "name", json_utf8(l->name[i]));
        if (largest) json_set_flag(one, "largest", true);
        if (p->smallest[i] > 0) json_set_int(one, "smallest", p->smallest[i]);
        json_array_append_new(classes, one);
    }
    if (p->all_foreground) json_set_flag(j, "all_foreground", true);
    json_object_set_new(j, "classes", classes);
    return j;
}

static att_status postprocess_bad(const char *path, const char *what, struct err *e)
{
    return err_model(e, "%s: the post-processing is damaged: %s", path, what);
}

static att_status postprocess_read_class(const json_t *j, const struct labelling *l,
    const char *path, struct postprocess *p, struct err *e)
{
    const json_t *value = json_object_get(j, "class"), *largest = json_object_get(j, "largest"),
                 *smallest = json_object_get(j, "smallest");
    static const char *const known[] = {"class", "name", "largest", "smallest", NULL};
    int class = -1;
    TRY(json_check_keys(j, known, path, ATT_MODEL, e));
    for (int i = 1; i < l->count && json_is_integer(value); i++)
        if (l->value[i] == json_integer_value(value)) class = i;
    if (!json_is_integer(value)) return postprocess_bad(path, "\"class\" must be a number", e);
    if (class < 0)
        return err_model(e,
            "%s: the post-processing names class %lld, which this model does not predict; use "
            "one made for this model",
            path, (long long)json_integer_value(value));
    if ((largest && !json_is_boolean(largest)) ||
        (smallest && (!json_is_integer(smallest) || json_integer_value(smallest) < 0)))
        return postprocess_bad(
            path, "\"largest\" must be true or false, \"smallest\" a number of voxels", e);
    if (json_is_true(largest)) class_set_add(&p->largest, class);
    p->smallest[class] = json_integer_value(smallest);
    return ATT_OK;
}

att_status postprocess_from_json(const json_t *j, const struct labelling *l, const char *path,
    struct postprocess *p, struct err *e)
{
    const json_t *all = json_object_get(j, "all_foreground"),
                 *classes = json_object_get(j, "classes");
    /* and what choose_post reports */
    static const char *const known[] = {
        "all_foreground", "classes", "cases", "dice", "tried", NULL};
    *p = (struct postprocess){0};
    if (!json_is_object(j) || (!all && !classes) || (all && !json_is_boolean(all)) ||
        (classes && !json_is_array(classes)))
        return postprocess_bad(
            path, "it must be {\"all_foreground\": true or false, \"classes\": [...]}", e);
    TRY(json_check_keys(j, known, path, ATT_MODEL, e));
    p->all_foreground = json_is_true(all);
    for (size_t i = 0; i < json_array_size(classes); i++)
        TRY(postprocess_read_class(json_array_get(classes, i), l, path, p, e));
    return ATT_OK;
}

att_status postprocess_read(
    const char *path, const struct labelling *l, struct postprocess *p, struct err *e)
{
    json_t *j;
    TRY(json_file_read_as(path, ATT_MODEL, &j, e));
    att_status status = postprocess_from_json(j, l, path, p, e);
    json_decref(j);
    return status;
}
