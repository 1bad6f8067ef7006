/* SPDX-License-Identifier: Apache-2.0 */
/* Holes are what a flood from the border does not reach. It runs along rows, to keep few
 * sources. */
#include "image/nonzero.h"

#include <string.h>

#include "base/mem.h"

enum { INSIDE = NONZERO_INSIDE, OPEN = 0, FLOODED = NONZERO_OUTSIDE };

static bool any_channel(const struct image *m, size_t voxels, size_t i)
{
    for (size_t c = 0; c < (size_t)m->channels; c++)
        if (m->data[c * voxels + i] != 0) return true;
    return false;
}

static void nonzero_add_row(const struct image *m, size_t voxels, int d, int h, struct box *b)
{
    size_t row = ((size_t)d * (size_t)m->size[1] + (size_t)h) * (size_t)m->size[2];
    int first = 0, last = m->size[2] - 1;
    while (first <= last && !any_channel(m, voxels, row + (size_t)first)) first++;
    if (first > last) return;
    while (!any_channel(m, voxels, row + (size_t)last)) last--;
    box_add(b, d, h, first, last - first + 1);
}

void nonzero_box(const struct image *m, struct box *b)
{
    *b = (struct box){.size = {0}};
    for (int d = 0; d < m->size[0]; d++)
        for (int h = 0; h < m->size[1]; h++) nonzero_add_row(m, image_voxels(m->size), d, h, b);
    if (!box_voxels(b)) memcpy(b->size, m->size, sizeof b->size);
}

void nonzero_add(const float *x, const struct box *part, struct box *b)
{
    struct image m = {.channels = 1,
        .size = {part->size[0], part->size[1], part->size[2]},
        .data = (float *)(uintptr_t)x}; /* only read */
    struct box found = {.size = {0}};
    for (int d = 0; d < m.size[0]; d++)
        for (int h = 0; h < m.size[1]; h++) nonzero_add_row(&m, box_voxels(part), d, h, &found);
    for (int i = 0; i < 3; i++) found.from[i] += part->from[i];
    box_join(b, &found);
}

/* Pending positions of the flood. */
struct sources {
    size_t *at, count, room;
};

static att_status nonzero_push(struct sources *s, size_t at, struct err *e)
{
    TRY(MEM_REACH(s->at, &s->room, s->count + 1, "filling the holes of a mask", e));
    s->at[s->count++] = at;
    return ATT_OK;
}

/* Add a source for every open run of a row within columns a..b. */
static att_status push_runs(
    struct sources *s, const uint8_t *inside, size_t row, size_t a, size_t b, struct err *e)
{
    for (size_t i = a; i <= b; i++)
        if (inside[row + i] == OPEN && (i == a || inside[row + i - 1] != OPEN))
            TRY(nonzero_push(s, row + i, e));
    return ATT_OK;
}

/* Flood the open run at a position, then queue its neighbours in the four adjacent rows. */
static att_status flood(
    struct sources *s, uint8_t *inside, const int size[3], size_t at, struct err *e)
{
    size_t nh = (size_t)size[1], nw = (size_t)size[2], row = at / nw * nw, d = at / nw / nh,
           h = at / nw % nh, a = at - row, b = a;
    if (inside[at] != OPEN) return ATT_OK;
    while (a > 0 && inside[row + a - 1] == OPEN) a--;
    while (b + 1 < nw && inside[row + b + 1] == OPEN) b++;
    memset(inside + row + a, FLOODED, b - a + 1);
    if (h > 0) TRY(push_runs(s, inside, row - nw, a, b, e));
    if (h + 1 < nh) TRY(push_runs(s, inside, row + nw, a, b, e));
    if (d > 0) TRY(push_runs(s, inside, row - nh * nw, a, b, e));
    return d + 1 < (size_t)size[0] ? push_runs(s, inside, row + nh * nw, a, b, e) : ATT_OK;
}

static att_status flood_from(
    struct sources *s, uint8_t *inside, const int size[3], size_t at, struct err *e)
{
    TRY(nonzero_push(s, at, e));
    while (s->count) TRY(flood(s, inside, size, s->at[--s->count], e));
    return ATT_OK;
}

static att_status flood_border(struct sources *s, uint8_t *inside, const int size[3], struct err *e)
{
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++) {
            size_t row = ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2],
                   last = (size_t)size[2] - 1;
            bool face = d == 0 || h == 0 || d == size[0] - 1 || h == size[1] - 1;
            for (size_t w = 0; w <= last; w += face || last == 0 ? 1 : last)
                if (inside[row + w] == OPEN) TRY(flood_from(s, inside, size, row + w, e));
        }
    return ATT_OK;
}

att_status nonzero_mask(const struct image *m, uint8_t *inside, struct err *e)
{
    size_t voxels = image_voxels(m->size);
    struct sources s = {NULL, 0, 0};
    for (size_t i = 0; i < voxels; i++) inside[i] = any_channel(m, voxels, i) ? INSIDE : OPEN;
    att_status status = flood_border(&s, inside, m->size, e);
    for (size_t i = 0; i < voxels; i++) inside[i] = inside[i] != FLOODED;
    mem_free(s.at);
    return status;
}

struct sweep {
    const struct spool *file;
    const int *size;
    uint8_t *plane, *before; /* the current plane, and the previous one of the sweep */
    struct sources sources;
    struct host *host;
    bool changed;
};

/* Enter the plane from the border and the previous plane. */
static att_status enter_plane(struct sweep *s, bool face, bool first, struct err *e)
{
    const size_t area = (size_t)s->size[1] * (size_t)s->size[2], width = (size_t)s->size[2];
    const int flat[3] = {1, s->size[1], s->size[2]};
    for (size_t i = 0; i < area; i++) {
        size_t h = i / width, w = i % width;
        bool edge = face || h == 0 || w == 0 || h + 1 == (size_t)s->size[1] || w + 1 == width;
        if (s->plane[i] != OPEN || !(edge || (!first && s->before[i] == FLOODED))) continue;
        TRY(flood_from(&s->sources, s->plane, flat, i, e));
        s->changed = true;
    }
    return ATT_OK;
}

/* One sweep over all planes, `step` 1 or -1. */
static att_status sweep_planes(struct sweep *s, int step, struct err *e)
{
    const size_t area = (size_t)s->size[1] * (size_t)s->size[2];
    const int last = s->size[0] - 1;
    bool any = false;
    for (int i = 0; i <= last; i++) {
        int d = step > 0 ? i : last - i;
        uint8_t *other = s->before;
        s->changed = false;
        TRY(scratch_read(s->file, (uint64_t)d * area, s->plane, area, e));
        TRY(enter_plane(s, d == 0 || d == last, i == 0, e));
        if (s->changed) TRY(scratch_write(s->file, (uint64_t)d * area, s->plane, area, e));
        any = any || s->changed;
        s->before = s->plane;
        s->plane = other;
        TRY(host_part(s->host, "filling", i + 1, last + 1, e));
    }
    s->changed = any;
    return ATT_OK;
}

att_status nonzero_flood_file(
    const struct spool *file, const int size[3], struct host *host, struct err *e)
{
    const size_t area = (size_t)size[1] * (size_t)size[2];
    struct sweep s = {.file = file,
        .size = size,
        .plane = mem_alloc(area),
        .before = mem_alloc(area),
        .host = host};
    att_status status = s.plane && s.before ? ATT_OK : err_memory(e, 2 * area, "planes of a mask");
    int step = 1;
    do {
        if (status == ATT_OK) status = sweep_planes(&s, step, e);
        step = -step;
    } while (status == ATT_OK && s.changed);
    mem_free(s.plane);
    mem_free(s.before);
    mem_free(s.sources.at);
    return status;
}
