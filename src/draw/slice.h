/* SPDX-License-Identifier: Apache-2.0 */
/* A slice as pixels, neither too small nor too many; shared by all pictures of images. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "draw/picture.h"

/* For masks a pixel is the middle voxel of a block of step x step, drawn factor pixels wide. */
struct slice {
    int size[2];       /* voxels: h, w */
    int step, factor;  /* one of them is 1 */
    int rows, columns; /* pixels before enlargement */
    int height, width; /* after it */
};

/* The longer side is drawn at least `min` pixels long, and has at most `max` pixels before
 * enlargement. */
struct slice slice_lay_out(int h, int w, int min, int max);
/* With this step and factor. */
struct slice slice_on_scale(int h, int w, int step, int factor);
/* Index in the slice of a pixel's voxel. */
size_t slice_voxel(const struct slice *s, int row, int column);
/* Class at a pixel of the enlarged slice, or outside of it the nearest pixel's. classes: of the
 * slice. */
int slice_class(const struct slice *s, const uint8_t *classes, int y, int x);
/* True if another class is `width` pixels away along an axis. */
bool slice_contour(const struct slice *s, const uint8_t *classes, int y, int x, int width);
/* The same for a class of greater number: an outline around classes that covers nothing of them. */
bool slice_outline(const struct slice *s, const uint8_t *classes, int y, int x, int width);

/* Values of black and white. */
struct slice_range {
    double low, high;
};
/* From the 1st to the 99th percentile; if these are equal, the full range. Sorts the samples. */
struct slice_range slice_range_of(float *samples, int count);
unsigned char slice_shade(const struct slice_range *r, double x);

/* Pictures of images have dark backgrounds and light letters. */
extern const struct color slice_back, slice_ink;
