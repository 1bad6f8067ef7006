/* SPDX-License-Identifier: Apache-2.0 */
/* Panels side by side with captions below; called by predict --overlay. */
#include "measure/overlay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/order.h"
#include "format/format.h"
#include "measure/picture.h"

enum { SIDE_LEAST = 256, SIDE_MOST = 1024, CELL_LEAST = 240, MARGIN = 16, LINE = 20, SAMPLES = 1 << 16, TEXT = 256 };
static const double TEXT_SIZE = 1.5;
static const struct color BACK = {24, 26, 31}, INK = {235, 237, 240}, FAINT = {160, 166, 175};

/* What is shown of an image: one slice, each pixel of it `step` voxels wide, drawn `factor` pixels wide. */
struct view {
    const struct predicted *p;
    size_t first; /* voxel of the slice */
    int slice, step, factor;
    int rows, columns; /* before the enlargement */
    bool colour;
    unsigned char *base; /* [rows][columns][3] */
    uint8_t *classes;    /* [rows][columns] */
    bool seen[256];      /* classes in this slice */
    int cell;            /* a panel with its caption is this wide */
};

/* ---- what to show */

static int busiest_slice(const uint8_t *classes, const int size[3])
{
    size_t area = (size_t)size[1] * (size_t)size[2], most = 0;
    int best = size[0] / 2;
    for (int d = 0; d < size[0]; d++) {
        size_t count = 0;
        for (size_t i = 0; i < area; i++) count += classes[(size_t)d * area + i] != 0;
        if (count <= most) continue;
        most = count;
        best = d;
    }
    return best;
}

static int divide_up(int a, int b) { return (a + b - 1) / b; }

/* The voxel in the middle of a pixel's block. */
static size_t voxel_of(const struct view *v, int row, int column)
{
    const int *size = v->p->image->size;
    int h = row * v->step + v->step / 2, w = column * v->step + v->step / 2;
    h = h < size[1] ? h : size[1] - 1;
    w = w < size[2] ? w : size[2] - 1;
    return v->first + (size_t)h * (size_t)size[2] + (size_t)w;
}

/* The mean over a pixel's block. */
static double block_mean(const struct view *v, const float *plane, int row, int column)
{
    const int *size = v->p->image->size;
    double sum = 0;
    int count = 0;
    for (int h = row * v->step; h < size[1] && h < (row + 1) * v->step; h++)
        for (int w = column * v->step; w < size[2] && w < (column + 1) * v->step; w++, count++)
            sum += (double)plane[v->first + (size_t)h * (size_t)size[2] + (size_t)w];
    return sum / count;
}

/* 1st and 99th percentile over the slice's shown channels, from evenly spread samples where there are many. */
static att_status find_window(const struct view *v, int channels, double *low, double *high, struct err *e)
{
    const struct image *m = v->p->image;
    size_t area = (size_t)m->size[1] * (size_t)m->size[2], all = area * (size_t)channels;
    size_t stride = all / SAMPLES + 1, count = 0;
    float *sorted = mem_array(SAMPLES, sizeof *sorted);
    if (!sorted) return err_memory(e, SAMPLES * sizeof *sorted, "an overlay");
    for (size_t i = 0; i < all; i += stride) sorted[count++] = m->data[i / area * image_voxels(m->size) + v->first + i % area];
    qsort(sorted, count, sizeof *sorted, order_floats);
    *low = (double)sorted[count / 100];
    *high = (double)sorted[count - 1 - count / 100];
    if (*low == *high) { /* nearly all of one value: then black is what is rare, or all */
        *low = (double)sorted[0];
        *high = (double)sorted[count - 1];
    }
    mem_free(sorted);
    return ATT_OK;
}

static att_status fill_base(struct view *v, struct err *e)
{
    const struct image *m = v->p->image;
    int channels = v->colour ? 3 : 1;
    double low = 0, high = 0;
    TRY(find_window(v, channels, &low, &high, e));
    unsigned char *to = v->base;
    for (int i = 0; i < v->rows; i++)
        for (int j = 0; j < v->columns; j++)
            for (int c = 0; c < 3; c++) {
                if (c >= channels) {
                    *to = to[-1];
                } else {
                    double x = block_mean(v, m->data + (size_t)c * image_voxels(m->size), i, j);
                    double share = high > low ? (x - low) / (high - low) : 0;
                    *to = (unsigned char)((share < 0 ? 0 : share > 1 ? 1 : share) * 255 + 0.5);
                }
                to++;
            }
    return ATT_OK;
}

static att_status view_begin(struct view *v, const struct predicted *p, struct err *e)
{
    const int *size = p->image->size;
    int side = size[1] > size[2] ? size[1] : size[2];
    *v = (struct view){
        .p = p, .slice = busiest_slice(p->result->classes, size), .colour = p->image->channels == 3 && !p->image->geometry.known};
    v->first = (size_t)v->slice * (size_t)size[1] * (size_t)size[2];
    v->step = divide_up(side, SIDE_MOST);
    v->factor = divide_up(SIDE_LEAST, side);
    v->rows = divide_up(size[1], v->step);
    v->columns = divide_up(size[2], v->step);
    v->cell = v->columns * v->factor > CELL_LEAST ? v->columns * v->factor : CELL_LEAST;
    size_t pixels = (size_t)v->rows * (size_t)v->columns;
    v->base = mem_alloc(pixels * 3);
    v->classes = mem_alloc(pixels);
    if (!v->base || !v->classes) return err_memory(e, pixels * 4, "an overlay");
    for (int i = 0; i < v->rows; i++)
        for (int j = 0; j < v->columns; j++) v->classes[(size_t)i * (size_t)v->columns + (size_t)j] = p->result->classes[voxel_of(v, i, j)];
    for (size_t i = 0; i < (size_t)size[1] * (size_t)size[2]; i++) v->seen[p->result->classes[v->first + i]] = true;
    return fill_base(v, e);
}

static void view_end(struct view *v)
{
    mem_free(v->base);
    mem_free(v->classes);
}

/* ---- panels; x, y: the upper left corner of what they draw */

/* How light the image is there. */
static struct color base_grey(const struct view *v, int row, int column)
{
    const unsigned char *q = v->base + ((size_t)row * (size_t)v->columns + (size_t)column) * 3;
    unsigned char light = (unsigned char)((q[0] * 3 + q[1] * 6 + q[2]) / 10);
    return (struct color){light, light, light};
}

static void draw_image(const struct view *v, struct picture *o, int x, int y)
{
    picture_blit(o, x, y, v->base, 3, v->columns, v->rows, v->factor);
}

/* The class at a pixel of the enlarged panel; at its border that of the nearest pixel. */
static int class_near(const struct view *v, int i, int j)
{
    int row = i < 0 ? 0 : i / v->factor, column = j < 0 ? 0 : j / v->factor;
    if (row >= v->rows) row = v->rows - 1;
    if (column >= v->columns) column = v->columns - 1;
    return v->classes[(size_t)row * (size_t)v->columns + (size_t)column];
}

static bool on_contour(const struct view *v, int i, int j, int class, int width)
{
    return class_near(v, i - width, j) != class || class_near(v, i + width, j) != class || class_near(v, i, j - width) != class ||
           class_near(v, i, j + width) != class;
}

static void draw_prediction(const struct view *v, struct picture *o, int x, int y)
{
    int height = v->rows * v->factor, width = v->columns * v->factor;
    int contour = height > 2 * SIDE_LEAST || width > 2 * SIDE_LEAST ? 2 : 1;
    draw_image(v, o, x, y);
    for (int i = 0; i < height; i++)
        for (int j = 0; j < width; j++) {
            int class = class_near(v, i, j);
            if (class) picture_dot(o, x + j, y + i, color_of_class(class - 1), on_contour(v, i, j, class, contour) ? 1 : .4);
        }
}

/* From dark to light, so that it reads in grey, too: the lightness of the control points rises evenly. */
static struct color heat(double share)
{
    static const struct color points[] = {{13, 8, 60},    {74, 18, 120},  {150, 38, 122}, {214, 70, 84},
                                          {246, 132, 42}, {252, 205, 60}, {253, 251, 190}};
    const int last = sizeof points / sizeof *points - 1;
    double at = (share > 0 ? share < 1 ? share : 1 : 0) * last;
    int i = at < last ? (int)at : last - 1;
    return color_mix(points[i], points[i + 1], at - i);
}

static void draw_map(const struct view *v, const struct attention_map *map, struct picture *o, int x, int y)
{
    for (int i = 0; i < v->rows; i++)
        for (int j = 0; j < v->columns; j++) {
            struct color c = heat((double)map->data[voxel_of(v, i, j)]);
            picture_fill(o, x + j * v->factor, y + i * v->factor, v->factor, v->factor, color_mix(base_grey(v, i, j), c, .7));
        }
}

/* ---- captions */

static void write_line(const struct view *v, struct picture *o, int x, int y, struct color c, const char *what)
{
    char text[TEXT];
    snprintf(text, sizeof text, "%s", what);
    picture_text_cut(text, TEXT_SIZE, v->cell);
    picture_text(o, x, y, TEXT_SIZE, c, text);
}

static void describe(const struct view *v, char text[TEXT])
{
    const struct image *m = v->p->image;
    int used = m->size[0] > 1 ? snprintf(text, TEXT, "slice %d of %d", v->slice + 1, m->size[0])
                              : snprintf(text, TEXT, "%dx%d pixels", m->size[1], m->size[2]);
    if (m->channels > 1 && !v->colour) snprintf(text + used, (size_t)(TEXT - used), ", channel 1 of %d", m->channels);
}

/* In columns, every class with its colour; the number of its lines.  Without a canvas it only counts. */
static int write_legend(const struct view *v, struct picture *o, int x, int y)
{
    const struct labelling *l = v->p->labels;
    int columns = v->cell / (CELL_LEAST / 2), width = v->cell / columns, count = 0, box = 12;
    for (int k = 1; k < 256; k++) {
        if (!v->seen[k]) continue;
        char name[LABELLING_NAME];
        int left = x + count % columns * width, top = y + count / columns * LINE;
        count++;
        if (!o) continue;
        snprintf(name, sizeof name, "%s", l->regions ? l->region_name[k - 1] : l->name[k]);
        picture_text_cut(name, TEXT_SIZE, width - box - 12);
        picture_fill(o, left, top, box, box, color_of_class(k - 1));
        picture_text(o, left + box + 6, top, TEXT_SIZE, FAINT, name);
    }
    if (!count && o) write_line(v, o, x, y, FAINT, "no foreground");
    return count ? divide_up(count, columns) : 1;
}

static void write_scale(struct picture *o, int x, int y)
{
    const int width = 160, height = 12, left = x + 16;
    for (int i = 0; i < width; i++) picture_fill(o, left + i, y, 1, height, heat((double)i / (width - 1)));
    picture_text(o, x, y, TEXT_SIZE, FAINT, "0");
    picture_text(o, left + width + 8, y, TEXT_SIZE, FAINT, "1");
}

/* ---- all of it */

static void draw_panel(const struct view *v, struct picture *o, int index)
{
    const struct predicted *p = v->p;
    int x = MARGIN + index * (v->cell + MARGIN), left = x + (v->cell - v->columns * v->factor) / 2;
    int below = MARGIN + v->rows * v->factor + 10;
    char text[TEXT];
    if (index == 0) {
        draw_image(v, o, left, MARGIN);
        write_line(v, o, x, below, INK, p->name);
        describe(v, text);
        write_line(v, o, x, below + LINE, FAINT, text);
    } else if (index == 1) {
        draw_prediction(v, o, left, MARGIN);
        write_line(v, o, x, below, INK, "prediction");
        write_legend(v, o, x, below + LINE);
    } else {
        const struct attention_map *map = &p->result->maps[index - 2];
        draw_map(v, map, o, left, MARGIN);
        snprintf(text, sizeof text, "attention %s", map->name);
        write_line(v, o, x, below, INK, text);
        write_scale(o, x, below + LINE);
    }
}

static att_status draw(struct view *v, const char *path, struct err *e)
{
    struct picture o;
    int panels = 2 + v->p->result->nmaps, lines = 1 + write_legend(v, NULL, 0, 0);
    TRY(picture_create(MARGIN + panels * (v->cell + MARGIN), 2 * MARGIN + v->rows * v->factor + 6 + lines * LINE, BACK, &o, e));
    for (int i = 0; i < panels; i++) draw_panel(v, &o, i);
    att_status status = png_write_rgb(path, o.width, o.height, o.rgb, e);
    picture_free(&o);
    return status;
}

att_status overlay_write(const struct predicted *p, struct err *e)
{
    struct view v;
    char *name = mem_text("%s_overlay.png", p->name), *path = name ? file_join(p->folder, name) : NULL;
    mem_free(name);
    if (!path) return err_memory(e, strlen(p->folder), "a file name");
    att_status status = view_begin(&v, p, e);
    if (status == ATT_OK) status = draw(&v, path, e);
    view_end(&v);
    mem_free(path);
    return status;
}
