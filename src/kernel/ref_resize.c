/* SPDX-License-Identifier: Apache-2.0 */
/* Linear interpolation in three axes, plainly: eight corners each. */
#include <string.h>

#include "kernel/ref.h"
#include "kernel/resize.h"

/* The eight corners that pixel (d, h, w) of the large grid reads of the small one: offsets and weights. */
struct corners {
    size_t at[8];
    double weight[8];
};

static struct corners corners(const struct tensor *x, const struct tensor *y, struct resize how, int d, int h, int w)
{
    struct resize_tap td = resize_at(how, x->s.d, y->s.d, d), th = resize_at(how, x->s.h, y->s.h, h),
                      tw = resize_at(how, x->s.w, y->s.w, w);
    struct corners r;
    for (int i = 0; i < 8; i++) {
        bool far_d = i & 4, far_h = i & 2, far_w = i & 1;
        size_t z = (size_t)(far_d ? td.i1 : td.i0), v = (size_t)(far_h ? th.i1 : th.i0), u = (size_t)(far_w ? tw.i1 : tw.i0);
        r.at[i] = ((z * (size_t)x->s.h + v) * (size_t)x->s.w + u) * (size_t)x->lanes;
        r.weight[i] = (far_d ? td.t : 1 - td.t) * (far_h ? th.t : 1 - th.t) * (far_w ? tw.t : 1 - tw.t);
    }
    return r;
}

static void linear(const struct tensor *x, const struct tensor *y, struct resize how, struct pool *pool)
{
    (void)pool;
    size_t i = 0, lanes = (size_t)y->lanes;
    for (int d = 0; d < y->s.d; d++)
        for (int h = 0; h < y->s.h; h++)
            for (int w = 0; w < y->s.w; w++, i++) {
                struct corners r = corners(x, y, how, d, h, w);
                for (int k = 0; k < y->s.n * y->s.c; k++) {
                    const real *px = tensor_channel(x, k / y->s.c, k % y->s.c);
                    double sum = 0;
                    for (int j = 0; j < 8; j++) sum += r.weight[j] * (double)px[r.at[j]];
                    tensor_channel(y, k / y->s.c, k % y->s.c)[i * lanes] = (real)sum;
                }
            }
    ref_clear_pads(y);
}

static void linear_dx(const struct tensor *dy, const struct tensor *dx, struct resize how, bool add, struct pool *pool)
{
    (void)pool;
    size_t i = 0, lanes = (size_t)dy->lanes;
    if (!add) memset(dx->p, 0, tensor_size(dx) * sizeof(real));
    for (int d = 0; d < dy->s.d; d++)
        for (int h = 0; h < dy->s.h; h++)
            for (int w = 0; w < dy->s.w; w++, i++) {
                struct corners r = corners(dx, dy, how, d, h, w);
                for (int k = 0; k < dy->s.n * dy->s.c; k++) {
                    real *pdx = tensor_channel(dx, k / dy->s.c, k % dy->s.c);
                    real g = tensor_channel(dy, k / dy->s.c, k % dy->s.c)[i * lanes];
                    for (int j = 0; j < 8; j++) pdx[r.at[j]] += (real)(r.weight[j] * (double)g);
                }
            }
}

void ref_resize_fill(struct kernels *k)
{
    k->linear = linear;
    k->linear_dx = linear_dx;
}
