/* SPDX-License-Identifier: Apache-2.0 */
#include "image/smooth.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/kmath.h"
#include "base/mem.h"

static double bell(double sigma, int i)
{
    return sigma > 0 ? kmath_exp(-.5 * i * i / (sigma * sigma)) : i == 0;
}

void smooth_kernel(double sigma, int reach, float *kernel)
{
    double sum = 0;
    for (int i = 0; i <= reach; i++) sum += (i ? 2 : 1) * bell(sigma, i);
    for (int i = 0; i <= reach; i++) kernel[i] = (float)(bell(sigma, i) / sum);
}

static int smooth_clamp(int i, int n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }

/* Smooth n rows of `width` samples along the row index. */
static void smooth_rows(float *x, int n, size_t width, const float *kernel, int reach, float *copy)
{
    memcpy(copy, x, (size_t)n * width * sizeof *x);
    for (int i = 0; i < n; i++) {
        float *y = x + (size_t)i * width;
        for (size_t j = 0; j < width; j++) y[j] *= kernel[0];
        for (int k = 1; k <= reach; k++) {
            const float *a = copy + (size_t)smooth_clamp(i - k, n) * width,
                        *b = copy + (size_t)smooth_clamp(i + k, n) * width;
            for (size_t j = 0; j < width; j++) y[j] += kernel[k] * (a[j] + b[j]);
        }
    }
}

static att_status smooth_axis(
    float *x, size_t outer, int n, size_t inner, double sigma, struct err *e)
{
    int reach = (int)ceil(3 * sigma);
    size_t block = (size_t)n * inner, bytes = (block + (size_t)reach + 1) * sizeof *x;
    float *copy;
    TRY(MEM_BYTES(copy, bytes, "smoothing an image", e));
    float *kernel = copy + block;
    smooth_kernel(sigma, reach, kernel);
    for (size_t i = 0; i < outer; i++) smooth_rows(x + i * block, n, inner, kernel, reach, copy);
    mem_free(copy);
    return ATT_OK;
}

att_status smooth_gaussian(float *x, const int size[3], const double sigma[3], struct err *e)
{
    size_t outer = 1, inner = (size_t)size[0] * (size_t)size[1] * (size_t)size[2];
    for (int axis = 0; axis < 3; axis++) {
        inner /= (size_t)size[axis];
        if (sigma[axis] > 0) TRY(smooth_axis(x, outer, size[axis], inner, sigma[axis], e));
        outer *= (size_t)size[axis];
    }
    return ATT_OK;
}
