/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts an image into overlapping windows and blends results with Gaussian weights (nnU-Net's
 * sliding window, arXiv 1904.08128). Weights are normalised beforehand, axis by axis. */
#pragma once

#include "base/pool.h"
#include "base/status.h"
#include "image/box.h"
#include "kernel/tensor.h"

/* Window origins along an axis as in nnU-Net: from 0 to size - window, evenly spread, sharing at
 * least `overlap` up to rounding (halves to even). Returns the count; origin may be NULL. */
int window_origins(int size, int window, double overlap, int *origin);
/* Gaussian around window/2 with sigma = window/8 and maximum 1, never 0. */
void window_gaussian(int window, double *weight);

/* One axis of the result grid, coarser than the image by `stride`. A window off that grid spreads
 * each cell over two. */
struct window_axis {
    int size;      /* of the grid */
    int cells;     /* of a result */
    int count;     /* windows */
    int *first;    /* [count]: first cell of each window; outside 0..size - 1 in padding */
    float *weight; /* [count][2][cells]: for first + i and first + i + 1 */
};

/* Pads an image of `size` below the window on both sides. With stride 1 the grid is the image's,
 * else it covers the padded image, rounded up. */
att_status window_axis_make(
    int size, int window, double overlap, int stride, struct window_axis *a, struct err *e);
void window_axis_free(struct window_axis *a);
/* Padding before the image. */
int window_before(int size, int window);

/* Adds share * result of window `index` (per axis) to sum [channels][part->size], a part of the
 * grid, in a fixed order. */
void window_add(const struct window_axis axis[3], const int index[3], const struct tensor *result,
    float share, const struct box *part, float *sum, struct pool *pool);

/* Windows from..till - 1 that reach first..end - 1. */
void window_reaching(const struct window_axis *a, int first, int end, int *from, int *till);
