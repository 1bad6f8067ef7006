/* SPDX-License-Identifier: Apache-2.0 */
/* Crop a mask to its box, then label it with components.c. */
#include "image/parts.h"

#include "base/mem.h"
#include "image/components.h"

/* The bounding box of the members. */
static struct box surround(const uint8_t *classes, const int size[3], const bool member[256])
{
    struct box all = {.size = {0}}, box[256];
    int64_t voxels[256];
    box_find_each(classes, size, box, voxels);
    for (int i = 0; i < 256; i++)
        if (member[i]) box_join(&all, &box[i]);
    return all;
}

static void parts_cut(const struct box *b, const uint8_t *classes, const int size[3],
    const bool member[256], uint8_t *mask)
{
    for (int d = 0; d < b->size[0]; d++)
        for (int h = 0; h < b->size[1]; h++) {
            const uint8_t *row = classes + box_row(b, size, d, h);
            for (int w = 0; w < b->size[2]; w++) *mask++ = member[row[w]];
        }
}

static att_status parts_label(const uint8_t *mask, struct parts *p, struct err *e)
{
    size_t voxels = box_voxels(&p->box);
    TRY(MEM_ARRAY(p->label, voxels, "connected components", e));
    TRY(components_label(mask, p->box.size, p->label, &p->count, e));
    TRY(MEM_ARRAY(p->voxels, p->count, "connected components", e));
    components_sizes(p->label, voxels, p->count, p->voxels);
    return ATT_OK;
}

att_status parts_find_in(const struct box *b, const uint8_t *classes, const int size[3],
    const bool member[256], struct parts *p, struct err *e)
{
    *p = (struct parts){.box = *b};
    if (!box_voxels(b)) return ATT_OK;
    uint8_t *mask;
    TRY(MEM_BYTES(mask, box_voxels(b), "connected components", e));
    parts_cut(b, classes, size, member, mask);
    att_status status = parts_label(mask, p, e);
    mem_free(mask);
    if (status != ATT_OK) parts_free(p);
    return status;
}

att_status parts_find(const uint8_t *classes, const int size[3], const bool member[256],
    struct parts *p, struct err *e)
{
    struct box b = surround(classes, size, member);
    return parts_find_in(&b, classes, size, member, p, e);
}

int parts_largest(const struct parts *p)
{
    int best = p->count > 0 ? 0 : -1;
    for (int i = 1; i < p->count; i++)
        if (p->voxels[i] > p->voxels[best]) best = i;
    return best;
}

void parts_free(struct parts *p)
{
    mem_free(p->label);
    mem_free(p->voxels);
    *p = (struct parts){.count = 0};
}
