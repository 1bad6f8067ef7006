/* SPDX-License-Identifier: Apache-2.0 */
/* Where the foreground of a case lies; called when cases are loaded. */
#include "dataset/prepared.h"

#include <string.h>

#include "base/mem.h"
#include "image/components.h"

enum { PLACES = 4096 };

/* The voxels of one class, and the box around them. */
struct extent {
    int64_t count;
    int low[3], high[3];
};

static void measure(const uint8_t *classes, const int size[3], struct extent *of)
{
    size_t i = 0;
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++)
            for (int w = 0; w < size[2]; w++, i++) {
                struct extent *x = &of[classes[i]];
                const int at[3] = {d, h, w};
                for (int k = 0; k < 3; k++) {
                    if (!x->count || at[k] < x->low[k]) x->low[k] = at[k];
                    if (!x->count || at[k] > x->high[k]) x->high[k] = at[k];
                }
                x->count++;
            }
}

/* Of `count` in a row the k-th is kept when it is the first whose share reaches the next of `room` places. */
static bool is_next(int64_t k, int64_t count, int64_t filled, int64_t room) { return filled < room && k * room >= filled * count; }

static att_status find_places(const struct sample *s, int classes, const struct extent *of, struct prepared *p, struct err *e)
{
    int total = 0;
    int64_t seen[LABELLING_MAX] = {0}, filled[LABELLING_MAX] = {0};
    size_t voxels = image_voxels(s->image.size);
    for (int c = 0; c < classes; c++) {
        p->first[c] = total;
        if (c > 0) total += (int)(of[c].count < PLACES ? of[c].count : PLACES);
    }
    for (int c = classes; c <= LABELLING_MAX; c++) p->first[c] = total;
    p->places = mem_array((size_t)total + 1, sizeof *p->places);
    if (!p->places) return err_memory(e, (size_t)total * sizeof *p->places, "places of foreground");
    for (size_t i = 0; i < voxels; i++) {
        int c = s->classes[i];
        if (c == 0 || c >= classes) continue;
        if (is_next(seen[c]++, of[c].count, filled[c], p->first[c + 1] - p->first[c])) p->places[p->first[c] + filled[c]++] = (uint32_t)i;
    }
    return ATT_OK;
}

/* ---- by components */

/* One class within its box. */
struct box {
    const struct extent *of;
    const int *whole; /* the image's size */
    int size[3], count;
    size_t voxels;
    uint8_t *mask;
    int32_t *label; /* 1..count */
};

static size_t voxel_of(const struct box *b, size_t i)
{
    size_t w = i % (size_t)b->size[2], h = i / (size_t)b->size[2] % (size_t)b->size[1], d = i / (size_t)b->size[2] / (size_t)b->size[1];
    const int *low = b->of->low;
    return ((d + (size_t)low[0]) * (size_t)b->whole[1] + h + (size_t)low[1]) * (size_t)b->whole[2] + w + (size_t)low[2];
}

static att_status box_begin(struct box *b, const struct sample *s, int class, const struct extent *of, struct err *e)
{
    *b = (struct box){.of = of, .whole = s->image.size};
    for (int i = 0; i < 3; i++) b->size[i] = of->high[i] - of->low[i] + 1;
    b->voxels = image_voxels(b->size);
    b->mask = mem_alloc(b->voxels);
    b->label = mem_array(b->voxels, sizeof *b->label);
    if (!b->mask || !b->label) return err_memory(e, b->voxels * 5, "components of the foreground");
    for (size_t i = 0; i < b->voxels; i++) b->mask[i] = s->classes[voxel_of(b, i)] == class;
    return components_label(b->mask, b->size, b->label, &b->count, e);
}

static void box_end(struct box *b)
{
    mem_free(b->mask);
    mem_free(b->label);
}

/* A component while its places are gathered; those that are not kept have no room. */
struct piece {
    int64_t seen, filled, room;
    int first;
};

static att_status grow(struct prepared *p, int parts, int places, struct err *e)
{
    int old_parts = p->part_first ? p->parts[LABELLING_MAX] : 0, old_places = p->part_first ? p->part_first[old_parts] : 0;
    int *first = mem_grow(p->part_first, p->part_first ? ((size_t)old_parts + 1) * sizeof *first : 0,
                          ((size_t)old_parts + (size_t)parts + 1) * sizeof *first);
    if (first) p->part_first = first;
    uint32_t *more = mem_grow(p->part_places, (size_t)old_places * sizeof *more, ((size_t)old_places + (size_t)places) * sizeof *more);
    if (more) p->part_places = more;
    return first && more ? ATT_OK : err_memory(e, ((size_t)old_places + (size_t)places) * sizeof *more, "places of components");
}

/* Adds the components of a box: part_first ends with the number of all places. */
static att_status add_pieces(struct prepared *p, const struct box *b, const int64_t *sizes, struct piece *pieces, struct err *e)
{
    int kept = 0, places = 0, most = b->count < PLACES ? b->count : PLACES, room = PLACES / most;
    for (int k = 0; k < b->count; k++) {
        if (!is_next(k, b->count, kept, most)) continue;
        kept++;
        pieces[k].room = sizes[k] < room ? sizes[k] : room;
        places += (int)pieces[k].room;
    }
    TRY(grow(p, kept, places, e));
    int part = p->parts[LABELLING_MAX];
    for (int k = 0; k < b->count; k++) {
        if (!pieces[k].room) continue;
        pieces[k].first = p->part_first[part];
        p->part_first[part + 1] = pieces[k].first + (int)pieces[k].room;
        part++;
    }
    p->parts[LABELLING_MAX] = part;
    for (size_t i = 0; i < b->voxels; i++) {
        if (!b->label[i]) continue;
        struct piece *q = &pieces[b->label[i] - 1];
        if (is_next(q->seen++, sizes[b->label[i] - 1], q->filled, q->room))
            p->part_places[q->first + q->filled++] = (uint32_t)voxel_of(b, i);
    }
    return ATT_OK;
}

static att_status add_box(struct prepared *p, const struct box *b, struct err *e)
{
    if (b->count < 2) return ATT_OK;
    int64_t *sizes = mem_array((size_t)b->count, sizeof *sizes);
    struct piece *pieces = mem_array((size_t)b->count, sizeof *pieces);
    att_status status = sizes && pieces ? ATT_OK : err_memory(e, (size_t)b->count * sizeof *pieces, "components of the foreground");
    if (status == ATT_OK) {
        components_sizes(b->label, b->voxels, b->count, sizes);
        status = add_pieces(p, b, sizes, pieces, e);
    }
    mem_free(sizes);
    mem_free(pieces);
    return status;
}

/* parts[LABELLING_MAX] is the number of components so far until all classes are done. */
static att_status find_parts(const struct sample *s, int classes, const struct extent *of, struct prepared *p, struct err *e)
{
    for (int c = 0; c < LABELLING_MAX; c++) {
        p->parts[c] = p->parts[LABELLING_MAX];
        if (c == 0 || c >= classes || of[c].count < 2) continue;
        struct box b;
        att_status status = box_begin(&b, s, c, &of[c], e);
        if (status == ATT_OK) status = add_box(p, &b, e);
        box_end(&b);
        TRY(status);
    }
    return ATT_OK;
}

att_status prepared_make(struct sample *s, int classes, struct prepared *p, struct err *e)
{
    struct extent of[256] = {{.count = 0}};
    memset(p, 0, sizeof *p);
    size_t voxels = image_voxels(s->image.size);
    if (voxels > INT32_MAX) return err_set(e, ATT_DATA, "an image of %zu voxels is too large to train on; crop it or use --resize", voxels);
    measure(s->classes, s->image.size, of);
    att_status status = find_places(s, classes, of, p, e);
    if (status == ATT_OK) status = find_parts(s, classes, of, p, e);
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
