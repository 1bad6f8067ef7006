/* SPDX-License-Identifier: Apache-2.0 */
/* Colours of a slice: the image in grey or colour, maps of 0..1 as heat with contours. */
#pragma once

#include "draw/slice.h"
#include "image/image.h"

/* Three channels are red, green and blue if the file says so, or has no geometry, as PNG. */
bool shade_is_colour(const struct image *m);
/* Slice d of the image as [rows][columns][3], each pixel the mean of its block; black to white from
 * the slice's 1st to 99th percentile. Without colour, the first channel. */
att_status shade_image(
    const struct slice *s, const struct image *m, int d, unsigned char *rgb, struct err *e);
/* draws that picture */
void shade_draw_image(
    const struct slice *s, const unsigned char *rgb, struct picture *o, int x, int y);

/* A map [h][w] as heat over the grey image, with contours in black, grey, and white at the highest
 * level. False: without contours, which would hide so fine a map. */
enum { SHADE_LEVELS = 3 };
extern const double shade_level[SHADE_LEVELS];
bool shade_draw_map(const struct slice *s, const unsigned char *rgb, const float *map,
    struct picture *o, int x, int y);
/* Its scale with the levels, of `width` x `height` pixels. */
void shade_draw_scale(struct picture *o, int x, int y, int width, int height);
