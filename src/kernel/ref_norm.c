/* SPDX-License-Identifier: Apache-2.0 */
/* Plain normalisation and per-channel sums. */
#include "kernel/ref.h"

/* The images of one statistic: all, or one. */
struct group {
    int count, images;
};

static struct group groups(const struct tensor *x, bool per_image)
{
    struct group g = {per_image ? x->s.n : 1, per_image ? 1 : x->s.n};
    return g;
}

static void ref_norm_moments_of(
    const struct tensor *x, int first, int images, int c, double *mean, double *var)
{
    const size_t pixels = shape_pixels(x->s);
    double count = (double)pixels * images, sum = 0, squares = 0;
    for (int n = first; n < first + images; n++)
        for (size_t i = 0; i < pixels; i++) sum += (double)ref_get(x, n, c, i);
    *mean = sum / count;
    for (int n = first; n < first + images; n++)
        for (size_t i = 0; i < pixels; i++)
            squares +=
                ((double)ref_get(x, n, c, i) - *mean) * ((double)ref_get(x, n, c, i) - *mean);
    *var = squares / count;
}

static void ref_norm_moments(
    const struct tensor *x, bool per_image, real *mean, real *var, struct pool *pool)
{
    (void)pool;
    struct group g = groups(x, per_image);
    for (int k = 0; k < g.count; k++)
        for (int c = 0; c < tensor_padded(x); c++) {
            double m = 0, v = 0;
            if (c < x->s.c) ref_norm_moments_of(x, k * g.images, g.images, c, &m, &v);
            mean[k * tensor_padded(x) + c] = (real)m;
            var[k * tensor_padded(x) + c] = (real)v;
        }
}

static void ref_norm_affine(const struct tensor *x, const struct tensor *y, const real *scale,
    const real *shift, bool per_image, enum act act, struct pool *pool)
{
    (void)pool;
    REF_EACH(x, n, c, i)
    {
        const int k = per_image ? n * tensor_padded(x) + c : c;
        ref_set(y, n, c, i, act_apply(ref_get(x, n, c, i) * scale[k] + shift[k], act), false);
    }
    ref_clear_pads(y);
}

static void ref_norm_sums(const struct tensor *x, const struct tensor *dy, const real *scale,
    const real *shift, const real *mean, const real *rstd, bool per_image, enum act act,
    real *sum_dz, real *sum_dzx, struct pool *pool)
{
    (void)pool;
    struct group g = groups(x, per_image);
    for (int k = 0; k < g.count * tensor_padded(x); k++) {
        int group = k / tensor_padded(x), c = k % tensor_padded(x);
        double dz_sum = 0, dzx_sum = 0;
        for (int n = group * g.images; c < x->s.c && n < (group + 1) * g.images; n++) {
            for (size_t i = 0; i < shape_pixels(x->s); i++) {
                real v = ref_get(x, n, c, i);
                double dz =
                    (double)(ref_get(dy, n, c, i) * act_slope(v * scale[k] + shift[k], act));
                dz_sum += dz;
                dzx_sum += dz * ((double)v - (double)mean[k]) * (double)rstd[k];
            }
        }
        sum_dz[k] = (real)dz_sum;
        sum_dzx[k] = (real)dzx_sum;
    }
}

static void ref_norm_dx(const struct tensor *x, const struct tensor *dy, const struct tensor *dx,
    const real *scale, const real *shift, const real *a, const real *b, const real *c,
    bool per_image, enum act act, bool add, struct pool *pool)
{
    (void)pool;
    REF_EACH(x, n, j, i)
    {
        const int k = per_image ? n * tensor_padded(x) + j : j;
        const real v = ref_get(x, n, j, i),
                   dz = ref_get(dy, n, j, i) * act_slope(v * scale[k] + shift[k], act);
        ref_set(dx, n, j, i, a[k] * dz + b[k] * v + c[k], add);
    }
    ref_clear_pads(dx);
}

static void ref_norm_channel_sum(const struct tensor *x, real *out, bool add, struct pool *pool)
{
    (void)pool;
    for (int c = 0; c < tensor_padded(x); c++) {
        double sum = 0;
        for (int n = 0; c < x->s.c && n < x->s.n; n++)
            for (size_t i = 0; i < shape_pixels(x->s); i++) sum += (double)ref_get(x, n, c, i);
        ref_store(&out[c], (real)sum, add);
    }
}

void ref_norm_fill(struct kernels *k)
{
    k->moments = ref_norm_moments;
    k->affine = ref_norm_affine;
    k->norm_sums = ref_norm_sums;
    k->norm_dx = ref_norm_dx;
    k->channel_sum = ref_norm_channel_sum;
}
