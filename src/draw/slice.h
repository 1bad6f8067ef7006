/* SPDX-License-Identifier: Apache-2.0 */
/* Scales a slice to a size for pictures: enlarges small ones, skips voxels of large ones. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "draw/picture.h"

/* A pixel stands for step x step voxels, in masks for the middle one; it is drawn factor pixels
 * wide. */
struct slice {
    int size[2];       /* voxels: h, w */
    int step, factor;  /* one of them is 1 */
    int rows, columns; /* pixels before enlargement */
    int height, width; /* after it */
};

/* The longer side is drawn at least `min` pixels long, and has at most `max` pixels before
 * enlargement. */
struct slice slice_lay_out(int h, int w, int min, int max);
/* The same with a given step and factor. */
struct slice slice_on_scale(int h, int w, int step, int factor);
/* Index in the slice of a pixel's voxel. */
size_t slice_voxel(const struct slice *s, int row, int column);
/* Class at a pixel of the enlarged slice; outside it, that of the nearest pixel. classes: of the
 * slice. */
int slice_class(const struct slice *s, const uint8_t *classes, int y, int x);
/* Whether another class is `width` pixels away along an axis. */
bool slice_contour(const struct slice *s, const uint8_t *classes, int y, int x, int width);
/* The same for a class of greater number: an outline that does not cover the class. */
bool slice_outline(const struct slice *s, const uint8_t *classes, int y, int x, int width);

/* Values of black and white. */
struct slice_range {
    double low, high;
};
/* From the 1st to the 99th percentile; if these are equal, the full range. The samples
 * change places. */
struct slice_range slice_range_of(float *samples, int count);
unsigned char slice_shade(const struct slice_range *r, double x);

/* Background and letters of pictures of images. */
extern const struct color slice_back, slice_ink;
