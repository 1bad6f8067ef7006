/* SPDX-License-Identifier: Apache-2.0 */
/* Colours slices: images in grey or colour, maps of 0..1 as heat with contours. */
#pragma once

#include "draw/slice.h"
#include "image/image.h"

/* Whether three channels are red, green and blue: the file says so, or has no geometry, as PNG. */
bool shade_is_colour(const struct image *m);
/* Slice d of the image as [rows][columns][3], each pixel the mean of its block; black to white from
 * the slice's 1st to 99th percentile. Without colour, the first channel. */
att_status shade_image(
    const struct slice *s, const struct image *m, int d, unsigned char *rgb, struct err *e);
/* Draws the result of shade_image. */
void shade_draw_image(
    const struct slice *s, const unsigned char *rgb, struct picture *o, int x, int y);

/* Draws a map [h][w] as heat over the grey image, with contours in black, grey, and white at the
 * highest level. Returns false if it left out contours because they would hide a fine map. */
enum { SHADE_LEVELS = 3 };
extern const double shade_level[SHADE_LEVELS];
bool shade_draw_map(const struct slice *s, const unsigned char *rgb, const float *map,
    struct picture *o, int x, int y);
/* Draws the map's colour scale with the levels. */
void shade_draw_scale(struct picture *o, int x, int y, int width, int height);
