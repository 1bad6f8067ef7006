/* SPDX-License-Identifier: Apache-2.0 */
/* Averages over cells axis by axis; for fingerprints, check_case.c, leakage.c and duplicates.c. */
#include "image/signature.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* x: [outer][length][inner]; y: [outer][cells][inner]: average of each cell, with the covered part
 * of border voxels. */
static void average_axis(
    const float *x, size_t outer, int length, size_t inner, float *y, int cells)
{
    for (int c = 0; c < cells; c++) {
        const double from = (double)c * length / cells, end = (double)(c + 1) * length / cells;
        const int first = (int)from;
        const float whole = (float)(1 / (end - from)),
                    begin = (float)((fmin(end, first + 1) - from) / (end - from));
        for (size_t o = 0; o < outer; o++) {
            float *to = y + (o * (size_t)cells + (size_t)c) * inner;
            memset(to, 0, inner * sizeof *to);
            for (int i = first; i < length && i < end; i++) {
                const float part = i == first ? begin
                    : i + 1 <= end            ? whole
                                              : (float)((end - i) / (end - from));
                const float *row = x + (o * (size_t)length + (size_t)i) * inner;
                for (size_t k = 0; k < inner; k++) to[k] += part * row[k];
            }
        }
    }
}

static const double rounding = 1e-5; /* relative, of averages of floats */

/* Scale to mean 0 and length 1; all 0 without contrast. */
static void standardise(float *x, int n, double min)
{
    double mean = 0, squares = 0;
    for (int i = 0; i < n; i++) mean += (double)x[i] / n;
    for (int i = 0; i < n; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    min = fmax(min, n * mean * mean * rounding * rounding);
    double scale = squares > min && isfinite(squares) ? 1 / sqrt(squares) : 0;
    for (int i = 0; i < n; i++) x[i] = scale > 0 ? (float)(((double)x[i] - mean) * scale) : 0;
}

static int signature_clamp(int i, int n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }

/* Subtract the average of neighbouring cells; border cells repeat. */
static void take_detail(const float *x, int depth, int side, int reach, float *out)
{
    enum { REACH = 2 };
    const int deep = depth > 1 ? reach : 0, across = 2 * reach + 1,
              count = (2 * deep + 1) * across * across;
    int column[SIGNATURE_SIDE + 2 * REACH]; /* of w - reach, w - reach + 1, ... */
    for (int w = 0; w < side + 2 * reach; w++) column[w] = signature_clamp(w - reach, side);
    for (int d = 0; d < depth; d++)
        for (int h = 0; h < side; h++)
            for (int w = 0; w < side; w++) {
                double sum = 0;
                for (int i = d - deep; i <= d + deep; i++)
                    for (int j = h - reach; j <= h + reach; j++) {
                        const int row = signature_clamp(i, depth) * side + signature_clamp(j, side);
                        for (int k = 0; k < across; k++)
                            sum += (double)x[row * side + column[w + k]];
                    }
                const int at = (d * side + h) * side + w;
                out[at] = (float)((double)x[at] - sum / count);
            }
}

/* Below a millionth of an image's contrast, detail is rounding. */
static const double faintest = 1e-6;

att_status signature_take(const struct image *m, bool flat, float *out, struct err *e)
{
    int side = flat ? SIGNATURE_SIDE : SIGNATURE_SIDE_3D, depth = flat ? 1 : side,
        length = signature_length(flat);
    size_t d = (size_t)m->size[IMAGE_D], h = (size_t)m->size[IMAGE_H],
           voxels = image_voxels(m->size);
    size_t rows = d * h * (size_t)side, planes = d * (size_t)(side * side), cells = (size_t)length;
    float *room;
    TRY(MEM_ARRAY(room, rows + planes + 2 * cells, "the signature of an image", e));
    float *plane = room + rows, *grid = plane + planes, *sum = grid + cells;
    for (int c = 0; c < m->channels; c++) {
        average_axis(m->data + (size_t)c * voxels, d * h, m->size[IMAGE_W], 1, room, side);
        average_axis(room, d, m->size[IMAGE_H], (size_t)side, plane, side);
        average_axis(plane, 1, m->size[IMAGE_D], (size_t)(side * side), grid, depth);
        standardise(grid, length, 0);
        for (int i = 0; i < length; i++) sum[i] += grid[i];
    }
    take_detail(sum, depth, side, flat ? 2 : 1, out);
    standardise(out, length, faintest);
    mem_free(room);
    return ATT_OK;
}

/* Sixteen partial sums for vectorisation; all lengths are multiples of 16. */
float signature_likeness(const float *a, const float *b, int length)
{
    float sum[16] = {0};
    for (int i = 0; i < length; i += 16)
        for (int k = 0; k < 16; k++) sum[k] += a[i + k] * b[i + k];
    for (int step = 8; step > 0; step /= 2)
        for (int k = 0; k < step; k++) sum[k] += sum[k + step];
    return sum[0];
}
