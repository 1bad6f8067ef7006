/* SPDX-License-Identifier: Apache-2.0 */
/* Writes an SVG 1.1 file, element by element. */
#include "draw/chart.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/number.h"
#include "base/tick.h"
#include "files/file.h"

enum {
    LEFT = 64,
    TOP = 48,
    WIDTH = 560,
    HEIGHT = 360,
    LEGEND = 652,
    LINE = 20,
    FULL_WIDTH = 860,
    FULL_HEIGHT = 468,
    TICKS = 8,
    TEXT = 512
};
static const char *const INK = "#262a32", *const FAINT = "#686e78", *const GRID = "#e5e7eb";

/* The file, and its first failure. */
struct svg {
    struct file_writer *w;
    att_status status;
    struct err *e;
    double x0, x1, y0, y1; /* range of the axes; x in log2 */
};

__attribute__((format(printf, 2, 3))) static void chart_put(struct svg *s, const char *format, ...)
{
    char text[TEXT];
    va_list args;
    if (s->status != ATT_OK) return;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s->status = file_write(s->w, text, n < TEXT ? (size_t)n : TEXT - 1, s->e);
}

/* Escapes text for XML. */
static void chart_put_text(struct svg *s, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<' ? "&lt;"
            : *text == '>'                ? "&gt;"
            : *text == '&'                ? "&amp;"
                                          : NULL;
        if (entity)
            chart_put(s, "%s", entity);
        else
            chart_put(s, "%c", *text);
    }
}

/* `anchor`: start, middle or end. */
static void chart_label(
    struct svg *s, int x, int y, const char *anchor, const char *color, int size, const char *text)
{
    chart_put(s, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\" font-size=\"%d\">", x, y,
        anchor, color, size);
    chart_put_text(s, text);
    chart_put(s, "</text>\n");
}

static void chart_line(struct svg *s, int x0, int y0, int x1, int y1, const char *color)
{
    chart_put(s, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\"/>\n", x0, y0, x1, y1,
        color);
}

static double chart_x_of(const struct svg *s, double x)
{
    return LEFT + (log2(x) - s->x0) / (s->x1 - s->x0) * WIDTH;
}
static double chart_y_of(const struct svg *s, double y)
{
    return TOP + (s->y1 - y) / (s->y1 - s->y0) * HEIGHT;
}
static bool chart_shown(const struct chart_curve *c, int i)
{
    return isfinite(c->x[i]) && isfinite(c->y[i]) && c->x[i] > 0;
}

static void chart_fit(struct svg *s, const struct chart *c)
{
    s->x0 = s->y0 = HUGE_VAL;
    s->x1 = s->y1 = -HUGE_VAL;
    for (int k = 0; k < c->curves; k++)
        for (int i = 0; i < c->curve[k].n; i++) {
            if (!chart_shown(&c->curve[k], i)) continue;
            s->x0 = fmin(s->x0, log2(c->curve[k].x[i]));
            s->x1 = fmax(s->x1, log2(c->curve[k].x[i]));
            s->y0 = fmin(s->y0, c->curve[k].y[i]);
            s->y1 = fmax(s->y1, c->curve[k].y[i]);
        }
    if (s->x0 > s->x1) {
        s->x0 = s->y0 = 0;
        s->x1 = s->y1 = 1;
    }
    double x = fmax(0.04 * (s->x1 - s->x0), 0.05), y = fmax(0.05 * (s->y1 - s->y0), 0.002);
    s->x0 -= x;
    s->x1 += x;
    s->y0 -= y;
    s->y1 += y;
}

static void chart_draw_axes(struct svg *s, const struct chart *c)
{
    char text[64];
    double step = tick_distance(s->y1 - s->y0, TICKS);
    for (double v = ceil(s->y0 / step); v * step <= s->y1; v++) {
        int y = (int)lround(chart_y_of(s, v * step));
        number_write(text, sizeof text, "%.4g", fabs(v * step) < 1e-9 ? 0 : v * step);
        chart_line(s, LEFT, y, LEFT + WIDTH, y, GRID);
        chart_label(s, LEFT - 8, y + 4, "end", FAINT, 12, text);
    }
    double gap = fmax(1, ceil((s->x1 - s->x0) / TICKS));
    for (double v = ceil(s->x0); v <= s->x1; v += gap) {
        int x = (int)lround(chart_x_of(s, exp2(v)));
        number_write(text, sizeof text, "%.3g %%", 100 * exp2(v));
        chart_line(s, x, TOP, x, TOP + HEIGHT, GRID);
        chart_label(s, x, TOP + HEIGHT + 18, "middle", FAINT, 12, text);
    }
    chart_line(s, LEFT, TOP, LEFT, TOP + HEIGHT, FAINT);
    chart_line(s, LEFT, TOP + HEIGHT, LEFT + WIDTH, TOP + HEIGHT, FAINT);
    chart_label(s, LEFT, TOP - 24, "start", INK, 16, c->title);
    chart_label(s, LEFT, TOP - 7, "start", FAINT, 12, c->y_name);
    chart_label(s, LEFT + WIDTH / 2, TOP + HEIGHT + 40, "middle", FAINT, 12, c->x_name);
}

static void chart_draw_curve(struct svg *s, const struct chart_curve *c)
{
    char x[32], y[32];
    chart_put(s, "<g fill=\"#%02x%02x%02x\" stroke=\"#%02x%02x%02x\">", c->color.r, c->color.g,
        c->color.b, c->color.r, c->color.g, c->color.b);
    if (c->width > 0) {
        number_write(x, sizeof x, "%.1f", c->width);
        chart_put(s, "<polyline fill=\"none\" stroke-width=\"%s\" points=\"", x);
        for (int i = 0; i < c->n; i++) {
            if (!chart_shown(c, i)) continue;
            number_write(x, sizeof x, "%.1f", chart_x_of(s, c->x[i]));
            number_write(y, sizeof y, "%.1f", chart_y_of(s, c->y[i]));
            chart_put(s, "%s,%s ", x, y);
        }
        chart_put(s, "\"/>\n");
    }
    for (int i = 0; i < c->n; i++) {
        if (!chart_shown(c, i)) continue;
        number_write(x, sizeof x, "%.1f", chart_x_of(s, c->x[i]));
        number_write(y, sizeof y, "%.1f", chart_y_of(s, c->y[i]));
        chart_put(s, "<circle cx=\"%s\" cy=\"%s\" r=\"%d\"/>", x, y, c->width > 0 ? 3 : 5);
    }
    chart_put(s, "</g>\n");
}

static void chart_draw_legend(struct svg *s, const struct chart *c)
{
    for (int k = 0; k < c->curves; k++) {
        const struct chart_curve *q = &c->curve[k];
        int y = TOP + 8 + k * LINE;
        chart_put(s, "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"#%02x%02x%02x\"/>", LEGEND, y,
            q->width > 0 ? 4 : 5, q->color.r, q->color.g, q->color.b);
        chart_label(s, LEGEND + 14, y + 4, "start", INK, 13, q->name);
    }
}

static void chart_draw(struct svg *s, const struct chart *c)
{
    int height =
        TOP + 8 + c->curves * LINE > FULL_HEIGHT ? TOP + 8 + c->curves * LINE : FULL_HEIGHT;
    chart_fit(s, c);
    chart_put(s,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d "
        "%d\" font-family=\"sans-serif\">\n",
        FULL_WIDTH, height, FULL_WIDTH, height);
    chart_put(s, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n");
    chart_draw_axes(s, c);
    for (int k = 0; k < c->curves; k++) chart_draw_curve(s, &c->curve[k]);
    chart_draw_legend(s, c);
    chart_put(s, "</svg>\n");
}

att_status chart_write(const char *path, const struct chart *c, struct err *e)
{
    struct svg s = {.e = e};
    TRY(file_create(path, &s.w, e));
    chart_draw(&s, c);
    if (s.status == ATT_OK) return file_commit(s.w, e);
    file_abandon(s.w);
    return s.status;
}
