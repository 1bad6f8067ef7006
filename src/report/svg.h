/* SPDX-License-Identifier: Apache-2.0 */
/* Draws charts of a page as SVG 1.1, 420 wide, readable on a phone. Each has a title, a description
 * for accessibility, and the page's colours. */
#pragma once

#include <stdbool.h>

#include "report/html.h"

enum {
    SVG_WIDTH = 420,
    SVG_LEFT = 52,
    SVG_RIGHT = 408,
    SVG_TOP = 30,
    SVG_HEIGHT = 250,
    SVG_BOTTOM = 206
};

/* An axis spans low..high. */
struct svg_axis {
    const char *name;
    double low, high;
};

struct svg {
    struct html *h;
    struct svg_axis x, y;
    int left, right, top, bottom, height;
};

/* Widens the axis to include n values, except those not finite; start with low > high. */
void svg_fit(struct svg_axis *a, const double *value, int n);
/* Adds a margin; without values the axis becomes 0..1. */
void svg_add_margin(struct svg_axis *a);
/* Begin a figure with title and grid; axis names are escaped. svg_begin_plain: with another height
 * and left edge, no y axis. */
void svg_begin(struct svg *s, struct html *h, const char *title, const char *description,
    const struct svg_axis *x, const struct svg_axis *y);
void svg_begin_plain(struct svg *s, struct html *h, const char *title, const char *description,
    const struct svg_axis *x, int left, int bottom);
void svg_end(struct svg *s);
double svg_x(const struct svg *s, double x);
double svg_y(const struct svg *s, double y);
/* anchor: "start", "middle" or "end"; kind: NULL or a class of the style. The text is escaped, and
 * cut to `max` letters with an ellipsis. */
void svg_label(struct svg *s, double x, double y, const char *anchor, const char *kind, int max,
    const char *text);
/* A dot of radius r at x, y of the drawing (svg_x, svg_y); `about` (or NULL) is its tooltip. */
void svg_dot(struct svg *s, double x, double y, double r, const char *color, const char *about);
/* Straight lines at values: kind "h" dashed, "m" thick, ... of the style. */
void svg_line(
    struct svg *s, double x0, double y0, double x1, double y1, const char *kind, const char *color);

/* ---- whole charts */

struct svg_curve {
    const char *name;
    const double *x, *y; /* [n]; the chart skips values that are not finite */
    int n;
    const char *color; /* of the style: "ki" or html_class_color */
    bool dots;         /* mark every value */
};
/* Fits axes that have low > high. Several curves get a key with their last values. */
void svg_curves(struct html *h, const char *title, const char *description, struct svg_axis x,
    struct svg_axis y, const struct svg_curve *curve, int count);

/* A row per name: a dot per value, a stroke for the mean, a band for its interval. */
struct svg_strip {
    const char *name, *color;
    const double *value;      /* [n], NaN: none */
    const char *const *about; /* [n], or NULL */
    int n;
    double mean, low, high; /* NaN: none */
};
void svg_strips(struct html *h, const char *title, const char *description, struct svg_axis x,
    const struct svg_strip *strip, int count);
