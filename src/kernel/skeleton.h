/* SPDX-License-Identifier: Apache-2.0 */
/* Soft skeletons (Shit et al. 2021, arXiv 2003.07311): the union of what opening removes from a map
 * eroded i times: S = 1 - prod (1 - relu(E_i - open(E_i))), E_0 = x, E_i+1 = erode(E_i), open =
 * dilate of erode. */
#pragma once

#include "kernel/kernel.h"

/* What a pixelwise step between the windows reads and writes. */
struct skeleton_step {
    const real *e, *before, *dy;
    real *taken, *product, *rest, *g, *de;
    size_t size;
    bool last;
};
/* - join: taken, from the opened map to what opening removes from e; product = before (NULL: 1)
 *   times 1 - taken, the skeleton's complement.
 * - complement: product = 1 - product.
 * - slope: de = d L / d taken where something is removed: dy times all other factors, before it
 *   (NULL: none) and after; g = -de. */
struct skeleton_steps {
    void (*join)(struct skeleton_step *s, struct pool *pool);
    void (*complement)(struct skeleton_step *s, struct pool *pool);
    void (*slope)(struct skeleton_step *s, struct pool *pool);
};
extern const struct skeleton_steps skeleton_host;

/* Numbers of scratch for maps of `size` numbers in all. */
size_t skeleton_scratch(size_t size, int iterations, bool backward);

/* x, y, dy, dx: distinct planar maps of one shape. */
void skeleton(const struct kernels *k, const struct skeleton_steps *steps, const struct tensor *x,
    int iterations, const struct tensor *y, real *scratch, struct pool *pool);
void skeleton_dx(const struct kernels *k, const struct skeleton_steps *steps,
    const struct tensor *x, int iterations, const struct tensor *dy, const struct tensor *dx,
    real *scratch, struct pool *pool);
