/* SPDX-License-Identifier: Apache-2.0 */
/* Windows on planar maps. */
#include "device/device_kernels.h"

static void window_of(const struct tensor *x, const struct tensor *y, real *code, bool box)
{
    struct launch l = launch_of("window", "window", NULL);
    launch_args(&l, x, y, code, box);
    launch_elements(&l, y);
}

static void device_erode(
    const struct tensor *x, const struct tensor *y, real *code, struct pool *pool)
{
    (void)pool;
    window_of(x, y, code, false);
}

static void device_dilate(
    const struct tensor *x, const struct tensor *y, real *code, struct pool *pool)
{
    (void)pool;
    window_of(x, y, code, true);
}

static void device_window_dx(const real *code, const struct tensor *dy, const struct tensor *dx,
    bool box, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("window", "window_dx", NULL);
    launch_args(&l, code, dy, dx, box, add);
    launch_elements(&l, dx);
}

void device_window_fill(struct kernels *k)
{
    k->erode = device_erode;
    k->dilate = device_dilate;
    k->window_dx = device_window_dx;
}
