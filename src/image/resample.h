/* SPDX-License-Identifier: Apache-2.0 */
/* Resampling to another grid of the same extent (half-voxel centres). */
#pragma once

#include "base/pool.h"
#include "image/box.h"
#include "image/image.h"

/* x, y: planar [channels][d][h][w] here and below. Linear; a shrinking axis is smoothed by a
 * triangle as wide as the new voxel. */
att_status resample_linear(const float *x, int channels, const int in[3], float *y,
    const int out[3], struct pool *pool, struct err *e);
/* Without smoothing, as skimage.transform.resize(order, mode="edge", anti_aliasing=False) of
 * nnU-Net: order 1 is linear, 3 a cubic B-spline through the samples, clipped to their range. The
 * border's value extends outwards. Along `thick_axis` (-1: none) take the nearest plane, and clip
 * to its range: thick slices do not mix. */
att_status resample_order(const float *x, int channels, const int in[3], float *y, const int out[3],
    int order, int thick_axis, struct pool *pool, struct err *e);

/* A part of a channel, bit-identical to the whole: as resample_linear if `smooth` (and `thick_axis`
 * -1), else as resample_order of order 1. */
struct resample_part {
    int in[3], out[3];
    bool smooth;
    int thick_axis;
};
/* Voxels first..end - 1 of the old axis that new voxels from..from + count - 1 read. */
void resample_needs(
    const struct resample_part *p, int axis, int from, int count, int *first, int *end);
/* x: box `have` of the old grid with all voxels needed; y: box `want` of the new one. */
att_status resample_part(const struct resample_part *p, const float *x, const struct box *have,
    float *y, const struct box *want, struct pool *pool, struct err *e);

/* Order in which both functions above process axes, for channels not in memory; returns their
 * number. */
int resample_axes(const int in[3], const int out[3], int axes[3]);
/* Resample one axis of a part that spans it: x is [size], and y has p->out[axis] instead. `cubic`:
 * as resample_order of order 3 before clipping (not with p->smooth). */
att_status resample_along(const struct resample_part *p, bool cubic, int axis, const float *x,
    const int size[3], float *y, struct pool *pool, struct err *e);
/* The plane of `thick_axis` that gives the range of plane i of the new grid. */
int resample_source(const int in[3], const int out[3], int thick_axis, int i);

/* Bytes for one axis besides its samples on `threads`, cubic or other. */
double resample_bytes(bool cubic, int in, int out, int threads);

/* Resample classes: each as an image of 0 and 1 by order 1; the largest wins, among equals the
 * highest class. `thick_axis` as above. */
att_status resample_classes(const uint8_t *x, const int in[3], uint8_t *y, const int out[3],
    int thick_axis, struct pool *pool, struct err *e);
/* Resample classes by the nearest voxel. */
void resample_nearest(const uint8_t *x, const int in[3], uint8_t *y, const int out[3]);

/* nnU-Net's length of an axis at another spacing: round(own / wanted * size), half to even, within
 * 1..INT_MAX. */
int resample_length(int size, double own, double wanted);
/* The axis too thick to mix planes on either grid: its spacing is the largest and more than three
 * times the smallest. -1: none, or two axes share the largest. */
int resample_thick_axis(const double own[3], const double wanted[3]);
