/* SPDX-License-Identifier: Apache-2.0 */
/* A run of voxels takes the number of an earlier run it touches, or a new one; numbers of one
 * component are joined to the smaller, its first run's. A second walk repeats the numbers, when it
 * is decided which to drop. For post-processing. */
#include "image/drop.h"

#include <string.h>

#include "base/mem.h"

enum { PART = 1 << 14 }; /* voxels counted at a time */

struct run {
    int begin, end; /* voxels begin..end-1 of a row */
    int64_t number; /* -1: not set yet */
    uint8_t group;
};

struct plane_runs {
    struct run *run;
    size_t *row, room; /* index of each row's first run, and the total */
};

struct walk {
    const struct drop_planes *planes;
    const struct drop_rule *rule;
    uint8_t *plane;
    struct plane_runs here, before;
    /* For a number: the one it is joined to, or minus the voxels of its component; and its
     * group. */
    int64_t *link;
    uint8_t *group;
    size_t count, room;
    int64_t best[256]; /* of a group */
    double used, max;
    bool second;
};

static size_t area(const struct drop_planes *p) { return (size_t)p->size[1] * (size_t)p->size[2]; }

static att_status read_plane(const struct drop_planes *p, int d, uint8_t *plane, struct err *e)
{
    if (!p->data) return scratch_read(p->file, (uint64_t)d * area(p), plane, area(p), e);
    memcpy(plane, p->data + (size_t)d * area(p), area(p));
    return ATT_OK;
}

static att_status write_plane(
    const struct drop_planes *p, int d, const uint8_t *plane, struct err *e)
{
    if (!p->data) return scratch_write(p->file, (uint64_t)d * area(p), plane, area(p), e);
    memcpy(p->data + (size_t)d * area(p), plane, area(p));
    return ATT_OK;
}

att_status drop_count(const struct drop_planes *p, int64_t count[256], struct err *e)
{
    const size_t all = (size_t)p->size[0] * area(p);
    uint8_t room[PART];
    memset(count, 0, 256 * sizeof *count);
    for (size_t at = 0, n; at < all; at += n) {
        const uint8_t *part = p->data ? p->data + at : room;
        n = all - at < PART ? all - at : PART;
        if (!p->data) TRY(scratch_read(p->file, at, room, n, e));
        for (size_t i = 0; i < n; i++) count[part[i]]++;
    }
    return ATT_OK;
}

/* Double the capacity of a list of `each` bytes. */
static att_status drop_grow(struct walk *w, void *list, size_t *room, size_t each, struct err *e)
{
    const size_t more = *room ? 2 * *room : 256;
    w->used += (double)(more - *room) * (double)each;
    if (w->used + (double)*room * (double)each > w->max) /* the old and new list exist together */
        return err_set(e, ATT_MEMORY,
            "the mask falls into so many parts (%zu so far) that post-processing takes more "
            "than the limit on memory leaves; raise `max-memory`, or give `postprocess` no",
            w->count);
    return mem_reach(list, room, more, each, "the parts of a mask", e);
}

static att_status new_number(struct walk *w, struct run *r, struct err *e)
{
    if (w->count == w->room) {
        size_t room = w->room;
        TRY(drop_grow(w, &w->link, &room, sizeof *w->link, e));
        TRY(drop_grow(w, &w->group, &w->room, 1, e));
    }
    r->number = (int64_t)w->count++;
    if (w->second) return ATT_OK;
    w->link[r->number] = r->begin - r->end;
    w->group[r->number] = r->group;
    return ATT_OK;
}

static int64_t drop_root(int64_t *link, int64_t i)
{
    while (link[i] >= 0) {
        if (link[link[i]] >= 0) link[i] = link[link[i]];
        i = link[i];
    }
    return i;
}

static void drop_join(int64_t *link, int64_t a, int64_t b)
{
    a = drop_root(link, a);
    b = drop_root(link, b);
    if (a == b) return;
    int64_t first = a < b ? a : b, other = a < b ? b : a;
    link[first] += link[other];
    link[other] = first;
}

static att_status find_runs(struct walk *w, struct err *e)
{
    struct plane_runs *r = &w->here;
    const int width = w->planes->size[2];
    size_t count = 0;
    for (int h = 0; h < w->planes->size[1]; h++) {
        const uint8_t *row = w->plane + (size_t)h * (size_t)width;
        r->row[h] = count;
        for (int i = 0, end; i < width; i = end) {
            uint8_t group = w->rule->group[row[i]];
            for (end = i + 1; end < width && w->rule->group[row[end]] == group;) end++;
            if (!group) continue;
            if (count == r->room) TRY(drop_grow(w, &r->run, &r->room, sizeof *r->run, e));
            r->run[count++] = (struct run){i, end, -1, group};
        }
    }
    r->row[w->planes->size[1]] = count;
    return ATT_OK;
}

/* Number the runs of row h after the runs they touch in another row. */
static void take_numbers(struct walk *w, int h, const struct plane_runs *other, int row)
{
    size_t from = other->row[row], till = other->row[row + 1];
    for (size_t i = w->here.row[h]; i < w->here.row[h + 1]; i++) {
        struct run *x = &w->here.run[i];
        while (from < till && other->run[from].end < x->begin) from++;
        for (size_t k = from; k < till && other->run[k].begin <= x->end; k++) {
            const struct run *y = &other->run[k];
            if (y->group != x->group) continue;
            if (x->number < 0)
                x->number = y->number;
            else if (!w->second)
                drop_join(w->link, x->number, y->number);
        }
    }
}

static att_status number_plane(struct walk *w, bool first, struct err *e)
{
    const int height = w->planes->size[1];
    for (int h = 0; h < height; h++) {
        if (h > 0) take_numbers(w, h, &w->here, h - 1);
        for (int k = h > 0 ? h - 1 : 0; !first && k <= h + 1 && k < height; k++)
            take_numbers(w, h, &w->before, k);
        for (size_t i = w->here.row[h]; i < w->here.row[h + 1]; i++) {
            struct run *x = &w->here.run[i];
            if (x->number < 0)
                TRY(new_number(w, x, e));
            else if (!w->second)
                w->link[drop_root(w->link, x->number)] -= x->end - x->begin;
        }
    }
    return ATT_OK;
}

/* True if something was dropped. */
static bool clear_plane(struct walk *w)
{
    bool any = false;
    for (int h = 0; h < w->planes->size[1]; h++)
        for (size_t i = w->here.row[h]; i < w->here.row[h + 1]; i++) {
            const struct run *x = &w->here.run[i];
            int64_t number = drop_root(w->link, x->number);
            bool stays = (!w->rule->largest[x->group] || number == w->best[x->group]) &&
                -w->link[number] >= w->rule->smallest[x->group];
            if (!stays)
                memset(w->plane + (size_t)h * (size_t)w->planes->size[2] + x->begin, 0,
                    (size_t)(x->end - x->begin));
            any = any || !stays;
        }
    return any;
}

static att_status walk_planes(struct walk *w, struct err *e)
{
    w->count = 0;
    for (int d = 0; d < w->planes->size[0]; d++) {
        TRY(read_plane(w->planes, d, w->plane, e));
        TRY(find_runs(w, e));
        TRY(number_plane(w, d == 0, e));
        if (w->second && clear_plane(w)) TRY(write_plane(w->planes, d, w->plane, e));
        struct plane_runs before = w->before;
        w->before = w->here;
        w->here = before;
    }
    return ATT_OK;
}

static void find_best(struct walk *w)
{
    for (int g = 0; g < 256; g++) w->best[g] = -1;
    for (size_t i = 0; i < w->count; i++) {
        int64_t *best = &w->best[w->group[i]];
        if (w->link[i] < 0 && (*best < 0 || w->link[i] < w->link[*best])) *best = (int64_t)i;
    }
}

att_status drop_components(
    const struct drop_planes *p, const struct drop_rule *r, double max, struct err *e)
{
    const size_t rows = (size_t)p->size[1] + 1, room = area(p);
    struct walk w = {.planes = p,
        .rule = r,
        .max = max,
        .used = (double)room + 2.0 * (double)(rows * sizeof(size_t))};
    w.plane = mem_alloc(room);
    w.here.row = mem_array(rows, sizeof *w.here.row);
    w.before.row = mem_array(rows, sizeof *w.before.row);
    att_status status =
        w.plane && w.here.row && w.before.row ? ATT_OK : err_memory(e, room, "a plane of a mask");
    if (status == ATT_OK) status = walk_planes(&w, e);
    if (status == ATT_OK) {
        find_best(&w);
        w.second = true;
        status = walk_planes(&w, e);
    }
    mem_free(w.plane);
    mem_free(w.here.row);
    mem_free(w.before.row);
    mem_free(w.here.run);
    mem_free(w.before.run);
    mem_free(w.link);
    mem_free(w.group);
    return status;
}
