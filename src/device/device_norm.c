/* SPDX-License-Identifier: Apache-2.0 */
/* Norms and sums per channel. */
#include "device/device_kernels.h"

/* Images of one statistic, and how many statistics there are. */
static int images_of(const struct tensor *x, bool per_image) { return per_image ? 1 : x->s.n; }
static int groups_of(const struct tensor *x, bool per_image) { return per_image ? x->s.n : 1; }

static size_t norm_parts(const struct tensor *x, bool per_image)
{
    return device_parts(shape_pixels(x->s) * (size_t)images_of(x, per_image));
}

/* Memory for `numbers` sums per channel and part. */
static void *norm_borrow(const struct tensor *x, bool per_image, size_t numbers)
{
    return launch_borrow(norm_parts(x, per_image) * (size_t)groups_of(x, per_image) *
        (size_t)tensor_padded(x) * numbers * sizeof(double));
}

static void norm_part(struct launch *l, const struct tensor *x, bool per_image)
{
    launch_groups(
        l, norm_parts(x, per_image), (size_t)tensor_blocks(x), (size_t)groups_of(x, per_image));
}

static void norm_end(const struct tensor *x, bool per_image, const void *part, int numbers,
    real *out, real *second, bool add)
{
    struct launch l = launch_of("norm", "parts_end", NULL);
    launch_args(&l, part, (int)norm_parts(x, per_image), numbers, out, second, add);
    launch_groups(&l, (size_t)groups_of(x, per_image) * (size_t)tensor_padded(x), 1, 1);
}

static void device_moments(
    const struct tensor *x, bool per_image, real *mean, real *var, struct pool *pool)
{
    (void)pool;
    void *part = norm_borrow(x, per_image, 2);
    struct launch l = launch_of("norm", "moments_part", NULL);
    launch_args(&l, x, images_of(x, per_image), part);
    norm_part(&l, x, per_image);
    l = launch_of("norm", "moments_end", NULL);
    launch_args(&l, x, images_of(x, per_image),
        1.0 / ((double)shape_pixels(x->s) * images_of(x, per_image)), part,
        (int)norm_parts(x, per_image), mean, var);
    launch_groups(&l, (size_t)groups_of(x, per_image) * (size_t)tensor_padded(x), 1, 1);
    launch_return();
}

static void device_affine(const struct tensor *x, const struct tensor *y, const real *scale,
    const real *shift, bool per_image, enum act act, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("pointwise", "affine", NULL);
    launch_args(&l, x, y, scale, shift, per_image, (int)act);
    launch_elements(&l, y);
}

static void device_norm_sums(const struct tensor *x, const struct tensor *dy, const real *scale,
    const real *shift, const real *mean, const real *rstd, bool per_image, enum act act,
    real *sum_dz, real *sum_dzx, struct pool *pool)
{
    (void)pool;
    void *part = norm_borrow(x, per_image, 2);
    struct launch l = launch_of("norm", "norm_sums_part", NULL);
    launch_args(&l, x, dy, scale, shift, mean, rstd, images_of(x, per_image), (int)act, part);
    norm_part(&l, x, per_image);
    norm_end(x, per_image, part, 2, sum_dz, sum_dzx, false);
    launch_return();
}

static void device_norm_dx(const struct tensor *x, const struct tensor *dy, const struct tensor *dx,
    const real *scale, const real *shift, const real *a, const real *b, const real *c,
    bool per_image, enum act act, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("pointwise", "norm_dx", NULL);
    launch_args(&l, x, dy, dx, scale, shift, a, b, c, per_image, (int)act, add);
    launch_elements(&l, dx);
}

static void device_channel_sum(const struct tensor *x, real *out, bool add, struct pool *pool)
{
    (void)pool;
    void *part = norm_borrow(x, false, 1);
    struct launch l = launch_of("norm", "channel_sum_part", NULL);
    launch_args(&l, x, x->s.n, part);
    norm_part(&l, x, false);
    norm_end(x, false, part, 1, out, NULL, add);
    launch_return();
}

/* ---- small.h */

static void device_norm_fold(const struct norm_numbers *n, int images, int channels,
    const real *mean, const real *var, const real *bias, const real *gamma, const real *beta,
    double eps)
{
    struct launch l = launch_of("norm", "norm_fold", NULL);
    launch_args(&l, n->mean, n->rstd, n->scale, n->shift, images, channels, mean, var, bias, gamma,
        beta, eps);
    launch_over(&l, (size_t)images * (size_t)channels);
}

static void device_norm_track(const real *mean, const real *var, int channels, double count,
    double momentum, real *running_mean, real *running_var, real *batches)
{
    struct launch l = launch_of("norm", "norm_track", NULL);
    const double unbiased = count > 1 ? count / (count - 1) : 1;
    launch_args(&l, mean, var, channels, 1 - momentum, momentum, momentum * unbiased, running_mean,
        running_var, batches);
    launch_over(&l, channels > 0 ? (size_t)channels : 1);
}

static void device_norm_coefficients(const struct norm_numbers *n, int images, int channels,
    double count, const real *gamma, const real *sum_dz, const real *sum_dzx, real *a, real *b,
    real *c, real *dgamma, bool add_gamma, real *dbeta, bool add_beta)
{
    struct launch l = launch_of("norm", "norm_coefficients", NULL);
    launch_args(
        &l, n->mean, n->rstd, images, channels, 1 / count, gamma, sum_dz, sum_dzx, a, b, c, dgamma);
    launch_args(&l, add_gamma, dbeta, add_beta);
    launch_over(&l, (size_t)channels);
}

void device_norm_fill(struct kernels *k)
{
    k->moments = device_moments;
    k->affine = device_affine;
    k->norm_sums = device_norm_sums;
    k->norm_dx = device_norm_dx;
    k->channel_sum = device_channel_sum;
    k->norm_fold = device_norm_fold;
    k->norm_track = device_norm_track;
    k->norm_coefficients = device_norm_coefficients;
}
