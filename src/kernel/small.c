/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref.h"

#include <math.h>

static void norm_fold(const struct norm_numbers *n, int images, int channels, const real *mean,
    const real *var, const real *bias, const real *gamma, const real *beta, double eps)
{
    for (int i = 0; i < images; i++)
        for (int c = 0; c < channels; c++) {
            size_t j = (size_t)i * (size_t)channels + (size_t)c;
            double rstd = 1.0 / sqrt((double)var[j] + eps),
                   scale = (gamma ? (double)gamma[c] : 1) * rstd;
            n->mean[j] = mean[j] - (bias ? bias[c] : 0);
            n->rstd[j] = (real)rstd;
            n->scale[j] = (real)scale;
            n->shift[j] = (real)((beta ? (double)beta[c] : 0) - (double)n->mean[j] * scale);
        }
}

int64_t count_read(const real *count) { return (int64_t)count[0] + (int64_t)count[1] * COUNT_LOW; }

void count_write(real *count, int64_t n)
{
    count[0] = (real)(n % COUNT_LOW);
    count[1] = (real)(n / COUNT_LOW);
}

static void norm_track(const real *mean, const real *var, int channels, double count,
    double momentum, real *running_mean, real *running_var, real *batches)
{
    double unbiased = count > 1 ? count / (count - 1) : 1;
    for (int c = 0; c < channels; c++) {
        running_mean[c] =
            (real)((1 - momentum) * (double)running_mean[c] + momentum * (double)mean[c]);
        running_var[c] =
            (real)((1 - momentum) * (double)running_var[c] + momentum * unbiased * (double)var[c]);
    }
    count_write(batches, count_read(batches) + 1);
}

static void norm_coefficients(const struct norm_numbers *n, int images, int channels, double count,
    const real *gamma, const real *sum_dz, const real *sum_dzx, real *a, real *b, real *c,
    real *dgamma, bool add_gamma, real *dbeta, bool add_beta)
{
    for (int k = 0; k < channels; k++) {
        double dg = 0, db = 0;
        for (int i = 0; i < images; i++) {
            size_t j = (size_t)i * (size_t)channels + (size_t)k;
            double rstd = (double)n->rstd[j], scale = (gamma ? (double)gamma[k] : 1) * rstd;
            double slope = scale * rstd * (double)sum_dzx[j] / count;
            a[j] = (real)scale;
            b[j] = (real)-slope;
            c[j] = (real)(slope * (double)n->mean[j] - scale * (double)sum_dz[j] / count);
            dg += (double)sum_dzx[j];
            db += (double)sum_dz[j];
        }
        if (dgamma) dgamma[k] = (real)(dg + (add_gamma ? (double)dgamma[k] : 0));
        if (dbeta) dbeta[k] = (real)(db + (add_beta ? (double)dbeta[k] : 0));
    }
}

static size_t small_source(int i, int in, int out) { return (size_t)((int64_t)i * in / out); }

static void label_nearest(const uint8_t *x, struct shape xs, uint8_t *y, struct shape ys)
{
    for (int n = 0; n < ys.n; n++)
        for (int d = 0; d < ys.d; d++)
            for (int h = 0; h < ys.h; h++)
                for (int w = 0; w < ys.w; w++) {
                    size_t row =
                        ((size_t)n * (size_t)xs.d + small_source(d, xs.d, ys.d)) * (size_t)xs.h +
                        small_source(h, xs.h, ys.h);
                    *y++ = x[row * (size_t)xs.w + small_source(w, xs.w, ys.w)];
                }
}

static void weighted_sum(const struct tensor *x, const float *weight, int n, real *y)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)weight[i] * (double)x[i].p[0];
    *y = (real)sum;
}

static void weighted_sum_dx(const real *dy, real weight, real *dx, bool add)
{
    ref_store(dx, weight * *dy, add);
}

static void small_fill_numbers(real *x, size_t n, real value)
{
    for (size_t i = 0; i < n; i++) x[i] = value;
}

void small_fill(struct kernels *k)
{
    k->norm_fold = norm_fold;
    k->norm_track = norm_track;
    k->norm_coefficients = norm_coefficients;
    k->label_nearest = label_nearest;
    k->weighted_sum = weighted_sum;
    k->weighted_sum_dx = weighted_sum_dx;
    k->fill = small_fill_numbers;
}
