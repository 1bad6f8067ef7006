/* SPDX-License-Identifier: Apache-2.0 */
/* Laying out and drawing the sheet; called by plan --show-augmentation. */
#include "measure/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/order.h"
#include "format/format.h"
#include "measure/picture.h"

enum { SIDE_LEAST = 160, SIDE_MOST = 320, MARGIN = 12, LINE = 14, LINES = 3, LEGEND = 22, SAMPLES = 1 << 14 };
static const double TEXT_SIZE = 1;
static const struct color BACK = {24, 26, 31}, INK = {235, 237, 240};

/* One panel: every pixel of it is the voxel in the middle of `step` x `step`, drawn `factor` wide. */
struct layout {
    int step, factor, rows, columns; /* pixels of a panel before the enlargement */
    int width, height;               /* of a panel with its caption */
};

static int divide_up(int a, int b) { return (a + b - 1) / b; }

static struct layout lay_out(const struct sheet *s)
{
    int side = s->size[1] > s->size[2] ? s->size[1] : s->size[2];
    struct layout l = {.step = divide_up(side, SIDE_MOST), .factor = divide_up(SIDE_LEAST, side)};
    l.rows = divide_up(s->size[1], l.step);
    l.columns = divide_up(s->size[2], l.step);
    l.width = l.columns * l.factor > SIDE_LEAST ? l.columns * l.factor : SIDE_LEAST;
    l.height = l.rows * l.factor + 4 + LINES * LINE;
    return l;
}

static size_t plane_of(const struct sheet *s) { return (size_t)s->size[1] * (size_t)s->size[2]; }

/* The middle slice of a channel of a panel. */
static const float *slice_of(const struct sheet *s, int panel, int channel)
{
    return s->samples + ((size_t)panel * (size_t)s->channels + (size_t)channel) * image_voxels(s->size) +
           (size_t)(s->size[0] / 2) * plane_of(s);
}

static const uint8_t *classes_of(const struct sheet *s, int panel)
{
    return s->classes + (size_t)panel * image_voxels(s->size) + (size_t)(s->size[0] / 2) * plane_of(s);
}

static size_t voxel_of(const struct sheet *s, const struct layout *l, int row, int column)
{
    int h = row * l->step + l->step / 2, w = column * l->step + l->step / 2;
    h = h < s->size[1] ? h : s->size[1] - 1;
    w = w < s->size[2] ? w : s->size[2] - 1;
    return (size_t)h * (size_t)s->size[2] + (size_t)w;
}

/* What becomes black and white, from evenly spread samples. */
struct window {
    float low, high;
};

static struct window find_window(const float *x, size_t count, float *sorted)
{
    size_t stride = count / SAMPLES + 1, n = 0;
    for (size_t i = 0; i < count; i += stride) sorted[n++] = x[i];
    qsort(sorted, n, sizeof *sorted, order_floats);
    struct window w = {sorted[n / 100], sorted[n - 1 - n / 100]};
    return w.high > w.low ? w : (struct window){sorted[0], sorted[n - 1]};
}

static unsigned char shade(float x, const struct window *w)
{
    float share = w->high > w->low ? (x - w->low) / (w->high - w->low) : 0;
    return (unsigned char)((share > 0 ? share < 1 ? share : 1 : 0) * 255 + .5f);
}

static void draw_samples(const struct sheet *s, const struct layout *l, int panel, const struct window window[3], struct picture *o, int x,
                         int y)
{
    const uint8_t *classes = classes_of(s, panel);
    for (int i = 0; i < l->rows; i++)
        for (int j = 0; j < l->columns; j++) {
            size_t v = voxel_of(s, l, i, j);
            unsigned char c[3];
            for (int k = 0; k < 3; k++) c[k] = s->colour || k == 0 ? shade(slice_of(s, panel, k)[v], &window[k]) : c[0];
            struct color seen = {c[0], c[1], c[2]};
            if (classes[v] == LABELLING_IGNORE) seen = color_mix(seen, BACK, .7);
            picture_fill(o, x + j * l->factor, y + i * l->factor, l->factor, l->factor, seen);
        }
}

/* The class at a pixel of the enlarged panel; at its border that of the nearest pixel. */
static int class_near(const struct sheet *s, const struct layout *l, const uint8_t *classes, int i, int j)
{
    int row = i < 0 ? 0 : i / l->factor, column = j < 0 ? 0 : j / l->factor;
    row = row < l->rows ? row : l->rows - 1;
    column = column < l->columns ? column : l->columns - 1;
    return classes[voxel_of(s, l, row, column)];
}

static void draw_outlines(const struct sheet *s, const struct layout *l, int panel, struct picture *o, int x, int y)
{
    const uint8_t *classes = classes_of(s, panel);
    for (int i = 0; i < l->rows * l->factor; i++)
        for (int j = 0; j < l->columns * l->factor; j++) {
            int class = class_near(s, l, classes, i, j);
            if (class == 0 || class == LABELLING_IGNORE) continue;
            bool edge = class_near(s, l, classes, i - 1, j) != class || class_near(s, l, classes, i + 1, j) != class ||
                        class_near(s, l, classes, i, j - 1) != class || class_near(s, l, classes, i, j + 1) != class;
            if (edge) picture_dot(o, x + j, y + i, color_of_class(class - 1), 1);
        }
}

static void write_caption(const char *caption, int width, struct picture *o, int x, int y)
{
    for (int line = 0; line < LINES; line++) {
        char text[SHEET_TEXT];
        size_t n = strcspn(caption, "\n");
        snprintf(text, sizeof text, "%.*s", (int)n, caption);
        picture_text_cut(text, TEXT_SIZE, width);
        picture_text(o, x, y + line * LINE, TEXT_SIZE, INK, text);
        caption += n + (caption[n] != 0);
    }
}

static void draw_legend(const struct sheet *s, struct picture *o, int y)
{
    int x = MARGIN, box = 10;
    for (int k = 1; k < s->names->count; k++) {
        picture_fill(o, x, y, box, box, color_of_class(k - 1));
        picture_text(o, x + box + 6, y + 1, TEXT_SIZE, INK, s->names->name[k]);
        x += box + 24 + picture_text_width(TEXT_SIZE, s->names->name[k]);
    }
}

static void draw(const struct sheet *s, const struct layout *l, float *sorted, struct picture *o)
{
    for (int i = 0; i < s->rows; i++) {
        struct window window[3] = {{0, 0}};
        for (int c = 0; c < (s->colour ? 3 : 1); c++) window[c] = find_window(slice_of(s, i * s->columns, c), plane_of(s), sorted);
        for (int j = 0; j < s->columns; j++) {
            int panel = i * s->columns + j, x = MARGIN + j * (l->width + MARGIN), y = MARGIN + i * (l->height + MARGIN);
            int left = x + (l->width - l->columns * l->factor) / 2;
            draw_samples(s, l, panel, window, o, left, y);
            draw_outlines(s, l, panel, o, left, y);
            write_caption(s->captions[panel], l->width, o, x, y + l->rows * l->factor + 6);
        }
    }
    draw_legend(s, o, MARGIN + s->rows * (l->height + MARGIN));
}

att_status sheet_write(const struct sheet *s, const char *path, struct err *e)
{
    struct layout l = lay_out(s);
    struct picture o;
    TRY(picture_create(MARGIN + s->columns * (l.width + MARGIN), MARGIN + s->rows * (l.height + MARGIN) + LEGEND, BACK, &o, e));
    float *sorted = mem_array(SAMPLES + 1, sizeof *sorted);
    att_status status = sorted ? ATT_OK : err_memory(e, SAMPLES * sizeof *sorted, "a picture");
    if (status == ATT_OK) {
        draw(s, &l, sorted, &o);
        status = png_write_rgb(path, o.width, o.height, o.rgb, e);
    }
    mem_free(sorted);
    picture_free(&o);
    return status;
}
