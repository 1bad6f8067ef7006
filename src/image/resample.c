/* SPDX-License-Identifier: Apache-2.0 */
/* Separable resampling: one pass per axis that changes, those that shrink first.  A new voxel's centre lies at (i + 1/2) * in/out of the
 * old grid, as in torch's interpolate(align_corners=False); a shrinking axis may weigh with a triangle of half-width in/out (its
 * antialias=True). */
#include "image/resample.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "image/resample_axis.h"

enum { TASK = 1 << 14 }; /* samples written by one task */

enum way { NEAREST, LINEAR, SMOOTH, CUBIC };

/* How one axis is read: y[i] = sum over k of weight[i*most + k] * x[first[i] + k], k < count[i]. */
struct taps {
    int out, most;
    int *first, *count;
    float *weight;
};

static void taps_free(struct taps *t)
{
    mem_free(t->first);
    mem_free(t->count);
    mem_free(t->weight);
}

/* The triangle around one new voxel's centre, cut at the edges of the old grid and scaled to sum 1. */
static void fill_smooth(struct taps *t, int in, int i)
{
    double ratio = (double)in / t->out, width = ratio > 1 ? ratio : 1, centre = resample_place(in, t->out, i), sum = 0;
    float *w = t->weight + (size_t)i * (size_t)t->most;
    double lo = ceil(centre - width), hi = floor(centre + width);
    int first = lo > 0 ? (int)lo : 0, last = hi < in - 1 ? (int)hi : in - 1;
    int count = last - first + 1 < t->most ? last - first + 1 : t->most;
    for (int k = 0; k < count; k++) sum += fmax(0, 1 - fabs(first + k - centre) / width);
    for (int k = 0; k < count; k++) w[k] = (float)(fmax(0, 1 - fabs(first + k - centre) / width) / sum);
    t->first[i] = first;
    t->count[i] = count;
}

static void fill_linear(struct taps *t, int in, int i)
{
    double place = resample_place(in, t->out, i);
    place = place < 0 ? 0 : place > in - 1 ? in - 1 : place;
    int below = (int)place;
    t->first[i] = below;
    t->count[i] = below + 1 < in ? 2 : 1;
    t->weight[(size_t)i * (size_t)t->most] = (float)(1 - (place - below));
    if (t->count[i] == 2) t->weight[(size_t)i * (size_t)t->most + 1] = (float)(place - below);
}

static void fill_nearest(struct taps *t, int in, int i)
{
    t->first[i] = resample_near(in, t->out, i);
    t->count[i] = 1;
    t->weight[(size_t)i * (size_t)t->most] = 1;
}

static att_status taps_make(int in, int out, enum way way, struct taps *t, struct err *e)
{
    double ratio = (double)in / out;
    int most = way != SMOOTH ? 2 : (int)fmin(in, ratio > 1 ? ceil(2 * ratio) + 1 : 3);
    size_t rows = (size_t)out, columns = (size_t)most;
    *t = (struct taps){out, most, mem_array(rows, sizeof(int)), mem_array(rows, sizeof(int)), mem_array(rows, columns * sizeof(float))};
    if (!t->first || !t->count || !t->weight) {
        taps_free(t);
        return err_memory(e, rows * (columns + 2) * sizeof(float), "resampling weights");
    }
    for (int i = 0; i < out; i++) {
        if (way == NEAREST) fill_nearest(t, in, i);
        if (way == LINEAR) fill_linear(t, in, i);
        if (way == SMOOTH) fill_smooth(t, in, i);
    }
    return ATT_OK;
}

struct pass {
    const struct resample_axis *axis;
    const struct taps *taps;
    size_t rows, rows_per_task;
};

static void run_row(const struct pass *p, size_t row)
{
    const struct resample_axis *a = p->axis;
    const struct taps *t = p->taps;
    size_t out = (size_t)a->out, i = row % out;
    const float *x = a->x + (row / out * (size_t)a->in + (size_t)t->first[i]) * a->inner;
    const float *w = t->weight + i * (size_t)t->most;
    float *y = a->y + row * a->inner;
    for (size_t j = 0; j < a->inner; j++) y[j] = w[0] * x[j];
    for (size_t k = 1; k < (size_t)t->count[i]; k++)
        for (size_t j = 0; j < a->inner; j++) y[j] += w[k] * x[k * a->inner + j];
}

static void run_rows(void *arg, int task, int worker)
{
    const struct pass *p = arg;
    size_t from = (size_t)task * p->rows_per_task, to = p->rows - from < p->rows_per_task ? p->rows : from + p->rows_per_task;
    (void)worker;
    for (size_t row = from; row < to; row++) run_row(p, row);
}

/* One axis of a channel, whose grid is `size`. */
static att_status run_axis(const float *x, const int size[3], int axis, int out, enum way way, float *y, struct pool *pool, struct err *e)
{
    struct taps taps;
    struct resample_axis a = {.x = x, .y = y, .outer = 1, .inner = 1, .in = size[axis], .out = out};
    for (int i = 0; i < axis; i++) a.outer *= (size_t)size[i];
    for (int i = axis + 1; i < 3; i++) a.inner *= (size_t)size[i];
    if (way == CUBIC) return resample_cubic(&a, pool, e);
    TRY(taps_make(a.in, out, way, &taps, e));
    struct pass p = {.axis = &a, .taps = &taps, .rows = a.outer * (size_t)out};
    p.rows_per_task = a.inner >= TASK ? 1 : TASK / a.inner;
    if (p.rows / p.rows_per_task > 1 << 20) p.rows_per_task = p.rows >> 20; /* the number of tasks is an int */
    pool_run(pool, (int)((p.rows + p.rows_per_task - 1) / p.rows_per_task), run_rows, &p);
    taps_free(&taps);
    return ATT_OK;
}

/* The axes that change, those that shrink first. */
static int order_axes(const int in[3], const int out[3], int axes[3])
{
    int count = 0;
    for (int grow = 0; grow < 2; grow++)
        for (int axis = 0; axis < 3; axis++)
            if (grow ? out[axis] > in[axis] : out[axis] < in[axis]) axes[count++] = axis;
    return count;
}

/* One channel. Besides x and y there are at most two volumes, none larger than the larger of the two. */
static att_status run_channel(const float *x, const int in[3], float *y, const int out[3], const enum way way[3], struct pool *pool,
                              struct err *e)
{
    int axes[3], size[3] = {in[0], in[1], in[2]}, passes = order_axes(in, out, axes);
    if (passes == 0) memcpy(y, x, image_voxels(out) * sizeof *y);
    const float *from = x;
    float *owned = NULL;
    att_status status = ATT_OK;
    for (int i = 0; i < passes && status == ATT_OK; i++) {
        int next[3] = {size[0], size[1], size[2]}, axis = axes[i];
        next[axis] = out[axis];
        bool last = i == passes - 1;
        float *to = last ? y : mem_array(image_voxels(next), sizeof *to);
        status = to ? run_axis(from, size, axis, out[axis], way[axis], to, pool, e)
                    : err_memory(e, image_voxels(next) * sizeof *to, "resampling");
        mem_free(owned);
        owned = last ? NULL : to;
        from = to;
        memcpy(size, next, sizeof size);
    }
    mem_free(owned);
    return status;
}

/* False when the number of samples does not fit. */
static bool samples_fit(int channels, const int size[3])
{
    size_t n = (size_t)channels;
    for (int axis = 0; axis < 3; axis++)
        if (__builtin_mul_overflow(n, (size_t)size[axis], &n)) return false;
    return n <= SIZE_MAX / sizeof(float);
}

static att_status run_channels(const float *x, int channels, const int in[3], float *y, const int out[3], const enum way way[3],
                               struct pool *pool, struct err *e)
{
    if (!samples_fit(channels, out) || !samples_fit(channels, in))
        return err_set(e, ATT_MEMORY, "%d channels of %dx%dx%d voxels are more than memory can address", channels, out[0], out[1],
                       out[2]);
    for (size_t c = 0; c < (size_t)channels; c++)
        TRY(run_channel(x + c * image_voxels(in), in, y + c * image_voxels(out), out, way, pool, e));
    return ATT_OK;
}

att_status resample_linear(const float *x, int channels, const int in[3], float *y, const int out[3], struct pool *pool, struct err *e)
{
    return run_channels(x, channels, in, y, out, (const enum way[]){SMOOTH, SMOOTH, SMOOTH}, pool, e);
}

/* ---- overshoot */

/* A plane across `axis` (of a whole channel when that is -1) as runs of neighbouring samples. */
struct plane {
    size_t runs, length, stride, first;
};

static struct plane plane_at(const int size[3], int axis, int index)
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
    int apart;
};

/* Brings a plane of y into the range of the plane of x that it was made from. */
static void cut_plane(void *arg, int index, int worker)
{
    const struct cut *c = arg;
    (void)worker;
    struct plane from = plane_at(c->in, c->apart, c->apart < 0 ? 0 : resample_near(c->in[c->apart], c->out[c->apart], index));
    struct plane to = plane_at(c->out, c->apart, index);
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

att_status resample_order(const float *x, int channels, const int in[3], float *y, const int out[3], int order, int apart,
                          struct pool *pool, struct err *e)
{
    enum way plain = order == 3 ? CUBIC : order == 1 ? LINEAR : NEAREST, way[3] = {plain, plain, plain};
    bool cubic = false;
    if (apart >= 0) way[apart] = NEAREST;
    TRY(run_channels(x, channels, in, y, out, way, pool, e));
    for (int i = 0; i < 3; i++) cubic |= way[i] == CUBIC && in[i] != out[i];
    for (size_t c = 0; cubic && c < (size_t)channels; c++) {
        struct cut cut = {x + c * image_voxels(in), y + c * image_voxels(out), in, out, apart};
        pool_run(pool, apart < 0 ? 1 : out[apart], cut_plane, &cut);
    }
    return ATT_OK;
}

/* ---- sizes */

int resample_length(int size, double own, double wanted)
{
    double length = rint(own / wanted * size);
    return length >= 1 ? length < INT_MAX ? (int)length : INT_MAX : 1;
}

static int thickest(const float spacing[3])
{
    int axis = 0, equal = 0;
    float least = spacing[0];
    for (int i = 1; i < 3; i++) {
        if (spacing[i] > spacing[axis]) axis = i;
        least = spacing[i] < least ? spacing[i] : least;
    }
    for (int i = 0; i < 3; i++) equal += spacing[i] == spacing[axis];
    return spacing[axis] > 3 * least && equal == 1 ? axis : -1;
}

int resample_apart(const float own[3], const float wanted[3])
{
    int axis = thickest(own);
    return axis < 0 ? thickest(wanted) : axis;
}
