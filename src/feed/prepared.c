/* SPDX-License-Identifier: Apache-2.0 */
/* Foreground positions of a case, and which voxels are labelled; called when cases are loaded. */
#include "feed/prepared.h"

#include <string.h>

#include "base/mem.h"
#include "image/parts.h"

enum { PLACES = 4096 };

/* By class. */
struct extents {
    int64_t count[256];
    struct box box[256];
};

/* True if the k-th of `count` is the first to reach the next of `room` places. */
static bool is_next(int64_t k, int64_t count, int64_t filled, int64_t room)
{
    return filled < room && k * room >= filled * count;
}

static void add_place(
    struct prepared *p, int slot, int64_t count, size_t voxel, int64_t *seen, int64_t *filled)
{
    if (is_next(seen[slot]++, count, filled[slot], p->first[slot + 1] - p->first[slot]))
        p->places[p->first[slot] + filled[slot]++] = (uint32_t)voxel;
}

static att_status prepared_find_places(const struct sample *s, int classes,
    const struct extents *of, struct prepared *p, struct err *e)
{
    int total = 0;
    int64_t seen[LABELLING_MAX] = {0}, filled[LABELLING_MAX] = {0};
    size_t voxels = image_voxels(s->image.size);
    const int64_t ignored = of->count[LABELLING_IGNORE],
                  labelled = ignored ? (int64_t)voxels - ignored : 0;
    for (int c = 0; c < classes; c++) {
        const int64_t count = c > 0 ? of->count[c] : labelled;
        p->first[c] = total;
        total += (int)(count < PLACES ? count : PLACES);
    }
    for (int c = classes; c <= LABELLING_MAX; c++) p->first[c] = total;
    TRY(MEM_ARRAY(p->places, (size_t)total + 1, "places of foreground", e));
    for (size_t i = 0; i < voxels; i++) {
        const int c = s->classes[i];
        if (labelled && c != LABELLING_IGNORE) add_place(p, 0, labelled, i, seen, filled);
        if (c > 0 && c < classes) add_place(p, c, of->count[c], i, seen, filled);
    }
    return ATT_OK;
}

/* A component while its places are collected; skipped ones have no room. */
struct piece {
    int64_t seen, filled, room;
    int first;
};

static att_status prepared_grow(struct prepared *p, int parts, int places, struct err *e)
{
    int old_parts = p->part_first ? p->parts[LABELLING_MAX] : 0,
        old_places = p->part_first ? p->part_first[old_parts] : 0;
    int *first =
        mem_grow(p->part_first, p->part_first ? ((size_t)old_parts + 1) * sizeof *first : 0,
            ((size_t)old_parts + (size_t)parts + 1) * sizeof *first);
    if (first) p->part_first = first;
    uint32_t *more = mem_grow(p->part_places, (size_t)old_places * sizeof *more,
        ((size_t)old_places + (size_t)places) * sizeof *more);
    if (more) p->part_places = more;
    return first && more ? ATT_OK
                         : err_memory(e, ((size_t)old_places + (size_t)places) * sizeof *more,
                               "places of components");
}

/* Add a class's components; part_first ends with the total number of places. `size`: of the
 * image. */
static att_status add_pieces(struct prepared *p, const struct parts *x, const int size[3],
    struct piece *pieces, struct err *e)
{
    int kept = 0, places = 0, max = x->count < PLACES ? x->count : PLACES, room = PLACES / max;
    for (int k = 0; k < x->count; k++) {
        if (!is_next(k, x->count, kept, max)) continue;
        kept++;
        pieces[k].room = x->voxels[k] < room ? x->voxels[k] : room;
        places += (int)pieces[k].room;
    }
    TRY(prepared_grow(p, kept, places, e));
    int part = p->parts[LABELLING_MAX];
    for (int k = 0; k < x->count; k++) {
        if (!pieces[k].room) continue;
        pieces[k].first = p->part_first[part];
        p->part_first[part + 1] = pieces[k].first + (int)pieces[k].room;
        part++;
    }
    p->parts[LABELLING_MAX] = part;
    for (size_t i = 0, voxels = box_voxels(&x->box); i < voxels; i++) {
        if (!x->label[i]) continue;
        struct piece *q = &pieces[x->label[i] - 1];
        if (is_next(q->seen++, x->voxels[x->label[i] - 1], q->filled, q->room))
            p->part_places[q->first + q->filled++] = (uint32_t)box_voxel(&x->box, size, i);
    }
    return ATT_OK;
}

static att_status prepared_add_parts(
    struct prepared *p, const struct parts *x, const int size[3], struct err *e)
{
    if (x->count < 2) return ATT_OK;
    struct piece *pieces;
    TRY(MEM_ARRAY(pieces, x->count, "components of the foreground", e));
    att_status status = add_pieces(p, x, size, pieces, e);
    mem_free(pieces);
    return status;
}

/* parts[LABELLING_MAX] is the number of components so far until all classes are done. */
static att_status find_parts(const struct sample *s, int classes, const struct extents *of,
    struct prepared *p, struct err *e)
{
    for (int c = 0; c < LABELLING_MAX; c++) {
        bool member[256] = {false};
        struct parts x;
        p->parts[c] = p->parts[LABELLING_MAX];
        if (c == 0 || c >= classes || of->count[c] < 2) continue;
        member[c] = true;
        TRY(parts_find_in(&of->box[c], s->classes, s->image.size, member, &x, e));
        att_status status = prepared_add_parts(p, &x, s->image.size, e);
        parts_free(&x);
        TRY(status);
    }
    return ATT_OK;
}

att_status prepared_make(struct sample *s, int classes, struct prepared *p, struct err *e)
{
    struct extents of;
    memset(p, 0, sizeof *p);
    size_t voxels = image_voxels(s->image.size);
    if (voxels > INT32_MAX)
        return err_data(
            e, "an image of %zu voxels is too large to train on; crop it or use `resize`", voxels);
    box_find_each(s->classes, s->image.size, of.box, of.count);
    att_status status = prepared_find_places(s, classes, &of, p, e);
    if (status == ATT_OK) status = find_parts(s, classes, &of, p, e);
    if (status != ATT_OK) {
        prepared_free(p);
        return status;
    }
    p->image = s->image.data;
    p->classes = s->classes;
    p->channels = s->image.channels;
    memcpy(p->size, s->image.size, sizeof p->size);
    memcpy(p->spacing, s->image.geometry.spacing, sizeof p->spacing);
    s->image.data = NULL;
    s->classes = NULL;
    return ATT_OK;
}

void prepared_free(struct prepared *p)
{
    mem_free(p->image);
    mem_free(p->classes);
    mem_free(p->places);
    mem_free(p->part_places);
    mem_free(p->part_first);
    memset(p, 0, sizeof *p);
}
