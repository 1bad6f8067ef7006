/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels of a few numbers: kernel.h names them.
 *
 * norm_fold: rstd = 1/sqrt(var + eps); scale = gamma*rstd; shift = beta - mean*scale, with mean
 * less the bias of the convolution before, unless that is NULL; mean and var may be n's mean and
 * rstd. NULL: gamma 1, beta 0.
 *
 * norm_track: running = (1 - momentum)*running + momentum*batch, with the unbiased variance of
 * `count` numbers; `batches` counts one more (torch).
 *
 * norm_coefficients: from the sums of norm_sums over `count` numbers each: dx = a*dz + b*x + c, and
 * (+)= dgamma, dbeta (each may be NULL).
 *
 * label_nearest: y[i] = x[floor(i * in/out)] per axis, torch's nearest. */
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

/* A count in two numbers, n mod 2^20 and n div 2^20: one float would stand still at 2^24. */
enum { COUNT_LOW = 1 << 20 };
int64_t count_read(const real *count);
void count_write(real *count, int64_t n); /* 0 <= n < 2^44 */

#endif
