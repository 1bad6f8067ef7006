/* SPDX-License-Identifier: Apache-2.0 */
/* A slice of an image as pixels that are neither too small to see nor too many: what pictures of
 * images have in common. */
#ifndef DRAW_SLICE_H
#define DRAW_SLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "draw/picture.h"

/* Of a mask every pixel is the voxel in the middle of a block of step x step, drawn factor pixels
 * wide. */
struct slice {
    int size[2];       /* voxels: h, w */
    int step, factor;  /* one of them is 1 */
    int rows, columns; /* pixels before the enlargement */
    int height, width; /* after it */
};

/* The longer side is drawn `least` pixels long, or more, and has `most` pixels at most before the
 * enlargement. */
struct slice slice_lay_out(int h, int w, int min, int max);
/* With step and factor as they are. */
struct slice slice_on_scale(int h, int w, int step, int factor);
/* The voxel of a pixel, counted from the slice's first. */
size_t slice_voxel(const struct slice *s, int row, int column);
/* At a pixel of the enlarged slice, outside of it that of the nearest one. classes: of the slice.
 */
int slice_class(const struct slice *s, const uint8_t *classes, int y, int x);
/* Whether another class is `width` pixels away along an axis. */
bool slice_contour(const struct slice *s, const uint8_t *classes, int y, int x, int width);
/* The same where that class has a greater number: an outline around classes, which covers nothing
 * of the one it surrounds. */
bool slice_outline(const struct slice *s, const uint8_t *classes, int y, int x, int width);

/* What becomes black and white. */
struct slice_range {
    double low, high;
};
/* From the 1st to the 99th percentile; where these are one, all there is. Sorts the samples. */
struct slice_range slice_range_of(float *samples, int count);
unsigned char slice_shade(const struct slice_range *r, double x);

/* Pictures of images are drawn on dark, with light letters. */
extern const struct color slice_back, slice_ink;

#endif
