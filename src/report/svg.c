/* SPDX-License-Identifier: Apache-2.0 */
/* Draws frames, axes and marks of charts. https://www.w3.org/TR/SVG11/ */
#include "report/svg.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/tick.h"

enum { TICKS = 6 };

void svg_fit(struct svg_axis *a, const double *value, int n)
{
    for (int i = 0; i < n; i++) {
        if (!isfinite(value[i])) continue;
        if (a->low > a->high) a->low = a->high = value[i];
        a->low = fmin(a->low, value[i]);
        a->high = fmax(a->high, value[i]);
    }
}

void svg_add_margin(struct svg_axis *a)
{
    if (a->low > a->high || (a->low == 0 && a->high == 0)) {
        a->low = 0;
        a->high = 1;
        return;
    }
    double room =
        fmax(.05 * (a->high - a->low), fmax(1e-9, .01 * fmax(fabs(a->low), fabs(a->high))));
    a->low = a->low >= 0 && a->low < 4 * room ? 0 : a->low - room;
    a->high += room;
}

static double svg_share(const struct svg_axis *a, double value)
{
    return (value - a->low) / (a->high - a->low);
}

double svg_x(const struct svg *s, double x)
{
    return s->left + svg_share(&s->x, x) * (s->right - s->left);
}
double svg_y(const struct svg *s, double y)
{
    return s->bottom - svg_share(&s->y, y) * (s->bottom - s->top);
}

void svg_label(struct svg *s, double x, double y, const char *anchor, const char *kind, int max,
    const char *text)
{
    char cut[256];
    int letters = 0;
    size_t n = 0;
    /* a UTF-8 sequence is one letter */
    for (; text[n] && letters < max && n < sizeof cut - 8; letters++) do
            cut[n] = text[n], n++;
        while ((text[n] & 0xc0) == 0x80 && n < sizeof cut - 8);
    strcpy(cut + n, text[n] ? "…" : "");
    html_put(s->h, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s%s%s>", x, y, anchor,
        kind ? " class=\"" : "", kind ? kind : "", kind ? "\"" : "");
    html_text(s->h, cut);
    html_put(s->h, "</text>");
}

static void stroke(
    struct svg *s, const char *kind, const char *color, double x0, double y0, double x1, double y1)
{
    html_put(s->h, "<line class=\"%s%s%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", kind,
        color ? " " : "", color ? color : "", x0, y0, x1, y1);
}

void svg_line(
    struct svg *s, double x0, double y0, double x1, double y1, const char *kind, const char *color)
{
    stroke(s, kind, color, svg_x(s, x0), svg_y(s, y0), svg_x(s, x1), svg_y(s, y1));
}

void svg_dot(struct svg *s, double x, double y, double r, const char *color, const char *about)
{
    html_put(s->h, "<circle class=\"d %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", color, x, y, r);
    if (!about) {
        html_put(s->h, "/>");
        return;
    }
    html_put(s->h, "><title>");
    html_text(s->h, about);
    html_put(s->h, "</title></circle>");
}

static void tick(struct svg *s, const struct svg_axis *a, double value)
{
    char text[48], *e;
    number_write(text, sizeof text, "%.4g", fabs(value) < 1e-12 ? 0 : value);
    e = strstr(text, "e+");
    if (e) memmove(e + 1, e + 2, strlen(e + 2) + 1);
    if (a == &s->x) {
        stroke(s, "g", NULL, svg_x(s, value), s->top, svg_x(s, value), s->bottom);
        double at = svg_x(s, value),
               room = s->right + 10 - at; /* letters are 7 wide; keep them inside the edge */
        bool fits = 3.5 * (double)strlen(text) <= room;
        svg_label(
            s, fits ? at : at + room, s->bottom + 16, fits ? "middle" : "end", NULL, 12, text);
    } else {
        stroke(s, "g", NULL, s->left, svg_y(s, value), s->right, svg_y(s, value));
        svg_label(s, s->left - 6, svg_y(s, value) + 4, "end", NULL, 12, text);
    }
}

static void draw_axis(struct svg *s, const struct svg_axis *a)
{
    double step = tick_distance(a->high - a->low, TICKS);
    const double first = ceil(a->low / step - 1e-9);
    /* 2^53 + 1 is not representable */
    for (int k = 0; k <= 4 * TICKS && (first + k) * step <= a->high + 1e-9 * step; k++)
        tick(s, a, (first + k) * step);
}

static void figure(struct svg *s, const char *title, const char *description)
{
    html_put(s->h, "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", SVG_WIDTH,
        s->height);
    html_text(s->h, title);
    html_put(s->h, "\"><title>");
    html_text(s->h, title);
    html_put(s->h, "</title><desc>");
    html_text(s->h, description);
    html_put(s->h, "</desc>\n");
    svg_label(s, 0, 14, "start", "t", 58, title);
}

void svg_begin(struct svg *s, struct html *h, const char *title, const char *description,
    const struct svg_axis *x, const struct svg_axis *y)
{
    *s = (struct svg){h, *x, *y, SVG_LEFT, SVG_RIGHT, SVG_TOP, SVG_BOTTOM, SVG_HEIGHT};
    figure(s, title, description);
    draw_axis(s, &s->x);
    draw_axis(s, &s->y);
    stroke(s, "a", NULL, s->left, s->bottom, s->right, s->bottom);
    svg_label(s, (s->left + s->right) / 2., s->height - 6, "middle", NULL, 50, x->name);
    if (y->name) svg_label(s, s->right, 14, "end", NULL, 24, y->name);
}

void svg_begin_plain(struct svg *s, struct html *h, const char *title, const char *description,
    const struct svg_axis *x, int left, int bottom)
{
    *s = (struct svg){h, *x, {NULL, 0, 1}, left, SVG_RIGHT, SVG_TOP, bottom, bottom + 44};
    figure(s, title, description);
    draw_axis(s, &s->x);
    stroke(s, "a", NULL, s->left, s->bottom, s->right, s->bottom);
    svg_label(s, (s->left + s->right) / 2., s->height - 6, "middle", NULL, 50, x->name);
}

void svg_end(struct svg *s) { html_put(s->h, "</svg>"); }
