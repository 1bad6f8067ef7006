/* SPDX-License-Identifier: Apache-2.0 */
/* Where linear interpolation reads along one axis, for the plain and the fast kernels alike. */
#ifndef KERNEL_RESIZE_H
#define KERNEL_RESIZE_H

#include "kernel/kernel.h"

/* y[dst] = (1 - t) x[i0] + t x[i1] */
struct resize_tap {
    int i0, i1;
    double t;
};

/* torch's conventions: see struct resize. */
static inline struct resize_tap resize_at(struct resize how, int in, int out, int dst)
{
    double src;
    if (how.align_corners)
        src = out > 1 ? (double)dst * (in - 1) / (out - 1) : 0;
    else
        src = (dst + 0.5) * in / out - 0.5;
    if (src < 0) src = 0;
    struct resize_tap tap;
    tap.i0 = (int)src < in - 1 ? (int)src : in - 1;
    tap.i1 = tap.i0 < in - 1 ? tap.i0 + 1 : tap.i0;
    tap.t = src - tap.i0;
    return tap;
}

#endif
