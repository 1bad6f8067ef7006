/* SPDX-License-Identifier: Apache-2.0 */
/* A canvas for overlays and curves. Drawing outside it has no effect. */
#pragma once

#include <stddef.h>

#include "base/status.h"

struct color {
    unsigned char r, g, b;
};

struct picture {
    int width, height;
    unsigned char *rgb; /* [height][width][3] */
};

att_status picture_create(
    int width, int height, struct color background, struct picture *p, struct err *e);
void picture_free(struct picture *p); /* leaves it empty */

/* from + (to - from) * share, share 0..1 */
struct color color_mix(struct color from, struct color to, double share);
/* Colour of class or region k in every picture; they repeat after a few. */
struct color color_of_class(int k);

/* `alpha` 0..1: opacity. */
void picture_dot(struct picture *p, int x, int y, struct color c, double alpha);
void picture_fill(struct picture *p, int x, int y, int width, int height, struct color c);
/* An anti-aliased line with round ends. Pixel (x, y) has its centre at (x + 0.5, y + 0.5). From a
 * point to itself it is a disc. */
void picture_line(
    struct picture *p, double x0, double y0, double x1, double y1, double width, struct color c);
/* Draws samples [height][width][channels], 1 or 3 channels, each `factor` pixels wide and high. */
void picture_blit(struct picture *p, int x, int y, const unsigned char *samples, int channels,
    int width, int height, int factor);

/* (x, y) is the upper left corner. Capitals are 7 * size pixels high, tails reach 2 * size below;
 * non-ASCII becomes '?'. */
void picture_text(struct picture *p, int x, int y, double size, struct color c, const char *text);
int picture_text_width(double size, const char *text);
/* Shortens `text` in place to `width` pixels, ending in "..". */
void picture_text_cut(char *text, double size, int width);
