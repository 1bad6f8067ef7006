/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/labelling.h"

#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/format.h"
#include "image/objects.h"

int labelling_channels(const struct labelling *l) { return l->regions ? l->regions : l->count; }

int labelling_targets(const struct labelling *l) { return l->regions ? l->regions : l->count - 1; }

const char *labelling_target_name(const struct labelling *l, int k)
{
    return l->regions ? l->region_name[k] : l->name[k + 1];
}

struct class_set labelling_target_set(const struct labelling *l, int k)
{
    return l->regions ? l->region[k] : class_set_of(k + 1);
}

int labelling_class(const struct labelling *l, unsigned value)
{
    if (l->ignore >= 0 && value == (unsigned)l->ignore) return LABELLING_IGNORE;
    if (l->nonzero || l->objects) return value != l->value[0];
    for (int i = 0; i < l->count; i++)
        if (l->value[i] == value) return i;
    return -1;
}

att_status labelling_check(const struct labelling *l, const char *path, struct err *e)
{
    for (int i = 1; i < l->count; i++)
        for (int k = 0; k < i; k++)
            if (l->value[k] == l->value[i])
                return err_data(e,
                    "%s: the classes '%s' and '%s' have the same value, %d; give each its own in a "
                    "dataset.json",
                    path, l->name[k], l->name[i], l->value[i]);
    return ATT_OK;
}

void labelling_add(struct labelling *l, unsigned value, const char *name)
{
    l->value[l->count] = (uint16_t)value;
    strcpy(l->name[l->count++], name);
}

const char *labelling_values(const struct labelling *l, char *text, size_t size)
{
    enum { SHOWN = 16 };
    const int shown = min_int(l->count, SHOWN), more = l->count - shown;
    const int last = more || l->ignore >= 0 ? shown : shown - 1;
    *text = 0;
    for (int i = 0; i < shown; i++) {
        const char *before = i == 0 ? "" : i == last ? " and " : ", ";
        text_append(text, size, "%s%d", before, l->value[i]);
    }
    if (more) text_append(text, size, "%s%d more", l->ignore >= 0 ? ", " : " and ", more);
    if (l->ignore >= 0) text_append(text, size, " and %d (ignore)", l->ignore);
    return text;
}

static att_status undeclared(
    const struct labelling *l, const struct labelmap *m, size_t at, const char *path, struct err *e)
{
    char values[LABELLING_TEXT], place[IMAGE_PLACE_TEXT];
    return err_data(e,
        "%s: voxel %s has the label value %d, which is none of %s; correct the label or declare "
        "the value in dataset.json",
        path, image_place(m->size, at, place), m->data[at],
        labelling_values(l, values, sizeof values));
}

void labelling_of_objects(struct labelling *l)
{
    *l = (struct labelling){.ignore = l->ignore, .objects = true};
    labelling_add(l, OBJECT_NONE, "background");
    labelling_add(l, OBJECT_INSIDE, "inside");
    labelling_add(l, OBJECT_BORDER, "border");
}

void labelling_of_foreground(unsigned value, struct labelling *l)
{
    *l = (struct labelling){.ignore = l->ignore, .nonzero = true};
    labelling_add(l, 0, "background");
    labelling_add(l, value, "foreground");
}

/* Whether all values but 0 are the same. */
static bool has_one_value(const uint16_t *x, size_t voxels)
{
    unsigned value = 0;
    for (size_t i = 0; i < voxels; i++) {
        if (x[i] && value && x[i] != value) return false;
        if (x[i]) value = x[i];
    }
    return true;
}

static att_status number_pieces(
    const int size[3], uint16_t *number, const char *path, struct err *e)
{
    const size_t voxels = image_voxels(size);
    struct err cause = {0};
    int count;
    uint8_t *inside;
    TRY(MEM_BYTES(inside, voxels, "the objects of a mask", e));
    for (size_t i = 0; i < voxels; i++) inside[i] = number[i] ? OBJECT_INSIDE : OBJECT_NONE;
    objects_from_classes(inside, size, 0, number, &count, &cause);
    mem_free(inside);
    return err_where(e, cause.status, path, &cause);
}

uint16_t *labelling_number(const struct labelmap *m, int ignore, const char *path, struct err *e)
{
    const size_t voxels = image_voxels(m->size);
    uint16_t *number = mem_array(voxels, sizeof *number);
    if (!number) {
        err_memory(e, voxels * sizeof *number, path);
        return NULL;
    }
    for (size_t i = 0; i < voxels; i++) number[i] = m->data[i] == ignore ? 0 : m->data[i];
    if (!has_one_value(number, voxels) || number_pieces(m->size, number, path, e) == ATT_OK)
        return number;
    mem_free(number);
    return NULL;
}

static att_status encode_objects(
    const struct labelmap *m, int ignore, const char *path, uint8_t *classes, struct err *e)
{
    uint16_t *number = labelling_number(m, ignore, path, e);
    if (!number) return e->status;
    const att_status status = objects_to_classes(number, m->size, classes, e);
    for (size_t i = 0, n = image_voxels(m->size); status == ATT_OK && i < n; i++)
        if (m->data[i] == ignore) classes[i] = LABELLING_IGNORE;
    mem_free(number);
    return status;
}

att_status labelling_encode(const struct labelling *l, const struct labelmap *m, const char *path,
    uint8_t *classes, struct err *e)
{
    size_t voxels = image_voxels(m->size);
    int class = -1;
    if (l->objects) return encode_objects(m, l->ignore, path, classes, e);
    for (size_t i = 0; i < voxels; i++) {
        if (i == 0 || m->data[i] != m->data[i - 1]) class = labelling_class(l, m->data[i]);
        if (class < 0) return undeclared(l, m, i, path, e);
        classes[i] = (uint8_t) class;
    }
    return ATT_OK;
}

att_status labelling_take(const struct labelling *l, struct labelmap *m, const char *path,
    uint8_t **classes, int size[3], struct err *e)
{
    size_t voxels = image_voxels(m->size);
    memcpy(size, m->size, sizeof m->size);
    uint8_t *to = mem_alloc(voxels);
    att_status status = to ? labelling_encode(l, m, path, to, e) : err_memory(e, voxels, path);
    labelmap_free(m);
    *classes = NULL;
    if (status == ATT_OK)
        *classes = to;
    else
        mem_free(to);
    return status;
}

att_status labelling_load(
    const struct labelling *l, const char *path, uint8_t **classes, int size[3], struct err *e)
{
    struct labelmap m;
    *classes = NULL;
    TRY(format_load_labels(path, &m, e));
    return labelling_take(l, &m, path, classes, size, e);
}
