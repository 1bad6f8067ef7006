/* SPDX-License-Identifier: Apache-2.0 */
/* Gaussian smoothing of planar samples, for phantoms and baselines; augmentation uses its
 * kernel. */
#pragma once

#include "base/status.h"

/* exp(-i^2 / (2 sigma^2)) for i = 0..reach, scaled to sum 1 over the kernel; sigma 0: 1, 0, 0,
 * ... */
void smooth_kernel(double sigma, int reach, float *kernel);
/* In place; x is [d][h][w]. sigma in voxels per axis (d, h, w), 0: not along it. The kernel reaches
 * ceil(3 sigma) voxels; the border's value extends outwards. */
att_status smooth_gaussian(float *x, const int size[3], const double sigma[3], struct err *e);
