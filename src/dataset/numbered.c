/* SPDX-License-Identifier: Apache-2.0 */
/* Decides from values and connected pieces whether masks number objects. */
#include "dataset/numbered.h"

#include <math.h>

#include "base/ints.h"
#include "base/mem.h"
#include "dataset/memory_set.h"
#include "dataset/shares.h"
#include "image/box.h"
#include "image/components.h"

/* Fewer values do not show it by themselves; fewer than FEWEST need FEW_CASES images. */
enum {
    FEWEST = 5,
    FEWEST_WITH_GAPS = 8,
    FEW_CASES = 5,
    CASES_READ = 24,
    LOW = 2,
    MIXED_CASES = 3,
    MANY = 8
};
/* Objects are side by side, so their boxes cover a limited multiple of the image; this bounds the
 * work, too. */
enum { OVERLAP = 32 };

bool numbered_has_void(const struct values *v)
{
    return values_have(v, NUMBERED_VOID) && values_count(v) > 2 &&
        !values_have(v, NUMBERED_VOID - 1);
}

void numbered_add(struct numbered *n, const struct values *v, int i)
{
    const int count = values_count(v) - values_have(v, 0);
    if (count == 0) return;
    if (count > n->max) n->full = 0;
    if (count > n->max) n->max = count;
    n->full += count == n->max;
    n->cases++;
    n->values += count;
    n->highest += values_highest(v);
    n->gap |= values_highest(v) > count;
    int lowest = 1;
    while (!values_have(v, (unsigned)lowest)) lowest++;
    n->runs += count > 1 && values_highest(v) - lowest + 1 == count;
    n->top = max_int(n->top, values_highest(v));
    n->bottom = n->bottom ? min_int(n->bottom, lowest) : lowest;
    n->low += count <= LOW;
    if (count > 1 && n->several < NUMBERED_RARE) n->first[n->several] = i;
    n->several += count > 1;
    for (int x = lowest; x <= values_highest(v) && n->extent; x++) {
        struct extent *own = &n->extent[x];
        const int at = n->place[i];
        if (!values_have(v, (unsigned)x)) continue;
        own->first = own->count ? min_int(own->first, at) : at;
        own->last = max_int(own->last, at);
        own->count++;
    }
}

/* Most cases have fewer values than the maximum, and tenths / 10 of the numbers up to their
 * highest. */
static bool varied(const struct numbered *n, int fewest, int tenths)
{
    return n->max >= fewest && 2 * n->full < n->cases && 10 * n->values >= tenths * n->highest;
}

bool numbered_likely(const struct numbered *n) { return varied(n, FEWEST, 9); }

static bool numbered_few(const struct numbered *n)
{
    return n->max >= 2 && n->max < FEWEST && n->cases >= FEW_CASES && !n->gap &&
        10 * n->full <= 9 * n->cases;
}

/* As many in most images; or three or four in nearly all of many, or many in a few. Two may be
 * organs at any places. */
static bool numbered_equal(const struct numbered *n)
{
    const int least = n->max < FEWEST ? 2 * FEW_CASES : n->max < MANY ? FEW_CASES : 1;
    return n->max > LOW && !numbered_few(n) && n->cases >= least && !n->gap &&
        2 * n->full >= n->cases;
}

/* Values of a case are neighbours, but others have other ones: 1 to 5, then 4 to 9. */
static bool numbered_moving(const struct numbered *n)
{
    return n->max > LOW && n->cases >= FEW_CASES && n->gap &&
        2 * (n->top - n->bottom + 1) >= 3 * n->max && nine_tenths(n->runs, n->several) &&
        nine_tenths(n->several, n->cases);
}

/* Some masks have one or two values, others more, but not all as many. */
static bool numbered_mixed(const struct numbered *n)
{
    const int high = n->cases - n->low;
    return n->max > LOW + 1 && !n->gap && n->low >= MIXED_CASES && high >= MIXED_CASES &&
        n->full < high;
}

/* The same of two or three values: the others have one. */
static bool numbered_mixed_few(const struct numbered *n)
{
    return n->max >= 2 && n->max <= LOW + 1 && !n->gap && n->cases >= 2 * MIXED_CASES;
}

/* One or two masks have values above 1, up to three or more. A class that few images show is in
 * masks like that, too, but hardly two of them at once. */
static bool numbered_rare(const struct numbered *n)
{
    return n->max > LOW && !n->gap && n->several <= NUMBERED_RARE && n->cases >= 2 * MIXED_CASES;
}

/* Most values are in a few neighbouring images each, and in no other: objects, or organs, of one
 * volume whose planes these are. */
static bool numbered_in_planes(const struct numbered *n)
{
    enum { PLANES = 3 };
    int values = 0, runs = 0, broken = 0;
    for (int v = n->bottom; v <= n->top && n->extent; v++) {
        const struct extent *x = &n->extent[v];
        const int length = x->last - x->first + 1;
        values += x->count > 0;
        broken += x->count > 0 && 10 * x->count < 9 * length;
        runs += x->count >= PLANES && 10 * x->count >= 9 * length;
    }
    return runs > LOW && 2 * runs >= values && 10 * broken <= values &&
        2 * n->values <= (int64_t)values * n->cases && 2 * n->several >= n->cases;
}

/* What values of masks are like. */
struct tally {
    int64_t values, whole, inner; /* values in masks; in one piece; mostly along other values */
    int64_t pieces;
    int masks, numbers, classes; /* with foreground; more than LOW values, each in one piece;
                                    fewer, in several pieces */
    int few, ones, lone;         /* several values, each in one piece; one, in several; in one */
    bool planes;                 /* numbered_in_planes */
    bool overlap;                /* boxes do, too much */
    struct spread *of, *around;  /* around: from the middle of all values, or NULL */
    int most, places;            /* the last value of `around`, and of `of` */
    double beside[3], all[3];    /* squares of centres from a line along the values, and in all */
};

void spread_add(struct spread *s, const double at[3])
{
    for (int i = 0; i < 3; i++) {
        s->sum[i] += at[i];
        s->squares[i] += at[i] * at[i];
    }
    s->count++;
}

bool spreads_stay(const struct spread *s, int count, int least)
{
    static const double near = .1; /* standard deviation */
    for (int k = 0; k < count; k++)
        for (int i = 0; i < 3 && s[k].count >= least; i++) {
            const double mean = s[k].sum[i] / s[k].count;
            if (s[k].squares[i] / s[k].count - mean * mean > near * near) return false;
        }
    return true;
}

/* Along an axis along which values spread, each spreads nearly as much as all of them. */
static bool spread_alike(const double own[3], const double all[3])
{
    const double most = fmax(all[0], fmax(all[1], all[2]));
    for (int i = 0; i < 3; i++)
        if (4 * all[i] >= most && 2 * own[i] > all[i]) return true;
    return false;
}

bool spreads_mix(const struct spread *s, int count, int least)
{
    double own[3] = {0}, all[3] = {0};
    for (int k = 0; k < count; k++)
        for (int i = 0; i < 3 && s[k].count >= least; i++) {
            const double m = s[k].count, bias = m > 1 && m < FEW_CASES ? m / (m - 1) : 1;
            own[i] += bias * (s[k].squares[i] - s[k].sum[i] * s[k].sum[i] / m);
            all[i] += s[k].squares[i]; /* their mean is 0 */
        }
    return spread_alike(own, all);
}

static bool have_places(const struct tally *t) { return spreads_stay(t->of, FEWEST, 1); }

/* In neighbouring planes, an object is in one place. */
static bool go_through_planes(const struct tally *t)
{
    return t->planes && spreads_stay(t->of, t->places + 1, 1);
}

/* Numbered in any order: organs are in the same order in all images. One image does not tell. */
static bool have_no_order(const struct tally *t)
{
    return t->masks == 1 || spreads_mix(t->around, t->most + 1, 1);
}

/* The box of each value but 0, and its neighbours that are background or other values; `box` and
 * `edge` are zeroed. */
static void find_boxes(const struct labelmap *m, struct box *box, int64_t (*edge)[2])
{
    const int *n = m->size;
    const size_t step[3] = {(size_t)n[1] * (size_t)n[2], (size_t)n[2], 1};
    const uint16_t *x = m->data;
    for (int d = 0; d < n[0]; d++)
        for (int h = 0; h < n[1]; h++)
            for (int w = 0; w < n[2]; w++, x++) {
                const int at[3] = {d, h, w};
                if (*x) box_add(&box[*x], d, h, w, 1);
                for (int i = 0; i < 3; i++) {
                    const uint16_t next = at[i] + 1 < n[i] ? x[step[i]] : *x;
                    if (next == *x) continue;
                    edge[*x][next != 0]++;
                    edge[next][*x != 0]++;
                }
            }
}

static double centre_of(const struct box *b, int axis, const int size[3])
{
    return (b->from[axis] + .5 * b->size[axis]) / size[axis];
}

static void add_centre(
    struct spread *s, const struct box *b, const int size[3], const double from[3])
{
    double at[3];
    for (int i = 0; i < 3; i++) at[i] = centre_of(b, i, size) - from[i];
    spread_add(s, at);
}

static void add_around(struct tally *t, const struct box *box, const int size[3])
{
    double middle[3] = {0};
    int count = 0;
    for (int v = 1; v <= t->most; v++) {
        if (!box_voxels(&box[v])) continue;
        count++;
        for (int i = 0; i < 3; i++) middle[i] += centre_of(&box[v], i, size);
    }
    for (int i = 0; i < 3 && count; i++) middle[i] /= count;
    for (int v = 1; v <= t->most; v++)
        if (box_voxels(&box[v])) add_centre(&t->around[v], &box[v], size, middle);
}

/* Vertebrae of which each image shows others lie along a line, in the order of their values. */
static void add_line(struct tally *t, const struct box *box, const int size[3])
{
    double n = 0, v1 = 0, v2 = 0;
    for (int v = 1; v < VALUES; v++) {
        if (!box_voxels(&box[v])) continue;
        n++;
        v1 += v;
        v2 += (double)v * v;
    }
    if (n < 3) return;
    for (int i = 0; i < 3; i++) {
        double x1 = 0, x2 = 0, xv = 0;
        for (int v = 1; v < VALUES; v++) {
            if (!box_voxels(&box[v])) continue;
            const double x = centre_of(&box[v], i, size);
            x1 += x;
            x2 += x * x;
            xv += x * v;
        }
        const double all = x2 - x1 * x1 / n, both = xv - x1 * v1 / n,
                     along = both * both / (v2 - v1 * v1 / n);
        t->all[i] += all;
        t->beside[i] += (all - along) * (n - 1) / (n - 2);
    }
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

static att_status tally_values(struct tally *t, const struct labelmap *m, const struct box *box,
    const int64_t (*edge)[2], struct err *e)
{
    const size_t voxels = image_voxels(m->size);
    uint8_t *mask = NULL;
    int32_t *label = NULL;
    att_status status = MEM_BYTES(mask, voxels, "the pieces of a mask", e);
    if (status == ATT_OK) status = MEM_ARRAY(label, voxels, "the pieces of a mask", e);
    for (unsigned v = 1; v < VALUES && status == ATT_OK; v++) {
        int pieces = 0;
        if (!box_voxels(&box[v])) continue;
        status = pieces_in(m, &box[v], v, mask, label, &pieces, e);
        t->values++;
        t->whole += pieces == 1;
        t->pieces += pieces;
        t->inner += edge[v][1] > edge[v][0];
        if (v <= (unsigned)t->places) add_centre(&t->of[v], &box[v], m->size, (const double[3]){0});
    }
    mem_free(mask);
    mem_free(label);
    return status;
}

/* Unless boxes overlap too much. */
static att_status tally_mask(struct tally *t, const struct labelmap *m, struct err *e)
{
    struct box *box = NULL;
    int64_t(*edge)[2] = NULL;
    att_status status = MEM_ARRAY(box, VALUES, "the values of a mask", e);
    if (status == ATT_OK) status = MEM_ARRAY(edge, VALUES, "the values of a mask", e);
    if (status == ATT_OK) {
        find_boxes(m, box, edge);
        t->overlap = boxes_overlap(box, image_voxels(m->size));
    }
    if (status == ATT_OK && !t->overlap && t->around) add_around(t, box, m->size);
    if (status == ATT_OK && !t->overlap) add_line(t, box, m->size);
    if (status == ATT_OK && !t->overlap)
        status = tally_values(t, m, box, (const int64_t(*)[2])edge, e);
    mem_free(box);
    mem_free(edge);
    return status;
}

static void tally_kind(struct tally *t, int64_t values, int64_t whole, int64_t pieces)
{
    t->masks += values > 0;
    t->numbers += values > LOW && whole == values;
    t->classes += values > 0 && values <= LOW && pieces >= values + 2;
    t->few += values > 1 && whole == values;
    t->ones += values == 1 && pieces > 1;
    t->lone += values == 1 && pieces == 1;
}

/* Where others have up to three objects with numbers, all of one mask have the same. Each class
 * would have its place, or touch others, or miss in some mask that has later ones. */
static bool few_in_some(const struct numbered *n, const struct tally *t)
{
    return numbered_mixed_few(n) && t->few >= MIXED_CASES && t->ones >= MIXED_CASES &&
        nine_tenths(t->few + t->ones + t->lone, t->masks) && 10 * t->inner <= t->values &&
        !have_places(t);
}

/* All masks with several values have each in one piece; most others have several pieces. */
static bool rare_in_few(const struct numbered *n, const struct tally *t)
{
    return numbered_rare(n) && t->few == n->several && t->ones >= MIXED_CASES &&
        4 * t->ones >= 3 * (t->ones + t->lone) && 10 * t->inner <= t->values;
}

static enum numbered_kind numbered_decide(const struct numbered *n, const struct tally *t)
{
    if (!t->overlap && numbered_mixed(n) && t->numbers >= MIXED_CASES &&
        t->classes >= MIXED_CASES && nine_tenths(t->numbers + t->classes, t->masks))
        return NUMBERED_MIXED;
    if (!t->overlap && (few_in_some(n, t) || rare_in_few(n, t))) return NUMBERED_MIXED;
    const bool apart = 10 * t->inner <= t->values, cut = !nine_tenths(t->whole, t->values);
    if (t->overlap || !t->values || 3 * t->whole < 2 * t->values) return NUMBERED_CLASSES;
    if (numbered_likely(n) && !cut) return NUMBERED_OBJECTS;
    if (go_through_planes(t) && !cut) return NUMBERED_DOUBTFUL;
    if (numbered_moving(n) && !varied(n, FEWEST_WITH_GAPS, 5))
        return apart && spread_alike(t->beside, t->all) ? NUMBERED_DOUBTFUL : NUMBERED_CLASSES;
    if (t->around)
        return !apart || !have_no_order(t) ? NUMBERED_CLASSES
            : cut                          ? NUMBERED_DOUBTFUL
                                           : NUMBERED_FEW;
    if (cut) return NUMBERED_CLASSES;
    if (n->max >= FEWEST) return NUMBERED_DOUBTFUL;
    return !apart || have_places(t) ? NUMBERED_CLASSES : NUMBERED_FEW;
}

static void drop_void(struct labelmap *m)
{
    for (size_t i = 0, voxels = image_voxels(m->size); i < voxels; i++)
        if (m->data[i] == NUMBERED_VOID) m->data[i] = 0;
}

/* *found: there is something in it. */
static att_status tally_case(const struct data_case *c, struct tally *t, bool *found, struct err *e)
{
    struct labelmap m;
    const int64_t before = t->values, whole = t->whole, pieces = t->pieces;
    *found = false;
    if (!c->label || c->bad) return ATT_OK;
    TRY(case_load_labels(c, &m, e));
    if (m.palette) drop_void(&m);
    att_status status = tally_mask(t, &m, e);
    labelmap_free(&m);
    TRY(status);
    tally_kind(t, t->values - before, t->whole - whole, t->pieces - pieces);
    *found = t->values > before;
    return ATT_OK;
}

/* Some masks, and those that alone have several values. */
static att_status tally_masks(const struct numbered *n, const struct dataset *d, struct tally *t,
    struct host *host, struct err *e)
{
    const int step = divide_up(d->count, CASES_READ), rare = numbered_rare(n) ? n->several : 0;
    bool found;
    for (int k = 0; k < rare; k++) TRY(tally_case(&d->cases[n->first[k]], t, &found, e));
    for (int i = 0, next; i < d->count && !t->overlap;
         i = next) { /* every step-th, or the next non-empty one */
        next = i + 1;
        TRY(host_part(host, "looking for objects", i, d->count, e));
        if ((rare > 0 && i == n->first[0]) || (rare > 1 && i == n->first[1])) continue;
        TRY(tally_case(&d->cases[i], t, &found, e));
        if (found) next = (i / step + 1) * step;
    }
    return ATT_OK;
}

att_status numbered_find(const struct numbered *n, const struct dataset *d,
    enum numbered_kind *kind, struct host *host, struct err *e)
{
    struct tally t = {.planes = d->dims == 2 && numbered_in_planes(n)};
    const bool around = numbered_likely(n) || numbered_equal(n),
               all = around || numbered_moving(n) || varied(n, FEWEST_WITH_GAPS, 5) ||
        numbered_few(n) || t.planes;
    *kind = NUMBERED_CLASSES;
    if (!all && !numbered_mixed(n) && !numbered_mixed_few(n) && !numbered_rare(n)) return ATT_OK;
    if (around) TRY(MEM_ARRAY(t.around, n->top + 1, "the values of masks", e));
    t.most = around ? n->top : 0;
    t.places = t.planes ? max_int(n->top, FEWEST) : FEWEST;
    att_status status = MEM_ARRAY(t.of, t.places + 1, "the values of masks", e);
    if (status == ATT_OK) status = tally_masks(n, d, &t, host, e);
    if (status == ATT_OK) *kind = numbered_decide(n, &t);
    if (!all && *kind != NUMBERED_MIXED) *kind = NUMBERED_CLASSES;
    mem_free(t.around);
    mem_free(t.of);
    TRY(status);
    return host_part(host, "looking for objects", d->count, d->count, e);
}
