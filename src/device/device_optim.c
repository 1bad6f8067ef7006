/* SPDX-License-Identifier: Apache-2.0 */
/* Flat arrays: optimisers over all parameters at once. */
#include <math.h>

#include "base/kmath.h"
#include "device/device_kernels.h"

static void device_fill(real *x, size_t n, real value)
{
    struct launch l = launch_of("optim", "fill", NULL);
    launch_args(&l, x, (int64_t)n, (float)value);
    launch_over(&l, n);
}

static void device_blend(real *to, const real *from, size_t n, real share, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("optim", "blend", NULL);
    launch_args(&l, to, from, (int64_t)n, (float)share);
    launch_over(&l, n);
}

/* Of x times `scale`. */
static double optim_squares(const real *x, size_t n, double scale)
{
    const size_t parts = device_parts(n);
    double sum = 0, *part = launch_borrow((parts + 1) * sizeof *part);
    struct launch l = launch_of("norm", "sum_squares_part", NULL);
    launch_args(&l, x, (int64_t)n, (float)scale, part);
    launch_groups(&l, parts, 1, 1);
    l = launch_of("norm", "total_end", NULL);
    launch_args(&l, part, (int)parts, part ? part + parts : NULL);
    launch_groups(&l, 1, 1, 1);
    memory_device.download(part ? part + parts : NULL, &sum, sizeof sum);
    launch_return();
    wide_unpack(&sum, 1);
    return sum;
}

/* Of numbers whose squares no float holds, too. */
static double device_sum_squares(const real *x, size_t n, struct pool *pool)
{
    (void)pool;
    if (n == 0) return 0; /* x may lie in no buffer */
    const double sum = optim_squares(x, n, 1);
    if (isfinite(sum) && sum > 0x1p-60) return sum;
    const double scale = isfinite(sum) ? 0x1p80 : 0x1p-80;
    return optim_squares(x, n, scale) / (scale * scale);
}

static void device_sgd(real *p, const real *g, real *m, size_t n, real lr, real momentum,
    bool nesterov, real decay, real scale, bool first, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("optim", "sgd", NULL);
    launch_args(&l, p, g, m, (int64_t)n, (float)lr, (float)momentum, nesterov, (float)decay,
        (float)scale, first);
    launch_over(&l, n);
}

static void device_adamw(real *p, const real *g, real *m, real *v, size_t n, real lr, real beta1,
    real beta2, real eps, real decay, real scale, int64_t step, struct pool *pool)
{
    (void)pool;
    const double b1 = (double)beta1, b2 = (double)beta2;
    const double numbers[] = {b1, 1 - b1, b2, 1 - b2, (double)eps, (double)lr * (double)decay,
        (double)scale, (double)lr / (1 - kmath_power(b1, step)),
        1 / sqrt(1 - kmath_power(b2, step))};
    struct launch l = launch_of("optim", "adamw", NULL);
    launch_args(&l, p, g, m, v, (int64_t)n);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        launch_float(&l, (float)numbers[i]);
    launch_over(&l, n);
}

void device_optim_fill(struct kernels *k)
{
    k->fill = device_fill;
    k->blend = device_blend;
    k->sum_squares = device_sum_squares;
    k->sgd = device_sgd;
    k->adamw = device_adamw;
}
