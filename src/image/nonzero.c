/* SPDX-License-Identifier: Apache-2.0 */
/* Holes are what a flood from the border does not reach.  It goes run by run along rows, so that little has to be remembered. */
#include "image/nonzero.h"

#include <string.h>

#include "base/mem.h"

enum { INSIDE = 1, OPEN = 0, FLOODED = 2 };

static bool any_channel(const struct image *m, size_t voxels, size_t i)
{
    for (size_t c = 0; c < (size_t)m->channels; c++)
        if (m->data[c * voxels + i] != 0) return true;
    return false;
}

/* Widens lo..hi by the row (d, h). */
static void widen(const struct image *m, size_t voxels, int d, int h, int lo[3], int hi[3])
{
    size_t row = ((size_t)d * (size_t)m->size[1] + (size_t)h) * (size_t)m->size[2];
    int first = 0, last = m->size[2] - 1;
    while (first <= last && !any_channel(m, voxels, row + (size_t)first)) first++;
    if (first > last) return;
    while (!any_channel(m, voxels, row + (size_t)last)) last--;
    const int a[3] = {d, h, first}, b[3] = {d, h, last};
    for (int i = 0; i < 3; i++) {
        lo[i] = a[i] < lo[i] ? a[i] : lo[i];
        hi[i] = b[i] > hi[i] ? b[i] : hi[i];
    }
}

void nonzero_box(const struct image *m, int from[3], int size[3])
{
    int lo[3] = {m->size[0], m->size[1], m->size[2]}, hi[3] = {-1, -1, -1};
    for (int d = 0; d < m->size[0]; d++)
        for (int h = 0; h < m->size[1]; h++) widen(m, image_voxels(m->size), d, h, lo, hi);
    for (int i = 0; i < 3; i++) {
        from[i] = hi[0] < 0 ? 0 : lo[i];
        size[i] = hi[0] < 0 ? m->size[i] : hi[i] - lo[i] + 1;
    }
}

/* Places from which the flood goes on. */
struct sources {
    size_t *at, count, room;
};

static att_status push(struct sources *s, size_t at, struct err *e)
{
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 1024;
        size_t *grown = mem_grow(s->at, s->room * sizeof *grown, room * sizeof *grown);
        if (!grown) return err_memory(e, room * sizeof *grown, "filling the holes of a mask");
        s->at = grown;
        s->room = room;
    }
    s->at[s->count++] = at;
    return ATT_OK;
}

/* One source for every open run of a row within columns a..b. */
static att_status push_runs(struct sources *s, const uint8_t *inside, size_t row, size_t a, size_t b, struct err *e)
{
    for (size_t i = a; i <= b; i++)
        if (inside[row + i] == OPEN && (i == a || inside[row + i - 1] != OPEN)) TRY(push(s, row + i, e));
    return ATT_OK;
}

/* The open run around a place, then its neighbours in the four rows beside. */
static att_status flood(struct sources *s, uint8_t *inside, const int size[3], size_t at, struct err *e)
{
    size_t nh = (size_t)size[1], nw = (size_t)size[2], row = at / nw * nw, d = at / nw / nh, h = at / nw % nh, a = at - row, b = a;
    if (inside[at] != OPEN) return ATT_OK;
    while (a > 0 && inside[row + a - 1] == OPEN) a--;
    while (b + 1 < nw && inside[row + b + 1] == OPEN) b++;
    memset(inside + row + a, FLOODED, b - a + 1);
    if (h > 0) TRY(push_runs(s, inside, row - nw, a, b, e));
    if (h + 1 < nh) TRY(push_runs(s, inside, row + nw, a, b, e));
    if (d > 0) TRY(push_runs(s, inside, row - nh * nw, a, b, e));
    return d + 1 < (size_t)size[0] ? push_runs(s, inside, row + nh * nw, a, b, e) : ATT_OK;
}

static att_status flood_from(struct sources *s, uint8_t *inside, const int size[3], size_t at, struct err *e)
{
    TRY(push(s, at, e));
    while (s->count) TRY(flood(s, inside, size, s->at[--s->count], e));
    return ATT_OK;
}

static att_status flood_border(struct sources *s, uint8_t *inside, const int size[3], struct err *e)
{
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++) {
            size_t row = ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2], last = (size_t)size[2] - 1;
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

void nonzero_crop(struct image *m, const int from[3], const int size[3])
{
    if (!memcmp(size, m->size, sizeof m->size)) return;
    float *to = m->data;
    for (int c = 0; c < m->channels; c++)
        for (int d = 0; d < size[0]; d++)
            for (int h = 0; h < size[1]; h++, to += size[2]) {
                size_t row = ((size_t)c * (size_t)m->size[0] + (size_t)(d + from[0])) * (size_t)m->size[1] + (size_t)(h + from[1]);
                memmove(to, m->data + row * (size_t)m->size[2] + (size_t)from[2], (size_t)size[2] * sizeof *to);
            }
    memcpy(m->size, size, sizeof m->size);
}
