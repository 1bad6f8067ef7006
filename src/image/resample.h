/* SPDX-License-Identifier: Apache-2.0 */
/* Images onto another grid that covers the same extent (half-voxel centres). */
#ifndef IMAGE_RESAMPLE_H
#define IMAGE_RESAMPLE_H

#include "base/pool.h"
#include "image/image.h"

/* Linear; an axis that shrinks is smoothed by a triangle as wide as the new voxel, so that nothing is skipped. x, y: planar [c][d][h][w].
 */
att_status resample_linear(const float *x, int channels, const int in[3], float *y, const int out[3], struct pool *pool, struct err *e);
/* Labels: the nearest voxel. */
void resample_nearest(const uint8_t *x, const int in[3], uint8_t *y, const int out[3]);

#endif
