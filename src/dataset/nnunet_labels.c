/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of an nnU-Net dataset.json: name -> value, or -> list of values (a region), with
 * regions_class_order; and the Decathlon's value -> name. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout.h"

/* An entry of "labels": its name and one or more values. */
struct entry {
    const char *name, *key;
    const json_t *value;
    int count;
};

static int entry_value(const struct entry *x, int index)
{
    const json_t *v = json_is_array(x->value) ? json_array_get(x->value, (size_t)index) : x->value;
    if (json_is_integer(v))
        return json_integer_value(v) >= 0 && json_integer_value(v) <= UINT16_MAX
            ? (int)json_integer_value(v)
            : -1;
    if (!json_is_string(v) || json_is_array(x->value)) return -1;
    char *end;
    errno = 0;
    long old = strtol(x->key, &end, 10); /* "1": "liver" */
    return end != x->key && !*end && errno == 0 && old >= 0 && old <= UINT16_MAX ? (int)old : -1;
}

static bool is_ignore(const struct entry *x) { return strcmp(x->name, "ignore") == 0; }

static att_status nnunet_labels_read_entry(
    const char *key, const json_t *value, const char *path, struct entry *x, struct err *e)
{
    *x = (struct entry){json_is_string(value) ? json_string_value(value) : key, key, value, 1};
    if (json_is_array(value))
        x->count = json_array_size(value) > LABELLING_MAX ? 0 : (int)json_array_size(value);
    if (strlen(x->name) >= LABELLING_NAME)
        return err_data(e, "%s: the label name '%.80s' is too long; shorten it to %d bytes", path,
            x->name, LABELLING_NAME - 1);
    if (text_equals(x->name, "ignore") && !is_ignore(x))
        return err_data(e,
            "%s: the label '%s' would be a class; call it \"ignore\" if its voxels are to be "
            "ignored, else give it another name",
            path, x->name);
    bool good = x->count > 0;
    for (int i = 0; i < x->count && good; i++) good = entry_value(x, i) >= 0;
    if (good) return ATT_OK;
    return err_data(e,
        "%s: the label '%.80s' needs a whole number from 0 to 65535, or a list of up to %d of them",
        path, key, LABELLING_MAX);
}

static bool is_background(const struct entry *x)
{
    for (int i = 0; i < x->count; i++)
        if (entry_value(x, i) != 0) return false;
    return true;
}

/* The entry of this single value, or NULL. */
static const struct entry *find_single(const struct entry *x, int count, int value)
{
    for (int k = 0; k < count; k++)
        if (!is_ignore(&x[k]) && x[k].count == 1 && entry_value(&x[k], 0) == value) return &x[k];
    return NULL;
}

static void nnunet_labels_add_class(
    const struct entry *x, int count, unsigned value, struct labelling *l)
{
    char other[LABELLING_NAME];
    const struct entry *single = find_single(x, count, (int)value);
    snprintf(other, sizeof other, "label %u", value);
    labelling_add(l, value, single ? single->name : other);
}

/* Of a value of its own: 1 where no mask has a 0. */
static bool has_background(const struct entry *x, int count)
{
    int k = 0;
    while (k < count && strcmp(x[k].name, "background") != 0) k++;
    return k < count && x[k].count == 1;
}

/* All values but ignore become classes in ascending order, after the background, which is not 0
 * where masks are inverted. */
static void nnunet_labels_add_classes(
    const struct entry *x, int count, const struct values *v, struct labelling *l)
{
    unsigned background = 0;
    for (int k = 0; k < count; k++)
        if (strcmp(x[k].name, "background") == 0) background = (unsigned)entry_value(&x[k], 0);
    nnunet_labels_add_class(x, count, background, l);
    for (unsigned value = 0; value < VALUES; value++)
        if (values_have(v, value) && value != background)
            nnunet_labels_add_class(x, count, value, l);
}

static att_status nnunet_labels_use_values(
    const struct entry *x, int count, const char *path, struct labelling *l, struct err *e)
{
    struct values v = {0};
    int ignore = -1, highest = 0;
    for (int k = 0; k < count; k++) {
        if (is_ignore(&x[k])) ignore = entry_value(&x[k], 0);
        for (int i = 0; i < x[k].count && !is_ignore(&x[k]); i++) {
            int value = entry_value(&x[k], i);
            values_add(&v, (unsigned)value);
            if (value > highest) highest = value;
        }
    }
    if (!values_have(&v, 0) && !has_background(x, count))
        return err_data(
            e, "%s: no label has the value 0; declare \"background\": 0 under \"labels\"", path);
    if (values_count(&v) == 1)
        return err_data(e,
            "%s: there is no label but the background; declare the objects to find under "
            "\"labels\"",
            path);
    if (ignore >= 0 && ignore <= highest)
        return err_data(e,
            "%s: the label \"ignore\" has the value %d, but must have the highest; give it a value "
            "above %d",
            path, ignore, highest);
    if (values_count(&v) > LABELLING_MAX)
        return err_data(e,
            "%s: it declares %d labels, but a network has at most %d classes with background; "
            "merge some",
            path, values_count(&v), LABELLING_MAX);
    nnunet_labels_add_classes(x, count, &v, l);
    l->ignore = ignore;
    return ATT_OK;
}

static att_status add_region(const struct entry *x, const json_t *writes, const char *path,
    struct labelling *l, struct err *e)
{
    int k = l->regions;
    if (k == LABELLING_MAX)
        return err_data(e, "%s: there are more than %d regions; remove some", path, LABELLING_MAX);
    json_int_t value = json_integer_value(writes);
    int class = json_is_integer(writes) && value >= 0 && value <= UINT16_MAX
        ? labelling_class(l, (unsigned)value)
        : -1;
    if (class < 0 || class == LABELLING_IGNORE)
        return err_data(e,
            "%s: entry %d of \"regions_class_order\" is not the value of a label; name a "
            "declared value",
            path, k);
    for (int i = 0; i < x->count; i++)
        class_set_add(&l->region[k], labelling_class(l, (unsigned)entry_value(x, i)));
    strcpy(l->region_name[k], x->name);
    l->region_value[k] = (uint16_t)value;
    l->regions++;
    return ATT_OK;
}

/* Channel k is the k-th entry other than background and ignore, and writes entry k of
 * regions_class_order. */
static att_status add_regions(const struct entry *x, int count, const json_t *order,
    const char *path, struct labelling *l, struct err *e)
{
    int regions = 0;
    for (int k = 0; k < count; k++) regions += !is_ignore(&x[k]) && !is_background(&x[k]);
    if (json_array_size(order) != (size_t)regions)
        return err_data(e,
            "%s: \"labels\" declares %d region%s, so \"regions_class_order\" must list %d "
            "value%s, one for each in that order",
            path, regions, TEXT_S(regions), regions, TEXT_S(regions));
    for (int k = 0; k < count; k++)
        if (!is_ignore(&x[k]) && !is_background(&x[k]))
            TRY(add_region(&x[k], json_array_get(order, (size_t)l->regions), path, l, e));
    return ATT_OK;
}

static att_status check_entries(
    const struct entry *x, int count, bool regions, const char *path, struct err *e)
{
    for (int k = 0; k < count; k++) {
        if (strcmp(x[k].name, "background") == 0 && !is_background(&x[k]) &&
            (regions || x[k].count != 1))
            return err_data(e, "%s: beside regions, \"background\" must have the value 0", path);
        if (is_ignore(&x[k]) && x[k].count != 1)
            return err_data(
                e, "%s: the label \"ignore\" must be one whole number, not a list", path);
        const struct entry *same =
            regions || is_ignore(&x[k]) ? &x[k] : find_single(x, count, entry_value(&x[k], 0));
        if (same != &x[k])
            return err_data(e,
                "%s: the labels '%.80s' and '%.80s' have the same value, %d; give each its own",
                path, same->name, x[k].name, entry_value(same, 0));
    }
    return ATT_OK;
}

static att_status use_entries(const struct entry *x, int count, const json_t *root,
    const char *path, struct labelling *l, struct err *e)
{
    bool regions = false;
    for (int k = 0; k < count; k++) regions |= x[k].count > 1;
    TRY(check_entries(x, count, regions, path, e));
    TRY(nnunet_labels_use_values(x, count, path, l, e));
    return regions ? add_regions(x, count, json_object_get(root, "regions_class_order"), path, l, e)
                   : ATT_OK;
}

att_status nnunet_labels(const json_t *root, const char *path, struct labelling *l, struct err *e)
{
    json_t *labels = json_object_get(root, "labels");
    size_t size = json_object_size(labels);
    int count = 0;
    if (size == 0 || size > 2 * LABELLING_MAX)
        return err_data(e,
            "%s: \"labels\" must list up to %d names with their values; see nnU-Net's "
            "description of dataset.json",
            path, LABELLING_MAX);
    struct entry *x;
    TRY(MEM_ARRAY(x, size, "the labels of dataset.json", e));
    att_status status = ATT_OK;
    for (void *i = json_object_iter(labels); i && status == ATT_OK;
         i = json_object_iter_next(labels, i), count++)
        status = nnunet_labels_read_entry(
            json_object_iter_key(i), json_object_iter_value(i), path, &x[count], e);
    if (status == ATT_OK) status = use_entries(x, count, root, path, l, e);
    mem_free(x);
    return status;
}
