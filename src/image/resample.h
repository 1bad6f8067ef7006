/* SPDX-License-Identifier: Apache-2.0 */
/* Images onto another grid that covers the same extent (half-voxel centres). */
#ifndef IMAGE_RESAMPLE_H
#define IMAGE_RESAMPLE_H

#include "base/pool.h"
#include "image/box.h"
#include "image/image.h"

/* x, y: planar [channels][d][h][w] here and below. Linear; an axis that shrinks is smoothed by a
 * triangle as wide as the new voxel, so that nothing is skipped. */
att_status resample_linear(const float *x, int channels, const int in[3], float *y,
    const int out[3], struct pool *pool, struct err *e);
/* Without smoothing, as skimage.transform.resize(order, mode="edge", anti_aliasing=False), which
 * nnU-Net uses: order 1 is linear, 3 a cubic B-spline through the samples, cut to the range that
 * they have. Beyond the border the border's value counts. The axis `thick_axis`
 * (-1: none) takes the nearest plane instead, and the range is that plane's: thick slices do not
 * mix. */
att_status resample_order(const float *x, int channels, const int in[3], float *y, const int out[3],
    int order, int thick_axis, struct pool *pool, struct err *e);

/* Part of a channel, bit for bit what the whole would have there: as resample_linear when `smooth`
 * (and `thick_axis` -1), else as resample_order of order 1. */
struct resample_part {
    int in[3], out[3];
    bool smooth;
    int thick_axis;
};
/* Which voxels of the old axis, first..end - 1, new voxels from..from + count - 1 are made of. */
void resample_needs(
    const struct resample_part *p, int axis, int from, int count, int *first, int *end);
/* x: box `have` of the old grid, which holds what is needed; y: box `want` of the new one. */
att_status resample_part(const struct resample_part *p, const float *x, const struct box *have,
    float *y, const struct box *want, struct pool *pool, struct err *e);

/* Of a channel that is not in memory as a whole: its axes one after the other, as both functions
 * above go along them. Which, in order; returns how many. */
int resample_axes(const int in[3], const int out[3], int axes[3]);
/* One of them, of a part that has all of this axis: x is [size], and y has p->out[axis] in its
 * place. `cubic`: as resample_order of order 3 before it cuts (not with p->smooth). */
att_status resample_along(const struct resample_part *p, bool cubic, int axis, const float *x,
    const int size[3], float *y, struct pool *pool, struct err *e);
/* The plane of the axis `thick_axis` whose range plane i of the new grid is cut to. */
int resample_source(const int in[3], const int out[3], int thick_axis, int i);

/* Bytes that one axis takes beside its samples, on so many threads: cubic, or any other way. */
double resample_bytes(bool cubic, int in, int out, int threads);

/* Classes: every class as an image of its own, 1 inside and 0 outside, resampled by order 1; the
 * largest decides, of equals the highest class. `thick_axis` as above. */
att_status resample_classes(const uint8_t *x, const int in[3], uint8_t *y, const int out[3],
    int thick_axis, struct pool *pool, struct err *e);
/* Classes: the nearest voxel. */
void resample_nearest(const uint8_t *x, const int in[3], uint8_t *y, const int out[3]);

/* nnU-Net's size of an axis at another spacing: round(own / wanted * size), to even in the middle;
 * 1 at least, INT_MAX at most. */
int resample_length(int size, double own, double wanted);
/* The axis whose planes are so thick, on either grid, that they do not mix: its spacing is the
 * largest and more than three times the smallest. -1: there is none, or two axes share the largest.
 */
int resample_thick_axis(const double own[3], const double wanted[3]);

#endif
