/* SPDX-License-Identifier: Apache-2.0 */
/* An image cut into overlapping windows, and their results blended: a weighted mean in which the
 * middle of a window counts most (nnU-Net's sliding window, arXiv 1904.08128).  Weights of a voxel
 * are divided by their sum beforehand, axis by axis, so results are added and done.
 */
#ifndef PREDICT_WINDOW_H
#define PREDICT_WINDOW_H

#include "base/pool.h"
#include "base/status.h"
#include "image/box.h"
#include "kernel/tensor.h"

/* Window origins along one axis: the first at 0, the last at size - window, evenly spread so that
 * neighbours share at least `overlap` but for the rounding to whole voxels, halves to even ones, as
 * nnU-Net places them. Returns how many; origin may be NULL. */
int window_origins(int size, int window, double overlap, int *origin);
/* Weight within a window along one axis: a Gaussian around window/2, sigma = window/8, largest 1,
 * never 0. */
void window_gaussian(int window, double *weight);

/* One axis of the grid that results are collected on. Results may be coarser than the image by
 * `stride`; a window whose origin is no multiple of it spreads each of its cells over the two of
 * the grid that it covers. */
struct window_axis {
    int size;   /* of the grid */
    int cells;  /* of a window's result */
    int count;  /* windows */
    int *first; /* [count]: where a window's first cell goes; below 0 or beyond size where the image
                   is padded: dropped */
    float *weight; /* [count][2][cells]: of cell i at first + i, and at first + i + 1 */
};

/* `size` is that of the image; one smaller than the window is padded on both sides. The grid of
 * stride 1 is the image's; a coarser one covers the padded image, rounded up. */
att_status window_axis_make(
    int size, int window, double overlap, int stride, struct window_axis *a, struct err *e);
void window_axis_free(struct window_axis *a);
/* Samples of padding before the image. */
int window_before(int size, int window);

/* Adds the result of window `index` (per axis), times `share`, to sum, in a fixed order. sum:
 * [channels][held->size], the box `held` of the grid of the axes; what lies outside is left out. */
void window_add(const struct window_axis axis[3], const int index[3], const struct tensor *result,
    float share, const struct box *held, float *sum, struct pool *pool);

/* The windows from..till - 1 that reach some of the places first..end - 1 of the axis. */
void window_reaching(const struct window_axis *a, int first, int end, int *from, int *till);

#endif
