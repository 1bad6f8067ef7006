/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/object_scores.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image/box.h"
#include "kernel/distance.h"

enum { NUMBERS = UINT16_MAX + 1 };

struct object {
    int64_t voxels;
    struct box box;
    int64_t overlap; /* with `other` */
    int other;       /* number of the object of the other mask that shares most voxels; 0: none */
};

/* Voxels with one number in each mask. */
struct shared {
    uint16_t number[2];
    int64_t voxels;
};

struct objects {
    const uint16_t *mask[2]; /* predicted, true */
    const int *size;
    struct object *object[2]; /* by number */
    struct shared *shared;
    int shares, count[2];
};

static int by_numbers(const void *a, const void *b)
{
    const struct shared *x = a, *y = b;
    return x->number[0] != y->number[0]
        ? (x->number[0] > y->number[0]) - (x->number[0] < y->number[0])
        : (x->number[1] > y->number[1]) - (x->number[1] < y->number[1]);
}

/* One entry for each pair of numbers. */
static void sum_shares(struct objects *o)
{
    int kept = 0;
    if (o->shares) qsort(o->shared, (size_t)o->shares, sizeof *o->shared, by_numbers);
    for (int i = 0; i < o->shares; i++)
        if (kept && !by_numbers(&o->shared[kept - 1], &o->shared[i]))
            o->shared[kept - 1].voxels += o->shared[i].voxels;
        else
            o->shared[kept++] = o->shared[i];
    o->shares = kept;
}

/* A run of voxels with the same numbers in both masks. */
static att_status add_run(
    struct objects *o, size_t from, size_t till, const int at[2], int w, struct err *e)
{
    const uint16_t number[2] = {o->mask[0][from], o->mask[1][from]};
    const int length = (int)(till - from);
    for (int k = 0; k < 2; k++) {
        struct object *x = &o->object[k][number[k]];
        if (!number[k]) continue;
        o->count[k] += x->voxels == 0;
        x->voxels += length;
        box_add(&x->box, at[0], at[1], w, length);
    }
    if (!number[0] || !number[1]) return ATT_OK;
    enum { SUMMED = 1 << 16 };
    if (o->shares && o->shares % SUMMED == 0) sum_shares(o);
    TRY(MEM_ROOM(o->shared, o->shares, "the objects of two masks", e));
    o->shared[o->shares++] = (struct shared){{number[0], number[1]}, length};
    return ATT_OK;
}

static att_status find_objects(struct objects *o, struct err *e)
{
    size_t i = 0;
    for (int d = 0; d < o->size[0]; d++)
        for (int h = 0; h < o->size[1]; h++)
            for (int w = 0, next; w < o->size[2]; i += (size_t)(next - w), w = next) {
                size_t end = i + 1;
                for (next = w + 1; next < o->size[2] && o->mask[0][end] == o->mask[0][i] &&
                     o->mask[1][end] == o->mask[1][i];
                     next++)
                    end++;
                TRY(add_run(o, i, end, (const int[2]){d, h}, w, e));
            }
    sum_shares(o);
    return ATT_OK;
}

static double iou_of(const struct objects *o, const struct shared *s)
{
    const int64_t all =
        o->object[0][s->number[0]].voxels + o->object[1][s->number[1]].voxels - s->voxels;
    return (double)s->voxels / (double)all;
}

static void match_objects(const struct objects *o, struct object_scores *s)
{
    const int objects = o->count[0] + o->count[1]; /* TP twice, FP and FN */
    int matches[OBJECT_THRESHOLDS] = {0};
    double sum = 0;
    for (int i = 0; i < o->shares; i++) {
        const double iou = iou_of(o, &o->shared[i]);
        for (int t = 0; t < OBJECT_THRESHOLDS; t++) matches[t] += 10 * iou > 5 + t;
        if (iou > .5) sum += iou;
    }
    for (int t = 0; t < OBJECT_THRESHOLDS; t++)
        s->ap[t] = (double)matches[t] / (objects - matches[t]);
    s->pq = 2 * sum / objects;
}

static void find_others(struct objects *o)
{
    for (int i = 0; i < o->shares; i++)
        for (int k = 0; k < 2; k++) {
            struct object *x = &o->object[k][o->shared[i].number[k]];
            if (o->shared[i].voxels <= x->overlap) continue;
            x->overlap = o->shared[i].voxels;
            x->other = o->shared[i].number[!k];
        }
}

static double object_dice(const struct objects *o, int k)
{
    double sum = 0;
    int64_t voxels = 0;
    for (int n = 1; n < NUMBERS; n++) {
        const struct object *x = &o->object[k][n];
        voxels += x->voxels;
        if (x->other)
            sum += (double)x->voxels * 2 * (double)x->overlap /
                (double)(x->voxels + o->object[!k][x->other].voxels);
    }
    return voxels ? sum / (double)voxels : 0;
}

/* Two objects in a box that holds both. */
struct pair_of_objects {
    const uint8_t *inside[2]; /* of the box */
    const float *squared[2];  /* distance to them */
    size_t voxels;
};

/* Squared distance from the farthest voxel of object k to the nearest of the other one. */
static double farthest(const struct pair_of_objects *p, int k)
{
    double max = 0;
    for (size_t i = 0; i < p->voxels; i++)
        if (p->inside[k][i] && (double)p->squared[!k][i] > max) max = (double)p->squared[!k][i];
    return max;
}

static void mark_object(
    const uint16_t *mask, const int size[3], const struct box *b, int number, uint8_t *inside)
{
    for (int d = 0; d < b->size[0]; d++)
        for (int h = 0; h < b->size[1]; h++) {
            const uint16_t *row = mask + box_row(b, size, d, h);
            for (int w = 0; w < b->size[2]; w++) *inside++ = row[w] == number;
        }
}

/* Hausdorff distance between object `own` of mask k and object `other` of the other mask. */
static att_status hausdorff_of(const struct objects *o, int k, int own, int other,
    const double spacing[3], double *distance, struct err *e)
{
    struct box b = o->object[k][own].box;
    box_join(&b, &o->object[!k][other].box);
    const size_t voxels = box_voxels(&b);
    uint8_t *inside = mem_array(voxels, 2);
    float *squared = mem_array(voxels, 2 * sizeof *squared);
    att_status status =
        inside && squared ? ATT_OK : err_memory(e, voxels * 10, "the distance of two objects");
    for (int i = 0; i < 2 && status == ATT_OK; i++) {
        mark_object(o->mask[i ? !k : k], o->size, &b, i ? other : own, inside + (size_t)i * voxels);
        status = distance_squared(
            inside + (size_t)i * voxels, b.size, spacing, squared + (size_t)i * voxels, NULL, e);
    }
    if (status == ATT_OK) {
        const struct pair_of_objects p = {
            {inside, inside + voxels}, {squared, squared + voxels}, voxels};
        *distance = sqrt(fmax(farthest(&p, 0), farthest(&p, 1)));
    }
    mem_free(inside);
    mem_free(squared);
    return status;
}

/* A bound from below: some side of one box lies at least so far from that side of the other. */
static double boxes_apart(const struct box *a, const struct box *b, const double spacing[3])
{
    double max = 0;
    for (int axis = 0; axis < 3; axis++) {
        const int low = abs(a->from[axis] - b->from[axis]),
                  high = abs(a->from[axis] + a->size[axis] - b->from[axis] - b->size[axis]);
        max = fmax(max, spacing[axis] * (low > high ? low : high));
    }
    return max;
}

/* For an object that overlaps none. */
static att_status nearest_object(const struct objects *o, int k, int own, const double spacing[3],
    double *distance, struct err *e)
{
    *distance = (double)INFINITY;
    for (int n = 1; n < NUMBERS; n++) {
        const struct object *x = &o->object[!k][n];
        double found;
        if (!x->voxels || boxes_apart(&x->box, &o->object[k][own].box, spacing) >= *distance)
            continue;
        TRY(hausdorff_of(o, k, own, n, spacing, &found, e));
        *distance = fmin(*distance, found);
    }
    return ATT_OK;
}

static att_status object_hausdorff(
    const struct objects *o, int k, const double spacing[3], double *mean, struct err *e)
{
    double sum = 0;
    int64_t voxels = 0;
    for (int n = 1; n < NUMBERS; n++) {
        const struct object *x = &o->object[k][n];
        double distance;
        if (!x->voxels) continue;
        TRY(x->other ? hausdorff_of(o, k, n, x->other, spacing, &distance, e)
                     : nearest_object(o, k, n, spacing, &distance, e));
        sum += (double)x->voxels * distance;
        voxels += x->voxels;
    }
    *mean = sum / (double)voxels;
    return ATT_OK;
}

static att_status score_objects(
    struct objects *o, const double spacing[3], struct object_scores *s, struct err *e)
{
    double mean[2];
    TRY(find_objects(o, e));
    s->predicted = o->count[0];
    s->truth = o->count[1];
    if (!s->predicted && !s->truth) return ATT_OK;
    match_objects(o, s);
    find_others(o);
    s->dice = (object_dice(o, 0) + object_dice(o, 1)) / 2;
    if (!spacing || !s->predicted || !s->truth) return ATT_OK;
    for (int k = 0; k < 2; k++) TRY(object_hausdorff(o, k, spacing, &mean[k], e));
    s->hausdorff = (mean[0] + mean[1]) / 2;
    return ATT_OK;
}

att_status object_scores_measure(const uint16_t *predicted, const uint16_t *truth,
    const int size[3], const double spacing[3], struct object_scores *s, struct err *e)
{
    struct objects o = {.mask = {predicted, truth}, .size = size};
    for (int k = 0; k < 2; k++) o.object[k] = mem_array(NUMBERS, sizeof *o.object[k]);
    const double none = (double)NAN;
    *s = (struct object_scores){0, 0, {none, none, none, none, none}, none, none, none};
    att_status status = o.object[0] && o.object[1]
        ? score_objects(&o, spacing, s, e)
        : err_memory(e, 2 * NUMBERS * sizeof *o.object[0], "the objects of two masks");
    mem_free(o.object[0]);
    mem_free(o.object[1]);
    mem_free(o.shared);
    return status;
}
