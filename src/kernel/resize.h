/* SPDX-License-Identifier: Apache-2.0 */
/* Where linear interpolation reads along one axis. */
#pragma once

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

/* Pixels first..last of y read pixel i of x. Positions grow with the pixel: a guess, then
 * corrected. */
static inline void resize_readers(struct resize how, int in, int out, int i, int *first, int *last)
{
    int at = (int)((double)i * out / in);
    while (at > 0 && resize_at(how, in, out, at - 1).i1 >= i) at--;
    while (resize_at(how, in, out, at).i1 < i && at < out - 1) at++;
    *first = at;
    while (at < out && resize_at(how, in, out, at).i0 <= i) at++;
    *last = at - 1;
}

/* The weight of pixel i of x in pixel dst of y. */
static inline double resize_share(struct resize how, int in, int out, int dst, int i)
{
    struct resize_tap tap = resize_at(how, in, out, dst);
    return (tap.i0 == i ? 1 - tap.t : 0) + (tap.i1 == i ? tap.t : 0);
}
