/* SPDX-License-Identifier: Apache-2.0 */
/* A labelling as JSON in models. */
#include <string.h>

#include "dataset/labelling.h"

#include "base/json.h"
#include "files/json_file.h"
#include "image/objects.h"

static json_t *classes_to_json(const struct labelling *l)
{
    json_t *classes = json_array();
    for (int i = 0; i < l->count; i++)
        if (json_array_append_new(
                classes, json_pack("{s:s, s:i}", "name", l->name[i], "value", (int)l->value[i]))) {
            json_decref(classes);
            return NULL;
        }
    return classes;
}

static json_t *region_to_json(const struct labelling *l, int region)
{
    json_t *values = json_array();
    bool done = values != NULL;
    for (int i = 0; i < l->count && done; i++)
        if (class_set_has(l->region[region], i))
            done = json_array_append_new(values, json_integer(l->value[i])) == 0;
    if (done)
        return json_pack("{s:s, s:o, s:i}", "name", l->region_name[region], "values", values,
            "writes", (int)l->region_value[region]);
    json_decref(values);
    return NULL;
}

static json_t *regions_to_json(const struct labelling *l)
{
    json_t *regions = json_array();
    for (int i = 0; i < l->regions; i++)
        if (json_array_append_new(regions, region_to_json(l, i))) {
            json_decref(regions);
            return NULL;
        }
    return regions;
}

json_t *labelling_to_json(const struct labelling *l)
{
    json_t *j = json_object();
    bool done = json_object_set_new(j, "classes", classes_to_json(l)) == 0;
    if (l->ignore >= 0)
        done = done && json_object_set_new(j, "ignore", json_integer(l->ignore)) == 0;
    if (l->nonzero) done = done && json_object_set_new(j, "nonzero", json_true()) == 0;
    if (l->objects) done = done && json_object_set_new(j, "objects", json_true()) == 0;
    if (l->regions) done = done && json_object_set_new(j, "regions", regions_to_json(l)) == 0;
    if (done) return j;
    json_decref(j);
    return NULL;
}

static att_status labelling_json_keys(const json_t *j, const char *const *known, struct err *e)
{
    return json_check_keys(j, known, "the labels", ATT_MODEL, e);
}

static att_status labelling_json_wrong(struct err *e, const char *what)
{
    return err_model(
        e, "the model's labels cannot be used: %s; get a good copy of the model", what);
}

static bool labelling_json_read_value(const json_t *j, unsigned *value)
{
    json_int_t v = json_integer_value(j);
    *value = (unsigned)v;
    return json_is_integer(j) && v >= 0 && v <= UINT16_MAX;
}

/* False if not a text of valid length. */
static bool labelling_json_read_name(const json_t *j, const char **name)
{
    *name = json_string_value(j);
    return *name && strlen(*name) < LABELLING_NAME;
}

static att_status read_classes(const json_t *classes, struct labelling *l, struct err *e)
{
    static const char *const known[] = {"name", "value", NULL};
    size_t count = json_array_size(classes);
    if (count < 1 || count > LABELLING_MAX)
        return labelling_json_wrong(e, "there is no list of 1 to 254 classes");
    for (size_t i = 0; i < count; i++) {
        const json_t *j = json_array_get(classes, i);
        const char *name;
        unsigned value;
        TRY(labelling_json_keys(j, known, e));
        if (!labelling_json_read_name(json_object_get(j, "name"), &name))
            return labelling_json_wrong(e, "a class has no usable name");
        if (!labelling_json_read_value(json_object_get(j, "value"), &value))
            return labelling_json_wrong(e, "a class has no value from 0 to 65535");
        if (labelling_class(l, value) >= 0)
            return labelling_json_wrong(e, "two classes have the same value");
        labelling_add(l, value, name);
    }
    return ATT_OK;
}

static att_status read_region(const json_t *j, struct labelling *l, struct err *e)
{
    static const char *const known[] = {"name", "values", "writes", NULL};
    const json_t *values = json_object_get(j, "values");
    const char *name;
    unsigned value, k = (unsigned)l->regions;
    TRY(labelling_json_keys(j, known, e));
    if (!labelling_json_read_name(json_object_get(j, "name"), &name))
        return labelling_json_wrong(e, "a region has no usable name");
    for (size_t i = 0; i < json_array_size(values); i++) {
        int class = labelling_json_read_value(json_array_get(values, i), &value)
            ? labelling_class(l, value)
            : -1;
        if (class < 0 || class == LABELLING_IGNORE)
            return labelling_json_wrong(e, "a region contains a value that no class has");
        class_set_add(&l->region[k], class);
    }
    if (class_set_count(l->region[k]) == 0) return labelling_json_wrong(e, "a region is empty");
    if (!labelling_json_read_value(json_object_get(j, "writes"), &value))
        return labelling_json_wrong(e, "a region does not say which value it writes");
    l->region_value[k] = (uint16_t)value;
    strcpy(l->region_name[k], name);
    l->regions++;
    return ATT_OK;
}

static att_status labelling_json_read_all(const json_t *j, struct labelling *l, struct err *e)
{
    static const char *const known[] = {"classes", "ignore", "nonzero", "objects", "regions", NULL};
    unsigned ignore;
    const json_t *value = json_object_get(j, "ignore"), *regions = json_object_get(j, "regions");
    TRY(labelling_json_keys(j, known, e));
    const bool objects = json_flag(j, "objects"); /* whose values are numbers */
    TRY(read_classes(json_object_get(j, "classes"), l, e));
    if (value) {
        if (!labelling_json_read_value(value, &ignore) ||
            (objects ? !ignore : labelling_class(l, ignore) >= 0))
            return labelling_json_wrong(e, "the value to ignore is not valid");
        l->ignore = (int)ignore;
    }
    l->nonzero = json_flag(j, "nonzero");
    if (l->nonzero && (l->count != 2 || regions))
        return labelling_json_wrong(e, "masks of zero and non-zero must have two classes");
    l->objects = objects;
    if (l->objects && (l->count != OBJECT_CLASSES || regions || l->nonzero))
        return labelling_json_wrong(
            e, "objects must have three classes: background, inside, border");
    if (regions && (json_array_size(regions) < 1 || json_array_size(regions) > LABELLING_MAX))
        return labelling_json_wrong(e, "there is no list of 1 to 254 regions");
    for (size_t i = 0; i < json_array_size(regions); i++)
        TRY(read_region(json_array_get(regions, i), l, e));
    return ATT_OK;
}

att_status labelling_from_json(const json_t *j, struct labelling *l, struct err *e)
{
    *l = (struct labelling){.ignore = -1};
    att_status status = labelling_json_read_all(j, l, e);
    if (status != ATT_OK) *l = (struct labelling){.ignore = -1};
    return status;
}
