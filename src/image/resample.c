/* SPDX-License-Identifier: Apache-2.0 */
/* Separable linear resampling: one pass per axis that changes, those that shrink first.  A new voxel's centre lies at (i + 1/2) * in/out of
 * the old grid, as in torch's interpolate(align_corners=False); a shrinking axis weighs with a triangle of half-width in/out (its
 * antialias=True). */
#include "image/resample.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

enum { TASK = 1 << 14 }; /* samples written by one task */

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
static void fill_voxel(struct taps *t, int in, int i)
{
    double ratio = (double)in / t->out, width = ratio > 1 ? ratio : 1, centre = (i + 0.5) * ratio - 0.5, sum = 0;
    float *w = t->weight + (size_t)i * (size_t)t->most;
    double lo = ceil(centre - width), hi = floor(centre + width);
    int first = lo > 0 ? (int)lo : 0, last = hi < in - 1 ? (int)hi : in - 1;
    int count = last - first + 1 < t->most ? last - first + 1 : t->most;
    for (int k = 0; k < count; k++) sum += fmax(0, 1 - fabs(first + k - centre) / width);
    for (int k = 0; k < count; k++) w[k] = (float)(fmax(0, 1 - fabs(first + k - centre) / width) / sum);
    t->first[i] = first;
    t->count[i] = count;
}

static att_status taps_make(int in, int out, struct taps *t, struct err *e)
{
    double ratio = (double)in / out;
    int most = (int)fmin(in, ratio > 1 ? ceil(2 * ratio) + 1 : 3);
    size_t rows = (size_t)out, columns = (size_t)most;
    *t = (struct taps){out, most, mem_array(rows, sizeof(int)), mem_array(rows, sizeof(int)), mem_array(rows, columns * sizeof(float))};
    if (!t->first || !t->count || !t->weight) {
        taps_free(t);
        return err_memory(e, rows * (columns + 2) * sizeof(float), "resampling weights");
    }
    for (int i = 0; i < out; i++) fill_voxel(t, in, i);
    return ATT_OK;
}

/* One pass: x is [outer][in][inner], y is [outer][out][inner]. */
struct pass {
    const float *x;
    float *y;
    size_t outer, in, inner;
    const struct taps *taps;
    size_t rows_per_task;
};

static void run_row(const struct pass *p, size_t row)
{
    const struct taps *t = p->taps;
    size_t out = (size_t)t->out, i = row % out;
    const float *x = p->x + (row / out * p->in + (size_t)t->first[i]) * p->inner;
    const float *w = t->weight + i * (size_t)t->most;
    float *y = p->y + row * p->inner;
    for (size_t j = 0; j < p->inner; j++) y[j] = w[0] * x[j];
    for (size_t k = 1; k < (size_t)t->count[i]; k++)
        for (size_t j = 0; j < p->inner; j++) y[j] += w[k] * x[k * p->inner + j];
}

static void run_rows(void *arg, int task, int worker)
{
    const struct pass *p = arg;
    size_t rows = p->outer * (size_t)p->taps->out, from = (size_t)task * p->rows_per_task;
    size_t to = rows - from < p->rows_per_task ? rows : from + p->rows_per_task;
    (void)worker;
    for (size_t row = from; row < to; row++) run_row(p, row);
}

static void run_pass(struct pass *p, struct pool *pool)
{
    size_t rows = p->outer * (size_t)p->taps->out;
    p->rows_per_task = p->inner >= TASK ? 1 : TASK / p->inner;
    if (rows / p->rows_per_task > 1 << 20) p->rows_per_task = rows >> 20; /* the number of tasks is an int */
    pool_run(pool, (int)((rows + p->rows_per_task - 1) / p->rows_per_task), run_rows, p);
}

/* False when the number of samples does not fit. */
static bool samples(int channels, const int size[3], size_t *count)
{
    size_t n = (size_t)channels;
    for (int axis = 0; axis < 3; axis++)
        if (__builtin_mul_overflow(n, (size_t)size[axis], &n)) return false;
    *count = n;
    return n <= SIZE_MAX / sizeof(float);
}

/* One axis of `x`, whose grid is `size`, to y. */
static att_status resample_axis(const float *x, int channels, const int size[3], int axis, int out, float *y, struct pool *pool,
                                struct err *e)
{
    struct taps taps;
    struct pass p = {.x = x, .y = y, .outer = (size_t)channels, .in = (size_t)size[axis], .inner = 1, .taps = &taps};
    for (int a = 0; a < axis; a++) p.outer *= (size_t)size[a];
    for (int a = axis + 1; a < 3; a++) p.inner *= (size_t)size[a];
    TRY(taps_make(size[axis], out, &taps, e));
    run_pass(&p, pool);
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

att_status resample_linear(const float *x, int channels, const int in[3], float *y, const int out[3], struct pool *pool, struct err *e)
{
    int axes[3], size[3] = {in[0], in[1], in[2]}, passes = order_axes(in, out, axes);
    size_t count = 0;
    if (!samples(channels, out, &count) || !samples(channels, in, &count))
        return err_set(e, ATT_MEMORY, "%d channels of %d x %d x %d voxels are more than memory can address", channels, out[0], out[1],
                       out[2]);
    if (passes == 0) memcpy(y, x, count * sizeof *y);
    const float *from = x;
    float *owned = NULL;
    att_status status = ATT_OK;
    for (int i = 0; i < passes && status == ATT_OK; i++) {
        int next[3] = {size[0], size[1], size[2]};
        next[axes[i]] = out[axes[i]];
        bool fits = samples(channels, next, &count), last = i == passes - 1;
        float *to = last ? y : fits ? mem_array(count, sizeof *to) : NULL;
        status =
            to ? resample_axis(from, channels, size, axes[i], out[axes[i]], to, pool, e) : err_memory(e, count * sizeof *to, "resampling");
        mem_free(owned);
        owned = last ? NULL : to;
        from = to;
        memcpy(size, next, sizeof size);
    }
    mem_free(owned);
    return status;
}

/* The old voxel that holds the new one's centre. */
static int nearest(int in, int out, int i) { return (int)((2 * (int64_t)i + 1) * in / (2 * (int64_t)out)); }

void resample_nearest(const uint8_t *x, const int in[3], uint8_t *y, const int out[3])
{
    for (int d = 0; d < out[0]; d++)
        for (int h = 0; h < out[1]; h++) {
            const uint8_t *row =
                x + ((size_t)nearest(in[0], out[0], d) * (size_t)in[1] + (size_t)nearest(in[1], out[1], h)) * (size_t)in[2];
            for (int w = 0; w < out[2]; w++) *y++ = row[nearest(in[2], out[2], w)];
        }
}
