/* SPDX-License-Identifier: Apache-2.0 */
/* Distances between the surfaces of two masks; see also docs/metrics.md. */
#pragma once

#include <stdint.h>

#include "base/pool.h"
#include "base/status.h"

/* Nikolov et al., Deep learning to achieve clinically applicable segmentation of head and neck
 * anatomy (2018), as google-deepmind's surface-distance computes it. A surface is a set of elements
 * at the points where 2 x 2 x 2 voxels (in a plane: 2 x 2 pixels) meet that are not all inside or
 * all outside; beyond the image is outside. An element has an area (a length) and the distance to
 * the other mask's nearest element. With p and t the elements of the predicted and of the true
 * mask:
 *
 *   hd95  the 95th percentile of distances by area, of p or of t: the larger
 *   assd  the mean distance by area over p and t
 *   nsd   the share of the area of p and t at most `tolerance` away from the other mask
 *
 * If both masks are empty, all are NaN; if one is, hd95 and assd are NaN and nsd is 0. */
struct surface_scores {
    double hd95, assd; /* in the unit of spacing */
    double nsd;
};

/* predicted, truth: [d][h][w], 0 is outside. With d = 1 it compares contours. spacing: d, h, w,
 * above 0. */
att_status surface_measure(const uint8_t *predicted, const uint8_t *truth, const int size[3],
    const double spacing[3], double tolerance, struct pool *pool, struct surface_scores *out,
    struct err *e);
