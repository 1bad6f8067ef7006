/* SPDX-License-Identifier: Apache-2.0 */
/* Row by row: a mask's rows from both ends, many values run by run. */
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

void box_find_each(
    const uint8_t *values, const int size[3], struct box box[256], int64_t voxels[256])
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

void box_add(struct box *b, int d, int h, int w, int count)
{
    box_join(b, &(struct box){{d, h, w}, {1, 1, count}});
}

static int box_part_of(size_t max, size_t each, int left)
{
    size_t count = max / each;
    return count < 1 ? 1 : count < (size_t)left ? (int)count : left;
}

bool box_next(const struct box *b, size_t max, struct box *part)
{
    const size_t row = (size_t)b->size[2], plane = row * (size_t)b->size[1];
    const int end[2] = {b->from[0] + b->size[0], b->from[1] + b->size[1]};
    bool first = !box_voxels(part);
    int d = first ? b->from[0] : part->from[0],
        h = first ? b->from[1] : part->from[1] + part->size[1];
    if (!first && h == end[1]) {
        d += part->size[0];
        h = b->from[1];
    }
    if (!box_voxels(b) || d == end[0]) return false;
    *part = (struct box){{d, h, b->from[2]}, {1, b->size[1], b->size[2]}};
    if (plane <= max)
        part->size[0] = box_part_of(max, plane, end[0] - d);
    else
        part->size[1] = box_part_of(max, row, end[1] - h);
    return true;
}

bool box_next_run(const struct box *b, const int size[3], struct box_run *r)
{
    const bool rows = b->size[2] == size[2], planes = rows && b->size[1] == size[1];
    const int deep = planes ? 1 : b->size[0], high = rows ? 1 : b->size[1];
    if (!box_voxels(b)) return false;
    if (r->count && ++r->h == high) {
        r->h = 0;
        r->d++;
    }
    if (r->d == deep) return false;
    r->count = box_voxels(b) / ((size_t)deep * (size_t)high);
    r->from = box_row(b, size, r->d, r->h);
    return true;
}

void box_take(const void *whole, const int size[3], size_t bytes, const struct box *b, void *part)
{
    char *to = part;
    for (struct box_run r = {0}; box_next_run(b, size, &r); to += r.count * bytes)
        memmove(to, (const char *)whole + r.from * bytes, r.count * bytes);
}

void box_put(void *whole, const int size[3], size_t bytes, const struct box *b, const void *part)
{
    const char *from = part;
    for (struct box_run r = {0}; box_next_run(b, size, &r); from += r.count * bytes)
        memcpy((char *)whole + r.from * bytes, from, r.count * bytes);
}

void box_crop(float *x, int channels, const int whole[3], const struct box *b)
{
    if (!memcmp(b->size, whole, sizeof b->size)) return;
    const size_t voxels = (size_t)whole[0] * (size_t)whole[1] * (size_t)whole[2];
    float *to = x; /* never past unread samples */
    for (int c = 0; c < channels; c++, x += voxels, to += box_voxels(b))
        box_take(x, whole, sizeof *x, b, to);
}
