/* SPDX-License-Identifier: Apache-2.0 */
/* Draws curves over one axis. */
#include <math.h>

#include "base/number.h"
#include "report/svg.h"

enum { CROWD = 60 }; /* more marks would merge */

static bool svg_curves_shown(const struct svg_curve *c, int i)
{
    return isfinite(c->x[i]) && isfinite(c->y[i]);
}

static void svg_curves_draw_curve(struct svg *s, const struct svg_curve *c)
{
    int count = 0;
    html_put(s->h, "<polyline class=\"l %s\" points=\"", c->color);
    for (int i = 0; i < c->n; i++)
        if (svg_curves_shown(c, i)) {
            html_put(s->h, "%.1f,%.1f ", svg_x(s, c->x[i]), svg_y(s, c->y[i]));
            count++;
        }
    html_put(s->h, "\"/>");
    for (int i = 0; i < c->n && count <= CROWD && (c->dots || count == 1); i++)
        if (svg_curves_shown(c, i))
            svg_dot(s, svg_x(s, c->x[i]), svg_y(s, c->y[i]), 3, c->color, NULL);
}

static void write_key(struct html *h, const struct svg_curve *curve, int count)
{
    html_key(h);
    for (int k = 0; k < count; k++) {
        char value[32] = "–";
        for (int i = 0; i < curve[k].n; i++)
            if (isfinite(curve[k].y[i]))
                number_write(value, sizeof value, fabs(curve[k].y[i]) < 1e4 ? "%.3f" : "%.3g",
                    curve[k].y[i]);
        html_key_item(h, curve[k].color, curve[k].name, value);
    }
    html_key_end(h);
}

void svg_curves(struct html *h, const char *title, const char *description, struct svg_axis x,
    struct svg_axis y, const struct svg_curve *curve, int count)
{
    struct svg s;
    bool fit_x = x.low > x.high, fit_y = y.low > y.high;
    for (int k = 0; k < count; k++) {
        if (fit_x) svg_fit(&x, curve[k].x, curve[k].n);
        if (fit_y) svg_fit(&y, curve[k].y, curve[k].n);
    }
    if (fit_x && x.low >= x.high) svg_add_margin(&x); /* a curve extends from edge to edge */
    if (fit_y) svg_add_margin(&y);
    svg_begin(&s, h, title, description, &x, &y);
    for (int k = 0; k < count; k++) svg_curves_draw_curve(&s, &curve[k]);
    svg_end(&s);
    if (count > 1) write_key(h, curve, count);
    html_put(h, "</figure>\n");
}
