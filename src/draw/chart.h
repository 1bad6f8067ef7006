/* SPDX-License-Identifier: Apache-2.0 */
/* Curves over a logarithmic axis as an SVG file, for reports and papers. */
#pragma once

#include "base/status.h"
#include "draw/picture.h"

enum { CHART_CURVES = 24 };

/* Points with a NaN, or with x <= 0, are skipped. */
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

/* x covers all values, doubling from tick to tick, as a percentage; y covers all values with a
 * margin. */
att_status chart_write(const char *path, const struct chart *c, struct err *e);
