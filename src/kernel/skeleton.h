/* SPDX-License-Identifier: Apache-2.0 */
/* Soft skeletons (Shit et al. 2021, arXiv 2003.07311): the union of what opening removes from a map
 * eroded i times: S = 1 - prod (1 - relu(E_i - open(E_i))), E_0 = x, E_i+1 = erode(E_i), open =
 * dilate of erode. */
#pragma once

#include "kernel/kernel.h"

/* Numbers of scratch for maps of `size` numbers in all. */
size_t skeleton_scratch(size_t size, int iterations, bool backward);

/* x, y, dy, dx: distinct planar maps of one shape. */
void skeleton(const struct kernels *k, const struct tensor *x, int iterations,
    const struct tensor *y, real *scratch, struct pool *pool);
void skeleton_dx(const struct kernels *k, const struct tensor *x, int iterations,
    const struct tensor *dy, const struct tensor *dx, real *scratch, struct pool *pool);
