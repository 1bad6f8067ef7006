/* SPDX-License-Identifier: Apache-2.0 */
#include "draw/plot.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/number.h"
#include "base/tick.h"
#include "draw/picture.h"
#include "format/format.h"

enum {
    LEFT = 84,
    WIDTH = 604,
    TITLE = 18,
    LOSS_TOP = 76,
    LOSS_HEIGHT = 200,
    DICE_TOP = 330,
    DICE_HEIGHT = 216,
    LEGEND = 710,
    LINE = 20
};
enum { LEGEND_LINES = DICE_HEIGHT / LINE, CROWD = 60, TICKS = 8, TEXT = 160 };
static const double SMALL = 1.5, LARGE = 2;
static const struct color PAPER = {255, 255, 255}, INK = {38, 42, 50}, FAINT = {104, 110, 120},
                          GRID = {229, 231, 235}, LOSS = {70, 76, 88};

struct axes {
    struct picture *o;
    int top, height;
    double last, low, high; /* steps 0..last, values low..high */
};

static double plot_x_of(const struct axes *a, double step) { return LEFT + step / a->last * WIDTH; }
static double plot_y_of(const struct axes *a, double value)
{
    return a->top + (a->high - value) / (a->high - a->low) * a->height;
}

static void grid_value(const struct axes *a, double value)
{
    char text[TEXT];
    int y = (int)lround(plot_y_of(a, value));
    number_write(text, sizeof text, "%.6g", value);
    picture_fill(a->o, LEFT, y, WIDTH, 1, GRID);
    picture_text(a->o, LEFT - 10 - picture_text_width(SMALL, text), y - 5, SMALL, FAINT, text);
}

static void grid_step(const struct axes *a, double step, bool labels)
{
    char text[TEXT];
    int x = (int)lround(plot_x_of(a, step));
    number_write(text, sizeof text, "%.9g", step);
    picture_fill(a->o, x, a->top, 1, a->height, GRID);
    if (labels)
        picture_text(a->o, x - picture_text_width(SMALL, text) / 2, a->top + a->height + 9, SMALL,
            FAINT, text);
}

static void plot_draw_axes(const struct axes *a, const char *title, bool labels)
{
    double up = tick_distance(a->high - a->low, TICKS),
           along = fmax(tick_distance(a->last, TICKS), 1);
    for (int i = 0; i <= TICKS && i * along <= a->last * (1 + 1e-9); i++)
        grid_step(a, i * along, labels);
    double first = ceil(a->low / up - 1e-9);
    for (int i = 0; i <= TICKS && (first + i) * up <= a->high + up * 1e-9; i++)
        grid_value(a, (first + i) * up);
    picture_fill(a->o, LEFT, a->top, 1, a->height, FAINT);
    picture_fill(a->o, LEFT, a->top + a->height, WIDTH + 1, 1, FAINT);
    picture_text(a->o, LEFT, a->top - 20, SMALL, INK, title);
}

/* Fits the axis to the finite values, with a margin. */
static void plot_fit(struct axes *a, const double *value, int n)
{
    const double max = 1e300; /* keeps differences finite */
    a->low = HUGE_VAL;
    a->high = -HUGE_VAL;
    for (int i = 0; i < n; i++) {
        if (!isfinite(value[i])) continue;
        a->low = fmin(a->low, fmax(value[i], -max));
        a->high = fmax(a->high, fmin(value[i], max));
    }
    if (a->low > a->high) {
        a->low = 0;
        a->high = 1;
        return;
    }
    double room = fmax((a->high - a->low) * .05, fmax(fabs(a->high), fabs(a->low)) * .01);
    if (room < 1e-12) room = 1e-12;
    a->low = a->low >= 0 && a->low < room ? 0 : a->low - room;
    a->high += room;
}

static bool plot_shown(const double *step, const double *value, int i)
{
    return isfinite(step[i]) && isfinite(value[i]);
}

static void plot_draw_curve(const struct axes *a, const double *step, const double *value, int n,
    double width, struct color c)
{
    int before = -1;
    for (int i = 0; i < n; i++) {
        if (!plot_shown(step, value, i)) continue;
        int from = before < 0 ? i : before;
        picture_line(a->o, plot_x_of(a, step[from]), plot_y_of(a, value[from]),
            plot_x_of(a, step[i]), plot_y_of(a, value[i]), width, c);
        before = i;
    }
}

static int count_shown(const double *step, const double *value, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) count += plot_shown(step, value, i);
    return count;
}

static bool has_dice(const struct plot *p)
{
    for (int k = 0; k < p->classes; k++)
        if (count_shown(p->dice_step, p->dice[k], p->validations)) return true;
    return false;
}

/* Draws a curve, with its points unless they are too many. */
static void draw_points(const struct axes *a, const double *step, const double *value, int n,
    double width, struct color c)
{
    plot_draw_curve(a, step, value, n, width, c);
    if (count_shown(step, value, n) > CROWD) return;
    for (int i = 0; i < n; i++)
        if (plot_shown(step, value, i)) {
            double x = plot_x_of(a, step[i]), y = plot_y_of(a, value[i]);
            picture_line(a->o, x, y, x, y, width + 5, PAPER);
            picture_line(a->o, x, y, x, y, width + 3.5, c);
        }
}

static double last_value(const double *value, int n)
{
    while (n > 0 && !isfinite(value[n - 1])) n--;
    return n > 0 ? value[n - 1] : NAN;
}

/* Colour, name and, on the right, value. */
static void legend_line(
    struct picture *o, int y, struct color c, double width, const char *name, double value)
{
    char number[TEXT] = "-", text[TEXT];
    const int right = PLOT_WIDTH - 16;
    if (isfinite(value))
        number_write(number, sizeof number, fabs(value) < 1e4 ? "%.3f" : "%.3g", value);
    int room = right - picture_text_width(SMALL, number);
    snprintf(text, sizeof text, "%s", name);
    picture_text_cut(text, SMALL, room - LEGEND - 34);
    picture_line(o, LEGEND + 2, y + 5.5, LEGEND + 18, y + 5.5, width, c);
    picture_text(o, LEGEND + 26, y, SMALL, INK, text);
    picture_text(o, room, y, SMALL, INK, number);
}

static void plot_draw_legend(const struct plot *p, struct picture *o)
{
    int y = DICE_TOP, lines = p->classes > 1 ? LEGEND_LINES - 1 : LEGEND_LINES,
        classes = p->classes;
    if (p->n > 0)
        legend_line(o, LOSS_TOP, LOSS, 2, p->upper ? p->upper : "loss", last_value(p->loss, p->n));
    if (!has_dice(p)) return;
    if (p->classes > 1) {
        legend_line(o, y, INK, 3.5, "mean", last_value(p->dice_mean, p->validations));
        y += LINE;
    }
    if (classes > lines) classes = lines - 1;
    for (int k = 0; k < classes; k++, y += LINE)
        legend_line(o, y, color_of_class(k), 2, p->name[k], last_value(p->dice[k], p->validations));
    if (classes < p->classes) {
        char text[TEXT];
        snprintf(text, sizeof text, "and %d more", p->classes - classes);
        picture_text(o, LEGEND + 26, y, SMALL, FAINT, text);
    }
}

static double last_step(const struct plot *p)
{
    double last = 1;
    for (int i = 0; i < p->n; i++)
        if (isfinite(p->step[i])) last = fmax(last, p->step[i]);
    for (int i = 0; i < p->validations; i++)
        if (isfinite(p->dice_step[i])) last = fmax(last, p->dice_step[i]);
    return last;
}

static void draw_nothing(const struct axes *a, const char *why)
{
    int width = picture_text_width(SMALL, why);
    picture_fill(
        a->o, LEFT + (WIDTH - width) / 2 - 8, a->top + a->height / 2 - 12, width + 16, 24, PAPER);
    picture_text(a->o, LEFT + (WIDTH - width) / 2, a->top + a->height / 2 - 5, SMALL, FAINT, why);
}

/* Below axes that end at y. */
static void write_step(struct picture *o, int y)
{
    picture_text(
        o, LEFT + (WIDTH - picture_text_width(SMALL, "step")) / 2, y + 30, SMALL, FAINT, "step");
}

/* `below`: a Dice plot follows, which has the step labels. */
static void draw_loss(const struct plot *p, struct picture *o, bool below)
{
    struct axes a = {.o = o, .top = LOSS_TOP, .height = LOSS_HEIGHT, .last = last_step(p)};
    plot_fit(&a, p->loss, p->n);
    plot_draw_axes(&a, p->upper ? p->upper : "training loss", !below);
    if (!below) write_step(o, LOSS_TOP + LOSS_HEIGHT);
    int count = count_shown(p->step, p->loss, p->n);
    if (count == 0) draw_nothing(&a, "no steps yet");
    (count > 1 ? plot_draw_curve : draw_points)(&a, p->step, p->loss, p->n, 2, LOSS);
}

static void plot_draw_dice(const struct plot *p, struct picture *o)
{
    struct axes a = {
        .o = o, .top = DICE_TOP, .height = DICE_HEIGHT, .last = last_step(p), .low = 0, .high = 1};
    plot_draw_axes(&a, "validation Dice", true);
    write_step(o, DICE_TOP + DICE_HEIGHT);
    if (p->classes > 1) draw_points(&a, p->dice_step, p->dice_mean, p->validations, 3.5, INK);
    for (int k = 0; k < p->classes; k++)
        draw_points(&a, p->dice_step, p->dice[k], p->validations, 2, color_of_class(k));
}

att_status plot_curves(const char *path, const struct plot *p, struct err *e)
{
    struct picture o;
    char title[TEXT];
    bool dice = has_dice(p);
    TRY(picture_create(PLOT_WIDTH, dice ? PLOT_HEIGHT : PLOT_HEIGHT_LOSS, PAPER, &o, e));
    snprintf(title, sizeof title, "%s", p->title);
    picture_text_cut(title, LARGE, PLOT_WIDTH - LEFT - 16);
    picture_text(&o, LEFT, TITLE, LARGE, INK, title);
    draw_loss(p, &o, dice);
    if (dice) plot_draw_dice(p, &o);
    plot_draw_legend(p, &o);
    att_status status = png_write_rgb(path, o.width, o.height, o.rgb, e);
    picture_free(&o);
    return status;
}
