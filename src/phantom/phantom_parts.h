/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the phantoms, phantom_NAME.c. */
#pragma once

#include "phantom/phantom.h"

#define PI 3.14159265358979324

/* Range sets: training, even unseen, odd unseen cases. */
enum phantom_side { PHANTOM_TRAINING, PHANTOM_EVEN, PHANTOM_ODD, PHANTOM_SIDES };
static inline enum phantom_side phantom_side(const struct phantom_wish *wish)
{
    return !wish->unseen ? PHANTOM_TRAINING : wish->index % 2 ? PHANTOM_ODD : PHANTOM_EVEN;
}

/* Memory for an image and its labels on this grid, with voxels of 1. */
att_status phantom_grid(struct phantom_case *c, int d, int h, int w, struct err *e);

static inline double draw(struct rng *r, const double range[2])
{
    return rng_range(r, range[0], range[1]);
}
static inline double square(double v) { return v * v; }

/* 0 below -soft, 1 above soft. */
static inline double step(double v, double soft)
{
    double t = 0.5 + 0.5 * v / soft;
    return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}
