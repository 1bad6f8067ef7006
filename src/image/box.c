/* SPDX-License-Identifier: Apache-2.0 */
/* Row by row, each from both ends. */
#include "image/box.h"

bool box_find(const uint8_t *mask, const int size[3], struct box *b)
{
    int low[3] = {size[0], size[1], size[2]}, high[3] = {-1, -1, -1};
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++, mask += size[2]) {
            int first = 0, last = size[2] - 1;
            while (first <= last && !mask[first]) first++;
            if (first > last) continue;
            while (!mask[last]) last--;
            const int from[3] = {d, h, first}, to[3] = {d, h, last};
            for (int a = 0; a < 3; a++) {
                if (from[a] < low[a]) low[a] = from[a];
                if (to[a] > high[a]) high[a] = to[a];
            }
        }
    for (int a = 0; a < 3; a++) {
        b->from[a] = high[a] < 0 ? 0 : low[a];
        b->size[a] = high[a] < 0 ? 0 : high[a] - low[a] + 1;
    }
    return high[0] >= 0;
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
