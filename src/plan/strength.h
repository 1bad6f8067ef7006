/* SPDX-License-Identifier: Apache-2.0 */
/* How strongly training patches are changed: --augment none, light or full, and the single flags,
 * which win.  docs/augmentation.md says what every one of them does. */
#pragma once

#include "base/options.h"
#include "image/augment.h"

/* What was given; NaN: as the strength has it. */
struct strength {
    char name[7];
    bool intensity; /* false: none from jitter to gamma */
    double mirror;  /* along which axes: the number of its word (strength_mirrors) */
    double rotate;  /* degrees */
    double rotate_probability, scale, scale_probability, scale_axes, elastic;
    double jitter, noise, blur, brightness, contrast, low_resolution, gamma, cutout;
};

/* "no", "w", "h", "hw", "d", "dw", "dh", "yes": the bits of a number are the axes, w the lowest;
 * NULL behind the last. */
extern const char *const strength_mirrors[];
enum { STRENGTH_ALL_AXES = 7 };
static inline bool strength_mirrored(double mirror, int axis)
{
    return (int)mirror >> (2 - axis) & 1;
}
/* Along all axes but this one; patches of 2D networks have no depth. */
static inline double strength_mirror_but(int axis, int dims)
{
    const int all = dims == 2 ? STRENGTH_ALL_AXES >> 1 : STRENGTH_ALL_AXES;
    return all & ~(1 << (2 - axis));
}

void strength_read(const struct options *o, struct strength *s);
/* What that means for patches of this size; `through` and `spacing` are each case's own.  masked:
 * images are normalised within a mask. */
void strength_options(
    const struct strength *s, int dims, const int patch[3], bool masked, struct augment_options *a);
