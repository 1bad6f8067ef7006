/* SPDX-License-Identifier: Apache-2.0 */
#include "image/objects.h"

#include <limits.h>

#include <stdlib.h>

#include "base/mem.h"
#include "image/components.h"
#include "image/image.h"

/* Indices of the voxels that share a face with voxel i; returns their number. */
static int face_neighbours(const int size[3], size_t i, size_t out[6])
{
    const size_t step[3] = {(size_t)size[1] * (size_t)size[2], (size_t)size[2], 1};
    int count = 0;
    for (int axis = 0; axis < 3; axis++) {
        const size_t at = i / step[axis] % (size_t)size[axis];
        if (at > 0) out[count++] = i - step[axis];
        if (at + 1 < (size_t)size[axis]) out[count++] = i + step[axis];
    }
    return count;
}

/* What voxel i may touch: another number or 0; another object; the inside of one. */
enum neighbour { NEIGHBOUR_OTHER, NEIGHBOUR_OBJECT, NEIGHBOUR_INSIDE };

static bool objects_touch(const uint16_t *number, const uint8_t *classes, const int size[3],
    size_t i, enum neighbour what)
{
    /* In a volume, edges end an object as faces do: else two insides may meet at a corner. */
    const int reach = what != NEIGHBOUR_OTHER ? 3 : size[IMAGE_D] > 1 ? 2 : 1;
    const int w = (int)(i % (size_t)size[2]), h = (int)(i / (size_t)size[2] % (size_t)size[1]),
              d = (int)(i / (size_t)size[2] / (size_t)size[1]);
    for (int k = 0; k < 27; k++) {
        const int by[3] = {k / 9 - 1, k / 3 % 3 - 1, k % 3 - 1};
        const int z = d + by[0], y = h + by[1], x = w + by[2];
        if (abs(by[0]) + abs(by[1]) + abs(by[2]) > reach || z < 0 || z >= size[0] || y < 0 ||
            y >= size[1] || x < 0 || x >= size[2])
            continue;
        const size_t at = ((size_t)z * (size_t)size[1] + (size_t)y) * (size_t)size[2] + (size_t)x;
        if (number[at] == number[i] || (what != NEIGHBOUR_OTHER && !number[at])) continue;
        if (what != NEIGHBOUR_INSIDE || classes[at] == OBJECT_INSIDE) return true;
    }
    return false;
}

/* Gives thin objects, all border, an inside: where they touch no other object, or else one voxel
 * that touches no other inside, if there is one. */
static void fill_thin_objects(
    const uint16_t *number, const int size[3], uint8_t *classes, uint8_t *thin)
{
    const size_t voxels = image_voxels(size);
    for (size_t i = 0; i < voxels; i++) {
        if (!thin[number[i]] || objects_touch(number, classes, size, i, NEIGHBOUR_OBJECT)) continue;
        classes[i] = OBJECT_INSIDE;
        thin[number[i]] = 2;
    }
    for (size_t i = 0; i < voxels; i++) {
        if (thin[number[i]] != 1 || objects_touch(number, classes, size, i, NEIGHBOUR_INSIDE))
            continue;
        classes[i] = OBJECT_INSIDE;
        thin[number[i]] = 0;
    }
}

att_status objects_to_classes(
    const uint16_t *number, const int size[3], uint8_t *classes, struct err *e)
{
    const size_t voxels = image_voxels(size);
    uint8_t *thin;
    TRY(MEM_BYTES(thin, UINT16_MAX + 1, "the objects of a mask", e));
    for (size_t i = 0; i < voxels; i++) thin[number[i]] = number[i] != 0;
    for (size_t i = 0; i < voxels; i++) {
        classes[i] = !number[i]                                        ? OBJECT_NONE
            : objects_touch(number, classes, size, i, NEIGHBOUR_OTHER) ? OBJECT_BORDER
                                                                       : OBJECT_INSIDE;
        if (classes[i] == OBJECT_INSIDE) thin[number[i]] = 0;
    }
    fill_thin_objects(number, size, classes, thin);
    mem_free(thin);
    return ATT_OK;
}

struct growth {
    int32_t *number; /* 0: none */
    size_t *queue;   /* voxels whose neighbours are not looked at yet */
    size_t from, till;
};

/* Numbers spread from the queue over foreground without one, a layer of voxels at a time. */
static void grow_objects(struct growth *g, const uint8_t *classes, const int size[3])
{
    size_t next[6];
    while (g->from < g->till) {
        const size_t i = g->queue[g->from++];
        for (int k = face_neighbours(size, i, next) - 1; k >= 0; k--) {
            if (classes[next[k]] == OBJECT_NONE || g->number[next[k]]) continue;
            g->number[next[k]] = g->number[i];
            g->queue[g->till++] = next[k];
        }
    }
}

/* Forget pieces of fewer voxels, and put the others into the queue. */
static att_status start_growth(
    struct growth *g, size_t voxels, int pieces, int64_t smallest, struct err *e)
{
    int64_t *piece;
    TRY(MEM_ARRAY(piece, pieces, "the sizes of objects", e));
    components_sizes(g->number, voxels, pieces, piece);
    for (size_t i = 0; i < voxels; i++) {
        if (g->number[i] && piece[g->number[i] - 1] < smallest) g->number[i] = 0;
        if (g->number[i]) g->queue[g->till++] = i;
    }
    mem_free(piece);
    return ATT_OK;
}

/* In scan order, so that numbers do not depend on how they were found. */
static att_status renumber_objects(
    const int32_t *from, size_t voxels, int32_t *as, uint16_t *number, int *count, struct err *e)
{
    *count = 0;
    for (size_t i = 0; i < voxels; i++) {
        if (from[i] && !as[from[i]]) as[from[i]] = ++*count;
        if (*count > UINT16_MAX)
            return err_data(e,
                "the mask has more than %d objects, which numbers cannot tell apart; cut the image "
                "into parts",
                UINT16_MAX);
        number[i] = from[i] ? (uint16_t)as[from[i]] : 0;
    }
    return ATT_OK;
}

static att_status number_objects(const uint8_t *classes, const int size[3], int64_t smallest,
    uint8_t *mask, struct growth *g, int32_t *rest, uint16_t *number, int *count, struct err *e)
{
    const size_t voxels = image_voxels(size);
    int insides, others = 0;
    int32_t *as;
    for (size_t i = 0; i < voxels; i++) mask[i] = classes[i] == OBJECT_INSIDE;
    TRY(components_label(mask, size, g->number, &insides, e));
    TRY(start_growth(g, voxels, insides, smallest, e));
    grow_objects(g, classes, size);
    if (smallest <= 0) {
        for (size_t i = 0; i < voxels; i++) mask[i] = classes[i] != OBJECT_NONE && !g->number[i];
        TRY(components_label(mask, size, rest, &others, e));
        for (size_t i = 0; i < voxels; i++)
            if (mask[i]) g->number[i] = insides + rest[i];
    }
    TRY(MEM_ARRAY(as, (size_t)insides + (size_t)others + 1, "the numbers of objects", e));
    att_status status = renumber_objects(g->number, voxels, as, number, count, e);
    mem_free(as);
    return status;
}

att_status objects_from_classes(const uint8_t *classes, const int size[3], int64_t smallest,
    uint16_t *number, int *count, struct err *e)
{
    const size_t voxels = image_voxels(size);
    uint8_t *mask = mem_array(voxels, sizeof *mask);
    int32_t *rest = mem_array(voxels, sizeof *rest);
    struct growth g = {
        mem_array(voxels, sizeof *g.number), mem_array(voxels, sizeof *g.queue), 0, 0};
    att_status status = mask && rest && g.number && g.queue
        ? number_objects(classes, size, smallest, mask, &g, rest, number, count, e)
        : err_memory(e, voxels * (sizeof *mask + 2 * sizeof *rest + sizeof *g.queue),
              "the objects of a mask");
    mem_free(mask);
    mem_free(rest);
    mem_free(g.number);
    mem_free(g.queue);
    return status;
}

void objects_skip(uint16_t *number, size_t voxels, int skipped)
{
    for (size_t i = 0; i < voxels; i++)
        if (number[i] >= skipped) number[i]++;
}
