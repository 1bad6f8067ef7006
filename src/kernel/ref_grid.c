/* SPDX-License-Identifier: Apache-2.0 */
/* Plain max-pooling. */
#include <string.h>

#include "kernel/ref.h"

static size_t offset(const struct tensor *t, int d, int h, int w)
{
    return (((size_t)d * (size_t)t->s.h + (size_t)h) * (size_t)t->s.w + (size_t)w) *
        (size_t)t->lanes;
}

/* The first maximum of the window of output pixel (d, h, w), in d, h, w order. dx is laid out like
 * x. */
static size_t window_max(const struct tensor *x, size_t first, const int f[3], int d, int h, int w)
{
    size_t best = first + offset(x, d * f[0], h * f[1], w * f[2]);
    for (int i = 0; i < f[0]; i++)
        for (int j = 0; j < f[1]; j++)
            for (int k = 0; k < f[2]; k++) {
                size_t at = first + offset(x, d * f[0] + i, h * f[1] + j, w * f[2] + k);
                if (tensor_read(x, at) > tensor_read(x, best)) best = at;
            }
    return best;
}

static void ref_grid_maxpool(
    const struct tensor *x, const struct tensor *y, const int factor[3], struct pool *pool)
{
    (void)pool;
    for (int n = 0; n < y->s.n; n++)
        for (int c = 0; c < y->s.c; c++) {
            size_t py = tensor_first(y, n, c);
            for (int d = 0; d < y->s.d; d++)
                for (int h = 0; h < y->s.h; h++)
                    for (int w = 0; w < y->s.w; w++)
                        tensor_write(y, py + offset(y, d, h, w),
                            tensor_read(x, window_max(x, tensor_first(x, n, c), factor, d, h, w)));
        }
    ref_clear_pads(y);
}

static void ref_grid_maxpool_dx(const struct tensor *x, const struct tensor *y,
    const struct tensor *dy, const struct tensor *dx, const int factor[3], bool add,
    struct pool *pool)
{
    (void)pool;
    if (!add) memset(dx->p, 0, tensor_bytes(dx));
    for (int n = 0; n < y->s.n; n++)
        for (int c = 0; c < y->s.c; c++) {
            size_t px = tensor_first(x, n, c), pdy = tensor_first(dy, n, c);
            for (int d = 0; d < y->s.d; d++)
                for (int h = 0; h < y->s.h; h++)
                    for (int w = 0; w < y->s.w; w++)
                        ref_put(dx, window_max(x, px, factor, d, h, w),
                            tensor_read(dy, pdy + offset(dy, d, h, w)), true);
        }
}

void ref_grid_fill(struct kernels *k)
{
    k->maxpool = ref_grid_maxpool;
    k->maxpool_dx = ref_grid_maxpool_dx;
}
