/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels that change the grid, and the weights of upsampling convolutions. */
#include "device/device_kernels.h"
#include "kernel/conv_up.h"

static struct launch grid_of(const char *kernel, const struct tensor *a, const struct tensor *b)
{
    struct launch l = launch_of("grid", kernel, NULL);
    launch_args(&l, a, b);
    return l;
}

static void device_maxpool(
    const struct tensor *x, const struct tensor *y, const int factor[3], struct pool *pool)
{
    (void)pool;
    struct launch l = grid_of("maxpool", x, y);
    for (int i = 0; i < 3; i++) launch_int(&l, factor[i]);
    launch_elements(&l, y);
}

static void device_maxpool_dx(const struct tensor *x, const struct tensor *y,
    const struct tensor *dy, const struct tensor *dx, const int factor[3], bool add,
    struct pool *pool)
{
    (void)pool;
    (void)y;
    struct launch l = grid_of("maxpool_dx", x, dy);
    launch_tensor(&l, dx);
    for (int i = 0; i < 3; i++) launch_int(&l, factor[i]);
    launch_int(&l, add);
    launch_elements(&l, dx);
}

static void device_linear(
    const struct tensor *x, const struct tensor *y, struct resize how, struct pool *pool)
{
    (void)pool;
    struct launch l = grid_of("linear", x, y);
    launch_int(&l, how.align_corners);
    launch_elements(&l, y);
}

static void device_linear_dx(const struct tensor *dy, const struct tensor *dx, struct resize how,
    bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = grid_of("linear_dx", dy, dx);
    launch_args(&l, how.align_corners, add);
    launch_elements(&l, dx);
}

static void device_label_nearest(const uint8_t *x, struct shape xs, uint8_t *y, struct shape ys)
{
    xs.c = ys.c = 1;
    const struct tensor from = {(real *)(uintptr_t)x, xs, 1, false},
                        to = {(real *)(uintptr_t)y, ys, 1, false};
    struct launch l = grid_of("label_nearest", &from, &to);
    launch_elements(&l, &to);
}

static void device_upsample(const struct tensor *x, const struct tensor *y)
{
    struct launch l = grid_of("upsample_map", x, y);
    launch_elements(&l, y);
}

static const struct conv_up_axis device_narrower = {4, 3, {2, 1, 0}, {2, 2, 2}};

static void change_taps(const struct conv *c, const struct conv_up_axis *wide, const real *from,
    real *to, int rows, int columns, bool add)
{
    size_t count = (size_t)rows * (size_t)columns * LANES * LANES;
    struct launch l = launch_of("grid", "change_taps", NULL);
    launch_args(&l, from, to, rows, columns);
    for (int i = 0; i < 3; i++) {
        const struct conv_up_axis *a = c->kernel[i] == 1 ? &conv_up_flat : wide;
        launch_value(&l, a, sizeof *a);
        count *= (size_t)a->to;
    }
    launch_int(&l, add);
    launch_over(&l, count);
}

static void device_up_expand(const struct conv *c, const real *w3, real *w, struct pool *pool)
{
    (void)pool;
    change_taps(c, &conv_up_wider, w3, w, conv_out_blocks(c), conv_in_blocks(c), false);
}

static void device_up_contract(
    const struct conv *c, const real *w, real *w3, bool add, struct pool *pool)
{
    (void)pool;
    change_taps(c, &device_narrower, w, w3, conv_in_blocks(c), conv_out_blocks(c), add);
}

void device_grid_fill(struct kernels *k)
{
    k->maxpool = device_maxpool;
    k->maxpool_dx = device_maxpool_dx;
    k->linear = device_linear;
    k->linear_dx = device_linear_dx;
    k->label_nearest = device_label_nearest;
    k->upsample = device_upsample;
    k->up_expand = device_up_expand;
    k->up_contract = device_up_contract;
}
