/* SPDX-License-Identifier: Apache-2.0 */
/* Works in the bounding box of both masks: a code for each point, a distance transform from each
 * surface, then the other surface's elements sorted by distance. */
#include "measure/surface.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image/box.h"
#include "kernel/distance.h"
#include "measure/surface_element.h"

static const double PERCENTILE = .95;
/* Distances were floats; one equal to the tolerance must count as within. */
static const double ROUNDING = 1 + 1e-6;

struct element {
    double distance, area;
};

/* The elements of one mask. */
struct surface {
    const uint8_t *mask;
    uint8_t *code; /* [points] */
    struct element *element;
    size_t count;
    double area; /* of all */
};

struct comparison {
    const int *size; /* of the masks */
    const double *spacing;
    struct box box;
    int points[3];
    size_t npoints;
    struct surface side[2]; /* predicted, true */
    uint8_t *on;            /* [points] whether there is an element */
    float *square;          /* [points] squared distance to the nearest of them */
};

static bool is_surface(const struct comparison *c, uint8_t code)
{
    return code != 0 && code != (c->size[0] == 1 ? 15 : 255);
}

/* Sets a bit in the codes of all points around every inside voxel, before and after it on each
 * axis. */
static void set_codes(const struct comparison *c, const struct surface *s)
{
    const struct box *b = &c->box;
    int last = c->size[0] == 1 ? 0 : 1;
    size_t row = (size_t)c->points[2], plane = (size_t)c->points[1] * row;
    for (int d = 0; d < b->size[0]; d++)
        for (int h = 0; h < b->size[1]; h++) {
            const uint8_t *mask = s->mask + box_row(b, c->size, d, h);
            for (int k = 0; k < (last + 1) * 2; k++) {
                int behind[2] = {k >> 1, k & 1}; /* the point is after the voxel, so the voxel is
                                                    the first of its pair */
                uint8_t *code =
                    s->code + (size_t)(d + behind[0]) * plane + (size_t)(h + behind[1]) * row;
                int bit = 4 * (last - behind[0]) + 2 * (1 - behind[1]);
                for (int w = 0; w < b->size[2]; w++) {
                    if (!mask[w]) continue;
                    code[w] |= (uint8_t)(2 << bit);
                    code[w + 1] |= (uint8_t)(1 << bit);
                }
            }
        }
}

static att_status find_distances(
    struct comparison *c, const struct surface *to, struct pool *pool, struct err *e)
{
    for (size_t i = 0; i < c->npoints; i++) c->on[i] = is_surface(c, to->code[i]);
    return distance_squared(c->on, c->points, c->spacing, c->square, pool, e);
}

static int by_distance(const void *a, const void *b)
{
    const struct element *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->area > y->area) - (x->area < y->area);
}

static att_status surface_gather(
    const struct comparison *c, struct surface *s, const double *area, struct err *e)
{
    size_t count = 0;
    for (size_t i = 0; i < c->npoints; i++) count += is_surface(c, s->code[i]);
    TRY(MEM_ARRAY(s->element, count, "distances of surfaces", e));
    for (size_t i = 0; i < c->npoints; i++)
        if (is_surface(c, s->code[i]))
            s->element[s->count++] = (struct element){sqrt((double)c->square[i]), area[s->code[i]]};
    qsort(s->element, s->count, sizeof *s->element, by_distance);
    for (size_t i = 0; i < s->count; i++) s->area += s->element[i].area;
    return ATT_OK;
}

static double surface_percentile(const struct surface *s)
{
    double area = 0;
    size_t i = 0;
    while (i < s->count && (area += s->element[i].area) / s->area < PERCENTILE) i++;
    return s->element[i < s->count ? i : s->count - 1].distance;
}

static void surface_score(const struct comparison *c, double tolerance, struct surface_scores *out)
{
    double sum = 0, within = 0, area = 0;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < c->side[k].count; i++) {
            const struct element *x = &c->side[k].element[i];
            area += x->area; /* in this order, so that the full sum is exact */
            sum += x->distance * x->area;
            if (x->distance <= tolerance * ROUNDING) within += x->area;
        }
    *out = (struct surface_scores){
        fmax(surface_percentile(&c->side[0]), surface_percentile(&c->side[1])), sum / area,
        within / area};
}

static att_status surface_compare(struct comparison *c, double tolerance, struct pool *pool,
    struct surface_scores *out, struct err *e)
{
    double area[SURFACE_CODES];
    for (int a = 0; a < 3; a++) c->points[a] = c->size[0] == 1 && a == 0 ? 1 : c->box.size[a] + 1;
    c->npoints = (size_t)c->points[0] * (size_t)c->points[1] * (size_t)c->points[2];
    c->side[0].code = mem_alloc(c->npoints);
    c->side[1].code = mem_alloc(c->npoints);
    c->on = mem_alloc(c->npoints);
    c->square = mem_array(c->npoints, sizeof *c->square);
    if (!c->side[0].code || !c->side[1].code || !c->on || !c->square)
        return err_memory(e, c->npoints * (3 + sizeof *c->square), "distances of surfaces");
    if (c->size[0] == 1)
        contour_element_lengths(c->spacing + 1, area);
    else
        surface_element_areas(c->spacing, area);
    for (int k = 0; k < 2; k++) set_codes(c, &c->side[k]);
    for (int k = 0; k < 2; k++) {
        TRY(find_distances(c, &c->side[1 - k], pool, e));
        TRY(surface_gather(c, &c->side[k], area, e));
    }
    surface_score(c, tolerance, out);
    return ATT_OK;
}

att_status surface_measure(const uint8_t *predicted, const uint8_t *truth, const int size[3],
    const double spacing[3], double tolerance, struct pool *pool, struct surface_scores *out,
    struct err *e)
{
    struct comparison c = {
        .size = size, .spacing = spacing, .side = {{.mask = predicted}, {.mask = truth}}};
    struct box other;
    bool one = box_find(predicted, size, &c.box), two = box_find(truth, size, &other);
    *out = (struct surface_scores){(double)NAN, (double)NAN, one || two ? 0 : (double)NAN};
    if (!one || !two) return ATT_OK;
    box_join(&c.box, &other);
    att_status status = surface_compare(&c, tolerance, pool, out, e);
    for (int k = 0; k < 2; k++) {
        mem_free(c.side[k].code);
        mem_free(c.side[k].element);
    }
    mem_free(c.on);
    mem_free(c.square);
    return status;
}
