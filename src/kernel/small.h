/* SPDX-License-Identifier: Apache-2.0 */
/* Work too small for the table of kernels: a few numbers per channel, scalars, labels.  One version
 * for every ISA. */
#ifndef KERNEL_SMALL_H
#define KERNEL_SMALL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/tensor.h"

/* Per-channel numbers of a norm layer: `images` sets of `channels` each (one set for batch norm).
 */
struct norm_numbers {
    real *mean, *rstd, *scale, *shift;
};

/* rstd = 1/sqrt(var + eps); scale = gamma*rstd; shift = beta - mean*scale.  n->rstd holds the
 * variance on entry.  NULL: gamma 1, beta 0. */
void norm_fold(const struct norm_numbers *n, int images, int channels, const real *gamma,
    const real *beta, double eps);

/* A count in two numbers, n mod 2^20 and n div 2^20: one float would stand still at 2^24. */
enum { COUNT_LOW = 1 << 20 };
int64_t count_read(const real *count);
void count_write(real *count, int64_t n); /* 0 <= n < 2^44 */

/* running = (1 - momentum)*running + momentum*batch, with the unbiased variance of `count` numbers;
 * `batches` counts one more (torch). */
void norm_track(const real *mean, const real *var, int channels, double count, double momentum,
    real *running_mean, real *running_var, real *batches);

/* From the sums of kernels.norm_sums over `count` numbers each: dx = a*dz + b*x + c, and (+)=
 * dgamma, dbeta (each may be NULL). */
void norm_coefficients(const struct norm_numbers *n, int images, int channels, double count,
    const real *gamma, const real *sum_dz, const real *sum_dzx, real *a, real *b, real *c,
    real *dgamma, bool add_gamma, real *dbeta, bool add_beta);

/* y[i] = x[floor(i * in/out)] per axis: torch's nearest. */
void label_nearest(const uint8_t *x, struct shape xs, uint8_t *y, struct shape ys);

#endif
