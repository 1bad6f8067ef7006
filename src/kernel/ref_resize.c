/* SPDX-License-Identifier: Apache-2.0 */
/* Plain linear interpolation in three axes: eight corners each. */
#include "kernel/ref.h"
#include "kernel/resize.h"

/* The eight corners of the small grid for pixel (d, h, w) of the large one: offsets and weights. */
struct corners {
    size_t at[8];
    double weight[8];
};

static struct corners corners(
    const struct tensor *x, const struct tensor *y, struct resize how, int d, int h, int w)
{
    struct resize_tap td = resize_at(how, x->s.d, y->s.d, d),
                      th = resize_at(how, x->s.h, y->s.h, h),
                      tw = resize_at(how, x->s.w, y->s.w, w);
    struct corners r;
    for (int i = 0; i < 8; i++) {
        bool far_d = i & 4, far_h = i & 2, far_w = i & 1;
        size_t z = (size_t)(far_d ? td.i1 : td.i0), v = (size_t)(far_h ? th.i1 : th.i0),
               u = (size_t)(far_w ? tw.i1 : tw.i0);
        r.at[i] = ((z * (size_t)x->s.h + v) * (size_t)x->s.w + u) * (size_t)x->lanes;
        r.weight[i] =
            (far_d ? td.t : 1 - td.t) * (far_h ? th.t : 1 - th.t) * (far_w ? tw.t : 1 - tw.t);
    }
    return r;
}

static void ref_resize_linear(
    const struct tensor *x, const struct tensor *y, struct resize how, struct pool *pool)
{
    (void)pool;
    size_t i = 0, lanes = (size_t)y->lanes;
    for (int d = 0; d < y->s.d; d++)
        for (int h = 0; h < y->s.h; h++)
            for (int w = 0; w < y->s.w; w++, i++) {
                struct corners r = corners(x, y, how, d, h, w);
                for (int k = 0; k < y->s.n * y->s.c; k++) {
                    size_t px = tensor_first(x, k / y->s.c, k % y->s.c);
                    double sum = 0;
                    for (int j = 0; j < 8; j++)
                        sum += r.weight[j] * (double)tensor_read(x, px + r.at[j]);
                    tensor_write(y, tensor_first(y, k / y->s.c, k % y->s.c) + i * lanes, (real)sum);
                }
            }
    ref_clear_pads(y);
}

/* All that pixel at[3] of dx gave to dy, in one channel and image. */
static double ref_resize_gather(
    const struct tensor *dy, const struct shape s, struct resize how, size_t from, const int at[3])
{
    int d, h, w, last_d, last_h, last_w;
    double sum = 0;
    for (resize_readers(how, s.d, dy->s.d, at[0], &d, &last_d); d <= last_d; d++) {
        double by_d = resize_share(how, s.d, dy->s.d, d, at[0]);
        for (resize_readers(how, s.h, dy->s.h, at[1], &h, &last_h); h <= last_h; h++) {
            double by_h = by_d * resize_share(how, s.h, dy->s.h, h, at[1]);
            for (resize_readers(how, s.w, dy->s.w, at[2], &w, &last_w); w <= last_w; w++) {
                size_t i = ((size_t)d * (size_t)dy->s.h + (size_t)h) * (size_t)dy->s.w + (size_t)w;
                sum += by_h * resize_share(how, s.w, dy->s.w, w, at[2]) *
                    (double)tensor_read(dy, from + i * (size_t)dy->lanes);
            }
        }
    }
    return sum;
}

static void ref_resize_linear_dx(const struct tensor *dy, const struct tensor *dx,
    struct resize how, bool add, struct pool *pool)
{
    (void)pool;
    for (int k = 0; k < dx->s.n * dx->s.c; k++) {
        size_t to = tensor_first(dx, k / dx->s.c, k % dx->s.c),
               from = tensor_first(dy, k / dx->s.c, k % dx->s.c), lanes = (size_t)dx->lanes;
        for (int d = 0; d < dx->s.d; d++)
            for (int h = 0; h < dx->s.h; h++)
                for (int w = 0; w < dx->s.w; w++, to += lanes)
                    ref_put(dx, to, (real)ref_resize_gather(dy, dx->s, how, from, (int[]){d, h, w}),
                        add);
    }
    if (!add) ref_clear_pads(dx);
}

void ref_resize_fill(struct kernels *k)
{
    k->linear = ref_resize_linear;
    k->linear_dx = ref_resize_linear_dx;
}
