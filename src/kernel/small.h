/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels for a few numbers (kernel.h), one version for all ISAs.
 *
 * norm_fold: rstd = 1/sqrt(var + eps); scale = gamma*rstd; shift = beta - mean*scale, with mean
 * less the preceding convolution's bias, unless NULL; mean and var may be n's mean and rstd. NULL:
 * gamma 1, beta 0.
 *
 * norm_track: running = (1 - momentum)*running + momentum*batch, with the unbiased variance of
 * `count` numbers; `batches` counts one more (torch).
 *
 * norm_coefficients: from the sums of norm_sums over `count` numbers: dx = a*dz + b*x + c, and (+)=
 * dgamma, dbeta (may be NULL).
 *
 * label_nearest: y[i] = x[floor(i * in/out)] per axis, torch's nearest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/tensor.h"

/* A norm's per-channel numbers: `images` sets of `channels` (one set for batch norm). */
struct norm_numbers {
    real *mean, *rstd, *scale, *shift;
};

/* A count as n mod 2^20 and n div 2^20: a single float would stop at 2^24. */
enum { COUNT_LOW = 1 << 20 };
int64_t count_read(const real *count);
void count_write(real *count, int64_t n); /* 0 <= n < 2^44 */
