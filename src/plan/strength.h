/* SPDX-License-Identifier: Apache-2.0 */
/* The strength of augmentation: `augment` none, light or full, and single options, which win
 * (docs/augmentation.md). */
#pragma once

#include "base/options.h"
#include "image/augment.h"

/* The given settings; NaN: the default of the strength. */
struct strength {
    char name[7];
    bool intensity; /* false: no changes from jitter to gamma */
    double mirror;  /* index in strength_mirrors */
    double rotate;  /* degrees */
    double rotate_probability, scale, scale_probability, scale_axes, elastic;
    double jitter, noise, blur, brightness, contrast, low_resolution, gamma, cutout;
};

/* "no", "w", "h", "hw", "d", "dw", "dh", "yes", NULL: the bits of an index are axes, w the lowest.
 */
extern const char *const strength_mirrors[];
enum { STRENGTH_ALL_AXES = 7 };
static inline bool strength_mirrored(double mirror, int axis)
{
    return (int)mirror >> (2 - axis) & 1;
}
/* All axes but this one; patches of 2D networks have no depth. */
static inline double strength_mirror_but(int axis, int dims)
{
    const int all = dims == 2 ? STRENGTH_ALL_AXES >> 1 : STRENGTH_ALL_AXES;
    return all & ~(1 << (2 - axis));
}

void strength_read(const struct options *o, struct strength *s);
/* The changes for patches of this size, without `through` and `spacing`, which are each case's.
 * masked: images are normalised within a mask. */
void strength_options(
    const struct strength *s, int dims, const int patch[3], bool masked, struct augment_options *a);
