/* SPDX-License-Identifier: Apache-2.0 */
/* Decides from values and connected pieces whether masks number objects. */
#include "dataset/numbered.h"

#include "base/ints.h"
#include "base/mem.h"
#include "dataset/memory_set.h"
#include "image/box.h"
#include "image/components.h"

/* Fewer values do not show it. */
enum { FEWEST = 5, FEWEST_WITH_GAPS = 8, CASES_READ = 24 };
/* Objects are side by side, so their boxes cover a limited multiple of the image; this bounds the
 * work, too. */
enum { OVERLAP = 32 };

void numbered_add(struct numbered *n, const struct values *v)
{
    const int count = values_count(v) - values_have(v, 0);
    if (count == 0) return;
    if (count > n->max) n->full = 0;
    if (count > n->max) n->max = count;
    n->full += count == n->max;
    n->cases++;
    n->values += count;
    n->highest += values_highest(v);
}

/* Most cases have fewer values than the maximum, and tenths / 10 of the numbers up to their
 * highest. */
static bool varied(const struct numbered *n, int fewest, int tenths)
{
    return n->max >= fewest && 2 * n->full < n->cases && 10 * n->values >= tenths * n->highest;
}

bool numbered_likely(const struct numbered *n) { return varied(n, FEWEST, 9); }

/* The box of each value but 0; `box` is zeroed. */
static void find_boxes(const struct labelmap *m, struct box *box)
{
    const int *n = m->size;
    const uint16_t *x = m->data;
    for (int d = 0; d < n[0]; d++)
        for (int h = 0; h < n[1]; h++)
            for (int w = 0; w < n[2]; w++, x++)
                if (*x) box_add(&box[*x], d, h, w, 1);
}

static att_status pieces_in(const struct labelmap *m, const struct box *b, unsigned value,
    uint8_t *mask, int32_t *label, int *pieces, struct err *e)
{
    uint8_t *out = mask;
    for (int d = 0; d < b->size[0]; d++)
        for (int h = 0; h < b->size[1]; h++) {
            const uint16_t *row = m->data + box_row(b, m->size, d, h);
            for (int w = 0; w < b->size[2]; w++) *out++ = row[w] == value;
        }
    return components_label(mask, b->size, label, pieces, e);
}

static bool boxes_overlap(const struct box *box, size_t voxels)
{
    size_t sum = 0;
    for (int v = 1; v < VALUES && sum <= OVERLAP * voxels; v++) sum += box_voxels(&box[v]);
    return sum > OVERLAP * voxels;
}

/* Number of values in a mask, and of those in one piece; unless boxes overlap too much. */
static att_status count_whole(
    const struct labelmap *m, int64_t *values, int64_t *whole, bool *overlap, struct err *e)
{
    size_t voxels = image_voxels(m->size);
    struct box *box = mem_array(VALUES, sizeof *box);
    uint8_t *mask = mem_alloc(voxels);
    int32_t *label = mem_array(voxels, sizeof *label);
    att_status status =
        box && mask && label ? ATT_OK : err_memory(e, voxels * 5, "the pieces of a mask");
    if (status == ATT_OK) {
        find_boxes(m, box);
        *overlap = boxes_overlap(box, voxels);
    }
    for (unsigned v = 1; v < VALUES && status == ATT_OK && !*overlap; v++) {
        int pieces = 0;
        if (!box_voxels(&box[v])) continue;
        status = pieces_in(m, &box[v], v, mask, label, &pieces, e);
        *values += 1;
        *whole += pieces == 1;
    }
    mem_free(box);
    mem_free(mask);
    mem_free(label);
    return status;
}

att_status numbered_find(const struct numbered *n, const struct dataset *d,
    enum numbered_kind *kind, struct host *host, struct err *e)
{
    int64_t values = 0, whole = 0;
    *kind = NUMBERED_CLASSES;
    if (!numbered_likely(n) && !varied(n, FEWEST_WITH_GAPS, 5)) return ATT_OK;
    const int step = divide_up(d->count, CASES_READ);
    bool overlap = false;
    for (int i = 0, next; i < d->count && !overlap;
         i = next) { /* every step-th, or the next non-empty one */
        struct labelmap m;
        const int64_t before = values;
        next = i + 1;
        TRY(host_part(host, "looking for objects", i, d->count, e));
        if (!d->cases[i].label || d->cases[i].bad) continue;
        TRY(case_load_labels(&d->cases[i], &m, e));
        att_status status = count_whole(&m, &values, &whole, &overlap, e);
        labelmap_free(&m);
        TRY(status);
        if (values > before) next = (i / step + 1) * step;
    }
    if (!overlap && values > 0 && 10 * whole >= 9 * values)
        *kind = numbered_likely(n) ? NUMBERED_OBJECTS : NUMBERED_DOUBTFUL;
    return host_part(host, "looking for objects", d->count, d->count, e);
}
