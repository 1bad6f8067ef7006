/* SPDX-License-Identifier: Apache-2.0 */
/* Draws rows of dots: the spread of values by class. */
#include <math.h>

#include "report/svg.h"

enum { ROW = 34, LEFT = 118, NAME = 16, DOTS_MAX = 400 };

/* Offset from the row's middle, fixed per dot, to separate equal values. */
static double svg_strips_jitter(int i) { return (double)((i * 7 + 3) % 11 - 5) * 1.6; }

/* Of too many, draws every stride-th, and the extremes: outliers matter most. */
static bool is_drawn(const struct svg_strip *r, int i, int stride, double low, double high)
{
    return isfinite(r->value[i]) && (i % stride == 0 || r->value[i] <= low || r->value[i] >= high);
}

static void draw_row(struct svg *s, const struct svg_strip *r, double y)
{
    const int stride = r->n / DOTS_MAX + 1;
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (int i = 0; i < r->n; i++) {
        if (!isfinite(r->value[i])) continue;
        low = fmin(low, r->value[i]);
        high = fmax(high, r->value[i]);
    }
    svg_label(s, LEFT - 8, y + 4, "end", NULL, NAME, r->name);
    if (isfinite(r->low) && isfinite(r->high))
        html_put(s->h, "<line class=\"b %s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
            r->color, svg_x(s, r->low), y, svg_x(s, r->high), y);
    for (int i = 0; i < r->n; i++)
        if (is_drawn(r, i, stride, low, high))
            svg_dot(s, svg_x(s, r->value[i]), y + svg_strips_jitter(i), 3, r->color,
                r->about ? r->about[i] : NULL);
    if (isfinite(r->mean))
        html_put(s->h, "<line class=\"m %s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
            r->color, svg_x(s, r->mean), y - 12, svg_x(s, r->mean), y + 12);
}

void svg_strips(struct html *h, const char *title, const char *description, struct svg_axis x,
    const struct svg_strip *strip, int count)
{
    struct svg s;
    if (x.low > x.high) {
        for (int k = 0; k < count; k++) svg_fit(&x, strip[k].value, strip[k].n);
        svg_add_margin(&x);
    }
    svg_begin_plain(&s, h, title, description, &x, LEFT, SVG_TOP + count * ROW);
    for (int k = 0; k < count; k++) draw_row(&s, &strip[k], SVG_TOP + (k + .5) * ROW);
    svg_end(&s);
    html_put(h, "</figure>\n");
}
