/* SPDX-License-Identifier: Apache-2.0 */
/* Separable resampling: one pass per changing axis, shrinking ones first. A new voxel's centre is
 * at (i + 1/2) * in/out of the old grid, as in torch's interpolate(align_corners=False); a
 * shrinking axis may use a triangle of half-width in/out (its antialias=True). */
#include "image/resample.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/tasks.h"
#include "base/text.h"
#include "image/resample_axis.h"

enum { TASK = 1 << 14 }; /* samples written by one task */

enum way { NEAREST, LINEAR, SMOOTH, CUBIC };

/* Taps of part of an axis: y[i] = sum over k of weight[i*max + k] * x[first[i] + k], k < count[i],
 * where i counts from `from`. */
struct taps {
    int in, out, from, max; /* in, out: of the whole axis */
    int *first, *count;
    float *weight;
};

static void taps_free(struct taps *t)
{
    mem_free(t->first);
    mem_free(t->count);
    mem_free(t->weight);
}

/* The old voxels within a triangle around new voxel i's centre. */
static void reach_smooth(
    int in, int out, int i, double *centre, double *width, int *first, int *last)
{
    double ratio = (double)in / out;
    *width = ratio > 1 ? ratio : 1;
    *centre = resample_place(in, out, i);
    double lo = ceil(*centre - *width), hi = floor(*centre + *width);
    *first = lo > 0 ? (int)lo : 0;
    *last = hi < in - 1 ? (int)hi : in - 1;
}

/* The triangle around one new voxel's centre, cut at the old grid's edges and scaled to sum 1. */
static void fill_smooth(struct taps *t, int i)
{
    double centre, width, sum = 0;
    float *w = t->weight + (size_t)i * (size_t)t->max;
    int first, last;
    reach_smooth(t->in, t->out, t->from + i, &centre, &width, &first, &last);
    int count = last - first + 1 < t->max ? last - first + 1 : t->max;
    for (int k = 0; k < count; k++) sum += fmax(0, 1 - fabs(first + k - centre) / width);
    for (int k = 0; k < count; k++)
        w[k] = (float)(fmax(0, 1 - fabs(first + k - centre) / width) / sum);
    t->first[i] = first;
    t->count[i] = count;
}

static double place_inside(int in, int out, int i)
{
    double place = resample_place(in, out, i);
    return place < 0 ? 0 : place > in - 1 ? in - 1 : place;
}

static void fill_linear(struct taps *t, int i)
{
    double place = place_inside(t->in, t->out, t->from + i);
    int below = (int)place;
    t->first[i] = below;
    t->count[i] = below + 1 < t->in ? 2 : 1;
    t->weight[(size_t)i * (size_t)t->max] = (float)(1 - (place - below));
    if (t->count[i] == 2) t->weight[(size_t)i * (size_t)t->max + 1] = (float)(place - below);
}

static void fill_nearest(struct taps *t, int i)
{
    t->first[i] = resample_near(t->in, t->out, t->from + i);
    t->count[i] = 1;
    t->weight[(size_t)i * (size_t)t->max] = 1;
}

static att_status taps_make(
    int in, int out, int from, int rows, enum way way, struct taps *t, struct err *e)
{
    double ratio = (double)in / out;
    int max = way != SMOOTH ? 2 : (int)fmin(in, ratio > 1 ? ceil(2 * ratio) + 1 : 3);
    size_t count = (size_t)rows, columns = (size_t)max;
    *t = (struct taps){.in = in, .out = out, .from = from, .max = max};
    t->first = mem_array(count, sizeof(int));
    t->count = mem_array(count, sizeof(int));
    t->weight = mem_array(count, columns * sizeof(float));
    if (!t->first || !t->count || !t->weight) {
        taps_free(t);
        return err_memory(e, count * (columns + 2) * sizeof(float), "resampling weights");
    }
    for (int i = 0; i < rows; i++) {
        if (way == NEAREST) fill_nearest(t, i);
        if (way == LINEAR) fill_linear(t, i);
        if (way == SMOOTH) fill_smooth(t, i);
    }
    return ATT_OK;
}

struct pass {
    const struct resample_axis *axis;
    const struct taps *taps;
    int before; /* voxels of the old axis before x */
    struct tasks rows;
};

static void resample_run_row(const struct pass *p, size_t row)
{
    const struct resample_axis *a = p->axis;
    const struct taps *t = p->taps;
    size_t out = (size_t)a->out, i = row % out;
    const float *x =
        a->x + (row / out * (size_t)a->in + (size_t)(t->first[i] - p->before)) * a->inner;
    const float *w = t->weight + i * (size_t)t->max;
    float *y = a->y + row * a->inner;
    for (size_t j = 0; j < a->inner; j++) y[j] = w[0] * x[j];
    for (size_t k = 1; k < (size_t)t->count[i]; k++)
        for (size_t j = 0; j < a->inner; j++) y[j] += w[k] * x[k * a->inner + j];
}

static void resample_run_rows(void *arg, int task, int worker)
{
    const struct pass *p = arg;
    (void)worker;
    for (size_t row = tasks_from(&p->rows, task); row < tasks_till(&p->rows, task); row++)
        resample_run_row(p, row);
}

/* Two grids, and the method for each axis. */
struct grids {
    const int *in, *out;
    enum way way[3];
};

/* Resample one axis of a channel from box `now` in x to box `next` in y. Cubic needs the whole
 * axis. */
static att_status run_axis(const struct grids *g, int axis, const float *x, const struct box *now,
    float *y, const struct box *next, struct pool *pool, struct err *e)
{
    struct taps taps;
    struct resample_axis a = {
        .x = x, .y = y, .outer = 1, .inner = 1, .in = now->size[axis], .out = next->size[axis]};
    for (int i = 0; i < axis; i++) a.outer *= (size_t)now->size[i];
    for (int i = axis + 1; i < 3; i++) a.inner *= (size_t)now->size[i];
    if (g->way[axis] == CUBIC) return resample_cubic(&a, pool, e);
    TRY(taps_make(
        g->in[axis], g->out[axis], next->from[axis], next->size[axis], g->way[axis], &taps, e));
    struct pass p = {.axis = &a, .taps = &taps, .before = now->from[axis]};
    p.rows = tasks_cut(a.outer * (size_t)a.out, a.inner, TASK);
    pool_run(pool, tasks_count(&p.rows), resample_run_rows, &p);
    taps_free(&taps);
    return ATT_OK;
}

int resample_axes(const int in[3], const int out[3], int axes[3])
{
    int count = 0;
    for (int grow = 0; grow < 2; grow++)
        for (int axis = 0; axis < 3; axis++)
            if (grow ? out[axis] > in[axis] : out[axis] < in[axis]) axes[count++] = axis;
    return count;
}

/* Resample one channel from x, box `have` of the old grid, to y, box `want` of the new one. Needs
 * at most two more volumes, none larger than the larger of the two. */
static att_status resample_run_channel(const struct grids *g, const float *x,
    const struct box *have, float *y, const struct box *want, struct pool *pool, struct err *e)
{
    int axes[3], passes = resample_axes(g->in, g->out, axes);
    struct box now = *have;
    if (passes == 0) memcpy(y, x, box_voxels(want) * sizeof *y);
    const float *from = x;
    float *owned = NULL;
    att_status status = ATT_OK;
    for (int i = 0; i < passes && status == ATT_OK; i++) {
        struct box next = now;
        int axis = axes[i];
        next.from[axis] = want->from[axis];
        next.size[axis] = want->size[axis];
        bool last = i == passes - 1;
        float *to = last ? y : mem_array(box_voxels(&next), sizeof *to);
        status = to ? run_axis(g, axis, from, &now, to, &next, pool, e)
                    : err_memory(e, box_voxels(&next) * sizeof *to, "resampling");
        mem_free(owned);
        owned = last ? NULL : to;
        from = to;
        now = next;
    }
    mem_free(owned);
    return status;
}

/* False if the number of samples overflows. */
static bool resample_samples_fit(int channels, const int size[3])
{
    size_t n = (size_t)channels;
    for (int axis = 0; axis < 3; axis++)
        if (__builtin_mul_overflow(n, (size_t)size[axis], &n)) return false;
    return n <= SIZE_MAX / sizeof(float);
}

static att_status run_channels(
    const struct grids *g, const float *x, int channels, float *y, struct pool *pool, struct err *e)
{
    const struct box have = box_whole(g->in), want = box_whole(g->out);
    if (!resample_samples_fit(channels, g->out) || !resample_samples_fit(channels, g->in))
        return err_set(e, ATT_MEMORY,
            "%d channel%s of %dx%dx%d voxels exceed the address space; choose a coarser grid",
            channels, TEXT_S(channels), g->out[0], g->out[1], g->out[2]);
    for (size_t c = 0; c < (size_t)channels; c++)
        TRY(resample_run_channel(
            g, x + c * box_voxels(&have), &have, y + c * box_voxels(&want), &want, pool, e));
    return ATT_OK;
}

att_status resample_linear(const float *x, int channels, const int in[3], float *y,
    const int out[3], struct pool *pool, struct err *e)
{
    return run_channels(
        &(struct grids){in, out, {SMOOTH, SMOOTH, SMOOTH}}, x, channels, y, pool, e);
}

double resample_bytes(bool cubic, int in, int out, int threads)
{
    const double reach = 2.0 * in + 3.0 * out; /* maximum taps of a smoothing axis */
    return cubic ? resample_cubic_bytes(in, out, threads)
                 : (double)sizeof(float) * reach + 2.0 * sizeof(int) * out;
}

static struct grids part_grids(const struct resample_part *p)
{
    enum way way = p->smooth ? SMOOTH : LINEAR;
    struct grids g = {p->in, p->out, {way, way, way}};
    if (p->thick_axis >= 0) g.way[p->thick_axis] = NEAREST;
    return g;
}

static void resample_reach(const struct grids *g, int axis, int i, int *first, int *last)
{
    int in = g->in[axis], out = g->out[axis];
    double unused[2];
    if (in == out) {
        *first = *last = i;
    } else if (g->way[axis] == SMOOTH) {
        reach_smooth(in, out, i, &unused[0], &unused[1], first, last);
    } else if (g->way[axis] == NEAREST) {
        *first = *last = resample_near(in, out, i);
    } else {
        *first = (int)place_inside(in, out, i);
        *last = *first + 1 < in ? *first + 1 : *first;
    }
}

void resample_needs(
    const struct resample_part *p, int axis, int from, int count, int *first, int *end)
{
    struct grids g = part_grids(p);
    int unused;
    resample_reach(&g, axis, from, first, &unused);
    resample_reach(&g, axis, from + count - 1, &unused, end);
    ++*end;
}

att_status resample_part(const struct resample_part *p, const float *x, const struct box *have,
    float *y, const struct box *want, struct pool *pool, struct err *e)
{
    struct grids g = part_grids(p);
    struct box needs, inside;
    for (int i = 0; i < 3; i++) {
        resample_needs(p, i, want->from[i], want->size[i], &needs.from[i], &needs.size[i]);
        needs.size[i] -= needs.from[i];
        inside.from[i] = needs.from[i] - have->from[i];
        inside.size[i] = needs.size[i];
    }
    if (!memcmp(&needs, have, sizeof needs))
        return resample_run_channel(&g, x, have, y, want, pool, e);
    float *part;
    TRY(MEM_ARRAY(part, box_voxels(&needs), "resampling", e));
    box_take(x, have->size, sizeof *x, &inside, part);
    att_status status = resample_run_channel(&g, part, &needs, y, want, pool, e);
    mem_free(part);
    return status;
}

att_status resample_along(const struct resample_part *p, bool cubic, int axis, const float *x,
    const int size[3], float *y, struct pool *pool, struct err *e)
{
    struct grids g = part_grids(p);
    struct box now = box_whole(size), next = now;
    if (cubic && g.way[axis] == LINEAR) g.way[axis] = CUBIC;
    next.size[axis] = p->out[axis];
    return run_axis(&g, axis, x, &now, y, &next, pool, e);
}

int resample_source(const int in[3], const int out[3], int thick_axis, int i)
{
    return resample_near(in[thick_axis], out[thick_axis], i);
}

/* A plane across `axis` (of a whole channel if -1) as runs of contiguous samples. */
struct plane {
    size_t runs, length, stride, first;
};

static struct plane resample_plane_at(const int size[3], int axis, int index)
{
    if (axis < 0) return (struct plane){1, image_voxels(size), 0, 0};
    struct plane p = {.runs = 1, .length = 1};
    for (int i = 0; i < axis; i++) p.runs *= (size_t)size[i];
    for (int i = axis + 1; i < 3; i++) p.length *= (size_t)size[i];
    p.stride = p.length * (size_t)size[axis];
    p.first = p.length * (size_t)index;
    return p;
}

struct cut {
    const float *x;
    float *y;
    const int *in, *out;
    int thick_axis;
};

/* Clip a plane of y to the range of its source plane in x. */
static void cut_plane(void *arg, int index, int worker)
{
    const struct cut *c = arg;
    (void)worker;
    struct plane from = resample_plane_at(c->in, c->thick_axis,
        c->thick_axis < 0 ? 0 : resample_near(c->in[c->thick_axis], c->out[c->thick_axis], index));
    struct plane to = resample_plane_at(c->out, c->thick_axis, index);
    float lo = c->x[from.first], hi = lo;
    for (size_t r = 0; r < from.runs; r++) {
        const float *x = c->x + from.first + r * from.stride;
        for (size_t i = 0; i < from.length; i++) {
            lo = x[i] < lo ? x[i] : lo;
            hi = x[i] > hi ? x[i] : hi;
        }
    }
    for (size_t r = 0; r < to.runs; r++) {
        float *y = c->y + to.first + r * to.stride;
        for (size_t i = 0; i < to.length; i++) y[i] = y[i] < lo ? lo : y[i] > hi ? hi : y[i];
    }
}

att_status resample_order(const float *x, int channels, const int in[3], float *y, const int out[3],
    int order, int thick_axis, struct pool *pool, struct err *e)
{
    enum way plain = order == 3 ? CUBIC : LINEAR;
    struct grids g = {in, out, {plain, plain, plain}};
    bool cubic = false;
    if (thick_axis >= 0) g.way[thick_axis] = NEAREST;
    TRY(run_channels(&g, x, channels, y, pool, e));
    for (int i = 0; i < 3; i++) cubic |= g.way[i] == CUBIC && in[i] != out[i];
    for (size_t c = 0; cubic && c < (size_t)channels; c++) {
        struct cut cut = {x + c * image_voxels(in), y + c * image_voxels(out), in, out, thick_axis};
        pool_run(pool, thick_axis < 0 ? 1 : out[thick_axis], cut_plane, &cut);
    }
    return ATT_OK;
}

int resample_length(int size, double own, double wanted)
{
    double length = rint(own / wanted * size);
    return length >= 1 ? length < INT_MAX ? (int)length : INT_MAX : 1;
}

static int thickest(const double spacing[3])
{
    int axis = 0, equal = 0;
    double min = spacing[0];
    for (int i = 1; i < 3; i++) {
        if (spacing[i] > spacing[axis]) axis = i;
        min = spacing[i] < min ? spacing[i] : min;
    }
    for (int i = 0; i < 3; i++) equal += spacing[i] == spacing[axis];
    /* as nnU-Net: 2.4f / 0.8f is more than 3, 2.4 / 0.8 is not */
    return spacing[axis] / min > 3 && equal == 1 ? axis : -1;
}

int resample_thick_axis(const double own[3], const double wanted[3])
{
    int axis = thickest(own);
    return axis < 0 ? thickest(wanted) : axis;
}
