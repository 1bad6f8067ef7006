/* SPDX-License-Identifier: Apache-2.0 */
/* Curves over a logarithmic axis as an SVG file: vector graphics for reports and papers. */
#ifndef DRAW_CHART_H
#define DRAW_CHART_H

#include "base/status.h"
#include "draw/picture.h"

enum { CHART_CURVES = 24 };

/* Points with a NaN, or with x <= 0, are passed over. */
struct chart_curve {
    const char *name;
    const double *x, *y; /* [n] in the order of x */
    int n;
    struct color color;
    double width; /* of the line; 0: points alone */
};

struct chart {
    const char *title, *x_name, *y_name;
    struct chart_curve curve[CHART_CURVES];
    int curves;
};

/* x runs from the smallest to the largest value, doubling from tick to tick, written as a
 * percentage; y over what there is, with room. */
att_status chart_write(const char *path, const struct chart *c, struct err *e);

#endif
