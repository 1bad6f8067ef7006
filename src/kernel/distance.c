/* SPDX-License-Identifier: Apache-2.0 */
/* Exact distances axis by axis: each voxel of a line has a parabola with its squared distance so
 * far as apex; the new values are their lower envelope (Felzenszwalb and Huttenlocher, Distance
 * Transforms of Sampled Functions, 2012). Along rows, where values are 0 or infinite, two scans
 * suffice. */
#include "kernel/distance.h"

#include <math.h>

#include "base/mem.h"

enum { COLUMNS = 16 }; /* neighbouring lines processed together */

/* One worker's memory for lines of n voxels. */
struct lines {
    float *value; /* [COLUMNS][n] */
    double *from; /* [n] where each parabola of the envelope starts to be the lowest */
    int *apex;    /* [n] its voxel */
};

struct transform {
    const uint8_t *inside;
    const int *size;
    float *out;
    double square[3]; /* of the spacing */
    struct lines *worker;
};

static void distance_row(const uint8_t *inside, int n, double square, float *out)
{
    int last = -1;
    for (int i = 0; i < n; i++) {
        if (inside[i]) last = i;
        out[i] = last < 0 ? INFINITY : (float)(square * (i - last) * (i - last));
    }
    last = -1;
    for (int i = n - 1; i >= 0; i--) {
        if (inside[i]) last = i;
        if (last < 0) continue;
        float behind = (float)(square * (last - i) * (last - i));
        if (behind < out[i]) out[i] = behind;
    }
}

/* Where parabola q falls below p < q, in voxels. */
static double crossing(const float *f, int p, int q, double inverse)
{
    return (((double)f[q] - (double)f[p]) * inverse / (q - p) + (q + p)) / 2;
}

/* The envelope's parabolas; returns their number. */
static int envelope(const float *f, int n, double square, double *from, int *apex)
{
    const double inverse = 1 / square;
    int k = 0;
    for (int q = 0; q < n; q++) {
        if (isinf(f[q])) continue;
        double begins = -INFINITY;
        for (; k > 0; k--) {
            begins = crossing(f, apex[k - 1], q, inverse);
            if (begins > from[k - 1]) break;
        }
        from[k] = k ? begins : -INFINITY;
        apex[k++] = q;
    }
    return k;
}

/* y has a step of `stride`. */
static void distance_line(
    const float *f, int n, double square, const struct lines *w, float *y, size_t stride)
{
    int count = envelope(f, n, square, w->from, w->apex), k = 0;
    if (count == 0) return; /* no apex on this line: stays infinite */
    for (int i = 0; i < n; i++, y += stride) {
        while (k + 1 < count && w->from[k + 1] < i) k++;
        double off = i - w->apex[k];
        *y = (float)(square * off * off + (double)f[w->apex[k]]);
    }
}

/* `width` neighbouring lines of n voxels from x on. */
static void distance_columns(
    float *x, int n, size_t stride, int width, double square, const struct lines *w)
{
    for (int at = 0; at < width; at += COLUMNS) {
        int count = width - at < COLUMNS ? width - at : COLUMNS;
        float max[COLUMNS] = {0};
        for (int i = 0; i < n; i++)
            for (int c = 0; c < count; c++) {
                float v = x[(size_t)i * stride + (size_t)(at + c)];
                w->value[(size_t)c * (size_t)n + (size_t)i] = v;
                max[c] = v > max[c] ? v : max[c];
            }
        for (int c = 0; c < count; c++) /* zeros stay */
            if (max[c] > 0)
                distance_line(w->value + (size_t)c * (size_t)n, n, square, w, x + at + c, stride);
    }
}

static void plane(void *arg, int d, int worker)
{
    const struct transform *t = arg;
    size_t w = (size_t)t->size[2], begin = (size_t)d * (size_t)t->size[1] * w;
    for (int h = 0; h < t->size[1]; h++)
        distance_row(t->inside + begin + (size_t)h * w, t->size[2], t->square[2],
            t->out + begin + (size_t)h * w);
    if (t->size[1] > 1)
        distance_columns(
            t->out + begin, t->size[1], w, t->size[2], t->square[1], &t->worker[worker]);
}

static void distance_depth(void *arg, int h, int worker)
{
    const struct transform *t = arg;
    size_t w = (size_t)t->size[2];
    distance_columns(t->out + (size_t)h * w, t->size[0], (size_t)t->size[1] * w, t->size[2],
        t->square[0], &t->worker[worker]);
}

/* One worker's lines, in whole cache lines. */
static size_t lines_bytes(const int size[3])
{
    size_t n = (size_t)(size[0] > size[1] ? size[0] : size[1]), bytes = sizeof(struct lines);
    bytes += n * (sizeof(double) + sizeof(int) + COLUMNS * sizeof(float));
    return (bytes + 63) / 64 * 64;
}

size_t distance_scratch(const int size[3], int threads)
{
    return (size_t)threads * lines_bytes(size);
}

void distance_squared_in(const uint8_t *inside, const int size[3], const double spacing[3],
    float *out, void *scratch, struct pool *pool)
{
    size_t workers = (size_t)pool_threads(pool),
           n = (size_t)(size[0] > size[1] ? size[0] : size[1]);
    struct transform t = {.inside = inside, .size = size, .out = out, .worker = scratch};
    unsigned char *room = (unsigned char *)(t.worker + workers);
    for (int a = 0; a < 3; a++) t.square[a] = spacing[a] * spacing[a];
    for (size_t i = 0; i < workers; i++) { /* doubles of all workers first, for alignment */
        double *from = (double *)(void *)room;
        float *value = (float *)(void *)(from + workers * n);
        int *apex = (int *)(void *)(value + workers * n * COLUMNS);
        t.worker[i] = (struct lines){value + i * n * COLUMNS, from + i * n, apex + i * n};
    }
    pool_run(pool, size[0], plane, &t);
    if (size[0] > 1) pool_run(pool, size[1], distance_depth, &t);
}

att_status distance_squared(const uint8_t *inside, const int size[3], const double spacing[3],
    float *out, struct pool *pool, struct err *e)
{
    size_t bytes = distance_scratch(size, pool_threads(pool));
    void *scratch;
    TRY(MEM_BYTES(scratch, bytes, "distances", e));
    distance_squared_in(inside, size, spacing, out, scratch, pool);
    mem_free(scratch);
    return ATT_OK;
}
