/* SPDX-License-Identifier: Apache-2.0 */
/* Converts label values to classes. */
#include "dataset/labelling.h"

#include <stdio.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "format/format.h"

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
    if (l->nonzero) return value != l->value[0];
    for (int i = 0; i < l->count; i++)
        if (l->value[i] == value) return i;
    return -1;
}

void labelling_add(struct labelling *l, unsigned value, const char *name)
{
    l->value[l->count] = (uint16_t)value;
    strcpy(l->name[l->count++], name);
}

const char *labelling_values(const struct labelling *l, char *text, size_t size)
{
    enum { SHOWN = 16 };
    size_t used = 0;
    const int shown = min_int(l->count, SHOWN), more = l->count - shown;
    const int last = more || l->ignore >= 0 ? shown : shown - 1;
    for (int i = 0; i < shown && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%d",
            i == 0          ? ""
                : i == last ? " and "
                            : ", ",
            l->value[i]);
    if (more && used < size)
        used += (size_t)snprintf(
            text + used, size - used, "%s%d more", l->ignore >= 0 ? ", " : " and ", more);
    if (l->ignore >= 0 && used < size)
        snprintf(text + used, size - used, " and %d (ignore)", l->ignore);
    return text;
}

static att_status undeclared(
    const struct labelling *l, const struct labelmap *m, size_t at, const char *path, struct err *e)
{
    char values[LABELLING_TEXT], place[IMAGE_PLACE_TEXT];
    return err_set(e, ATT_DATA,
        "%s: voxel %s has the label value %d, which is none of %s; correct the label or declare "
        "the value in dataset.json",
        path, image_place(m->size, at, place), m->data[at],
        labelling_values(l, values, sizeof values));
}

att_status labelling_encode(const struct labelling *l, const struct labelmap *m, const char *path,
    uint8_t *classes, struct err *e)
{
    size_t voxels = image_voxels(m->size);
    int class = -1;
    for (size_t i = 0; i < voxels; i++) {
        if (i == 0 || m->data[i] != m->data[i - 1]) class = labelling_class(l, m->data[i]);
        if (class < 0) return undeclared(l, m, i, path, e);
        classes[i] = (uint8_t) class;
    }
    return ATT_OK;
}

att_status labelling_load(
    const struct labelling *l, const char *path, uint8_t **classes, int size[3], struct err *e)
{
    struct labelmap m;
    *classes = NULL;
    TRY(format_load_labels(path, &m, e));
    size_t voxels = image_voxels(m.size);
    memcpy(size, m.size, sizeof m.size);
    uint8_t *to = mem_alloc(voxels);
    att_status status = to ? labelling_encode(l, &m, path, to, e) : err_memory(e, voxels, path);
    labelmap_free(&m);
    if (status == ATT_OK)
        *classes = to;
    else
        mem_free(to);
    return status;
}
