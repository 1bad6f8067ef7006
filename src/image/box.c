/* SPDX-License-Identifier: Apache-2.0 */
/* Row by row: a mask's rows from both ends, of many values run by run. */
#include "image/box.h"

#include <string.h>

bool box_find(const uint8_t *mask, const int size[3], struct box *b)
{
    *b = (struct box){.size = {0}};
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++, mask += size[2]) {
            int first = 0, last = size[2] - 1;
            while (first <= last && !mask[first]) first++;
            if (first > last) continue;
            while (!mask[last]) last--;
            box_add(b, d, h, first, last - first + 1);
        }
    return box_voxels(b) > 0;
}

void box_find_each(const uint8_t *values, const int size[3], struct box box[256], int64_t voxels[256])
{
    memset(box, 0, 256 * sizeof *box);
    memset(voxels, 0, 256 * sizeof *voxels);
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++, values += size[2])
            for (int w = 0, end; w < size[2]; w = end) {
                for (end = w + 1; end < size[2] && values[end] == values[w];) end++;
                box_add(&box[values[w]], d, h, w, end - w);
                voxels[values[w]] += end - w;
            }
}

void box_join(struct box *b, const struct box *other)
{
    if (!box_voxels(other)) return;
    if (!box_voxels(b)) {
        *b = *other;
        return;
    }
    for (int a = 0; a < 3; a++) {
        int from = b->from[a] < other->from[a] ? b->from[a] : other->from[a];
        int end = b->from[a] + b->size[a], end_other = other->from[a] + other->size[a];
        b->from[a] = from;
        b->size[a] = (end > end_other ? end : end_other) - from;
    }
}

void box_add(struct box *b, int d, int h, int w, int count) { box_join(b, &(struct box){{d, h, w}, {1, 1, count}}); }

void box_crop(float *x, int channels, const int whole[3], const struct box *b)
{
    if (!memcmp(b->size, whole, sizeof b->size)) return;
    size_t voxels = (size_t)whole[0] * (size_t)whole[1] * (size_t)whole[2], width = (size_t)b->size[2];
    float *to = x; /* never behind what is still to be read */
    for (int c = 0; c < channels; c++, x += voxels)
        for (int d = 0; d < b->size[0]; d++)
            for (int h = 0; h < b->size[1]; h++, to += width) memmove(to, x + box_row(b, whole, d, h), width * sizeof *to);
}
