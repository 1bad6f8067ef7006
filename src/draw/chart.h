/* SPDX-License-Identifier: Apache-2.0 */
/* Draws curves over a logarithmic axis as an SVG file, for reports and papers. */
#pragma once

#include "base/status.h"
#include "draw/picture.h"

enum { CHART_CURVES = 24 };

/* The chart skips points with a NaN, or with x <= 0. */
struct chart_curve {
    const char *name;
    const double *x, *y; /* [n] sorted by x */
    int n;
    struct color color;
    double width; /* of the line; 0: points alone */
};

struct chart {
    const char *title, *x_name, *y_name;
    struct chart_curve curve[CHART_CURVES];
    int curves;
};

/* The x axis is in percent and doubles from tick to tick; both axes cover all values, y with a
 * margin. */
att_status chart_write(const char *path, const struct chart *c, struct err *e);
