/* SPDX-License-Identifier: Apache-2.0 */
/* How samples of a slice become colours: the image in grey or colour, maps of numbers between 0 and
 * 1 as heat with contours. */
#ifndef DRAW_SHADE_H
#define DRAW_SHADE_H

#include "draw/slice.h"
#include "image/image.h"

/* Three channels are red, green and blue where the file says so, or says nothing of a place in
 * space, as PNG. */
bool shade_is_colour(const struct image *m);
/* Slice d of the image as [rows][columns][3], every pixel the mean over its block; from the 1st to
 * the 99th percentile of the slice become black to white.  Without colour the first channel is
 * shown. */
att_status shade_image(
    const struct slice *s, const struct image *m, int d, unsigned char *rgb, struct err *e);
void shade_draw_image(const struct slice *s, const unsigned char *rgb, struct picture *o, int x,
    int y); /* that picture */

/* A map [h][w] as heat over the grey image, with lines where it crosses a level: black, grey, and
 * white at the highest.  False: without lines, which would hide so fine a map. */
enum { SHADE_LEVELS = 3 };
extern const double shade_level[SHADE_LEVELS];
bool shade_draw_map(const struct slice *s, const unsigned char *rgb, const float *map,
    struct picture *o, int x, int y);
/* Its scale with the levels on it, of a width and height in pixels. */
void shade_draw_scale(struct picture *o, int x, int y, int width, int height);

#endif
