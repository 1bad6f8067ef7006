/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of a neighbourhood: Gaussian blur and simulated low resolution. Each writes a block of
 * rows of one plane; intermediate rows stay in the worker's memory. */

#include "image/augment_parts.h"
#include "image/smooth.h"

/* Mirror the patch about its outermost voxel. */
static int mirrored(int i, int n)
{
    while (n > 1 && (i < 0 || i >= n)) i = i < 0 ? -i : 2 * (n - 1) - i;
    return n > 1 ? i : 0;
}

/* y = the weighted sum of rows; rows[REACH] is the middle one. */
static void weigh_rows(
    const float *const rows[2 * REACH + 1], const float kernel[REACH + 1], int n, float *restrict y)
{
    const float *restrict a = rows[0], *restrict b = rows[1], *restrict c = rows[2],
                          *restrict m = rows[3], *restrict d = rows[4], *restrict e = rows[5],
                          *restrict f = rows[6];
    float k0 = kernel[0], k1 = kernel[1], k2 = kernel[2], k3 = kernel[3];
    for (int i = 0; i < n; i++)
        y[i] = (k0 * m[i] + k1 * (c[i] + d[i])) + (k2 * (b[i] + e[i]) + k3 * (a[i] + f[i]));
}

/* Along d: row h of plane d of x. */
static const float *blur_depth(const struct augment_work *w, const float *x,
    const float kernel[REACH + 1], int d, int h, float *to)
{
    size_t plane = (size_t)w->patch[1] * (size_t)w->patch[2], row = (size_t)h * (size_t)w->patch[2];
    if (w->patch[0] == 1) return x + row;
    const float *rows[2 * REACH + 1];
    for (int k = -REACH; k <= REACH; k++)
        rows[k + REACH] = x + (size_t)mirrored(d + k, w->patch[0]) * plane + row;
    weigh_rows(rows, kernel, w->patch[2], to);
    return to;
}

/* Along w; `line` has REACH free places on either side of the row. */
static void blur_line(float *line, const float kernel[REACH + 1], int n, float *y)
{
    const float *rows[2 * REACH + 1];
    for (int k = 1; k <= REACH; k++) {
        line[REACH - k] = line[REACH + mirrored(-k, n)];
        line[REACH + n - 1 + k] = line[REACH + mirrored(n - 1 + k, n)];
    }
    for (int k = 0; k <= 2 * REACH; k++) rows[k] = line + k;
    weigh_rows(rows, kernel, n, y);
}

size_t augment_filter_own(const int patch[3], int lines)
{
    return (size_t)(lines + 2 * REACH + 1) * ((size_t)patch[2] + 2 * REACH);
}

void augment_blur(const struct part *p)
{
    const struct augment_work *w = p->w;
    const struct unit *u = p->u;
    float *own = p->own;
    const float *sigma = u->job->a.blur[u->channel];
    int d = p->number / w->plane_parts, first = p->number % w->plane_parts * w->lines,
        height = w->patch[1], n = w->patch[2];
    int end = height - first < w->lines ? height : first + w->lines;
    float kernel[3][REACH + 1], *line = own, *block = own + n + 2 * REACH;
    const float *rows[PART + 2 * REACH];
    for (int i = 0; i < 3; i++) smooth_kernel((double)sigma[i], REACH, kernel[i]);
    /* rows[i]: row first - REACH + i, blurred along d. */
    for (int i = 0; i < end - first + 2 * REACH; i++) {
        int h = mirrored(first - REACH + i, height);
        rows[i] = blur_depth(w, u->x, kernel[0], d, h, block + (size_t)i * (size_t)n);
    }
    for (int h = first; h < end; h++) {
        weigh_rows(rows + (h - first), kernel[1], n, line + REACH);
        blur_line(
            line, kernel[2], n, u->free + ((size_t)d * (size_t)height + (size_t)h) * (size_t)n);
    }
}

/* ---- low resolution: nearest down to `low` voxels, linear up again (half-voxel centres both
 * times) */

/* The two full-grid voxels that voxel i mixes. */
struct pair {
    int a, b;
    float share;
};

static struct pair coarse(int full, int low, int i)
{
    float p = ((float)i + .5f) * (float)low / (float)full - .5f;
    p = p > 0 ? p : 0;
    int l = (int)p < low - 1 ? (int)p : low - 1, upper = l + 1 < low ? l + 1 : l;
    /* The centre of coarse voxel k is in full voxel (2k + 1) full / (2 low). */
    return (struct pair){(int)((2 * (int64_t)l + 1) * full / (2 * (int64_t)low)),
        (int)((2 * (int64_t)upper + 1) * full / (2 * (int64_t)low)), p - (float)l};
}

static void mix_rows(
    const float *restrict a, const float *restrict b, float share, int n, float *restrict y)
{
    for (int i = 0; i < n; i++) y[i] = a[i] + share * (b[i] - a[i]);
}

static void fill_pairs(int full, int low, int *a, int *b, float *share)
{
    for (int i = 0; i < full; i++) {
        struct pair p = coarse(full, low, i);
        a[i] = p.a;
        b[i] = p.b;
        share[i] = p.share;
    }
}

void augment_coarsen(const struct part *p)
{
    const struct augment_work *w = p->w;
    const struct unit *u = p->u;
    float *own = p->own;
    const int *size = w->patch;
    int low[3], d = p->number / w->plane_parts, first = p->number % w->plane_parts * w->lines,
                n = size[2];
    int end = size[1] - first < w->lines ? size[1] : first + w->lines;
    for (int i = 0; i < 3; i++) {
        low[i] = (int)((float)size[i] * u->job->a.low[u->channel] + .5f);
        if (i == u->job->a.through) low[i] = size[i];
        if (low[i] < 1) low[i] = 1;
    }
    size_t plane = (size_t)size[1] * (size_t)n;
    float *x0 = own, *x1 = own + n, *x = own + 2 * n, *share = own + 3 * n;
    int *a = (int *)(own + 4 * n), *b = (int *)(own + 5 * n);
    fill_pairs(n, low[2], a, b, share);
    struct pair z = coarse(size[0], low[0], d);
    for (int h = first; h < end; h++) {
        struct pair y = coarse(size[1], low[1], h);
        const float *front = u->x + (size_t)z.a * plane, *back = u->x + (size_t)z.b * plane;
        size_t upper = (size_t)y.a * (size_t)n, lower = (size_t)y.b * (size_t)n;
        float *to = u->free + (size_t)d * plane + (size_t)h * (size_t)n;
        mix_rows(front + upper, front + lower, y.share, n, x0);
        mix_rows(back + upper, back + lower, y.share, n, x1);
        mix_rows(x0, x1, z.share, n, x);
        for (int i = 0; i < n; i++) to[i] = x[a[i]] + share[i] * (x[b[i]] - x[a[i]]);
    }
}
