/* SPDX-License-Identifier: Apache-2.0 */
/* A mask cut to its box, and what components.c finds in it. */
#include "image/parts.h"

#include <string.h>

#include "base/mem.h"
#include "image/components.h"

/* The mask of the members, cut to its box; false when there is no voxel of it. `mask` has room for all of the image. */
static bool cut(const uint8_t *classes, const int size[3], const bool member[256], uint8_t *mask, struct box *b)
{
    size_t voxels = (size_t)size[0] * (size_t)size[1] * (size_t)size[2], k = 0;
    for (size_t i = 0; i < voxels; i++) mask[i] = member[classes[i]];
    if (!box_find(mask, size, b)) return false;
    for (int d = 0; d < b->size[0]; d++)
        for (int h = 0; h < b->size[1]; h++, k += (size_t)b->size[2]) memmove(mask + k, mask + box_row(b, size, d, h), (size_t)b->size[2]);
    return true;
}

static att_status label(const uint8_t *mask, struct parts *p, struct err *e)
{
    size_t voxels = box_voxels(&p->box);
    p->label = mem_array(voxels, sizeof *p->label);
    if (!p->label) return err_memory(e, voxels * sizeof *p->label, "connected components");
    TRY(components_label(mask, p->box.size, p->label, &p->count, e));
    p->voxels = mem_array((size_t)p->count, sizeof *p->voxels);
    if (!p->voxels) return err_memory(e, (size_t)p->count * sizeof *p->voxels, "connected components");
    components_sizes(p->label, voxels, p->count, p->voxels);
    return ATT_OK;
}

att_status parts_find(const uint8_t *classes, const int size[3], const bool member[256], struct parts *p, struct err *e)
{
    size_t voxels = (size_t)size[0] * (size_t)size[1] * (size_t)size[2];
    *p = (struct parts){.count = 0};
    uint8_t *mask = mem_alloc(voxels);
    if (!mask) return err_memory(e, voxels, "connected components");
    att_status status = cut(classes, size, member, mask, &p->box) ? label(mask, p, e) : ATT_OK;
    mem_free(mask);
    if (status != ATT_OK) parts_free(p);
    return status;
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
