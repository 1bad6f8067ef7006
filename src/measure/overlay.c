/* SPDX-License-Identifier: Apache-2.0 */
/* Panels side by side with captions below; called by predict --overlay. */
#include "measure/overlay.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/whole.h"
#include "dataset/layout.h"
#include "format/format.h"
#include "measure/picture.h"
#include "measure/slice.h"

enum { SIDE_LEAST = 256, SIDE_MOST = 1024, CELL_LEAST = 240, MARGIN = 16, LINE = 20, SAMPLES = 1 << 16, TEXT = 256, PANELS_MOST = 4 };
static const double TEXT_SIZE = 1.5;
static const struct color FAINT = {160, 166, 175}, WHITE = {255, 255, 255};

/* What is shown of an image. */
struct view {
    const struct predicted *p;
    struct slice slice;
    int index;              /* of the slice */
    size_t first;           /* its first voxel */
    const uint8_t *classes; /* from there on */
    uint8_t *truth;         /* the true classes of this slice, or NULL; only what differs counts */
    bool colour;
    unsigned char *base; /* [rows][columns][3] */
    bool seen[256];      /* classes in this slice */
    int cell;            /* a panel with its caption is this wide */
    int columns, pitch;  /* panels in a row; from one row to the next */
};

/* ---- what to show */

/* Voxels of every class in slice d. */
static void count_classes(const uint8_t *classes, size_t area, int d, size_t count[256])
{
    memset(count, 0, 256 * sizeof *count);
    for (size_t i = 0; i < area; i++) count[classes[(size_t)d * area + i]]++;
}

/* With as many classes as possible; among such slices that where they are largest, each measured by the slice that has most of it. */
static int best_slice(const uint8_t *classes, const int size[3])
{
    size_t area = (size_t)size[1] * (size_t)size[2], count[256], most[256] = {0};
    int best = size[0] / 2, best_kinds = 0;
    double best_share = 0;
    for (int d = 0; d < size[0]; d++) {
        count_classes(classes, area, d, count);
        for (int k = 1; k < 256; k++) most[k] = count[k] > most[k] ? count[k] : most[k];
    }
    for (int d = 0; d < size[0]; d++) {
        int kinds = 0;
        double share = 0;
        count_classes(classes, area, d, count);
        for (int k = 1; k < 256; k++) {
            if (!count[k]) continue;
            kinds++;
            share += (double)count[k] / (double)most[k];
        }
        if (kinds < best_kinds || (kinds == best_kinds && share <= best_share)) continue;
        best = d;
        best_kinds = kinds;
        best_share = share;
    }
    return best;
}

/* The mean over a pixel's block. */
static double block_mean(const struct slice *s, const float *plane, int row, int column)
{
    double sum = 0;
    int count = 0;
    for (int h = row * s->step; h < s->size[0] && h < (row + 1) * s->step; h++)
        for (int w = column * s->step; w < s->size[1] && w < (column + 1) * s->step; w++, count++)
            sum += (double)plane[(size_t)h * (size_t)s->size[1] + (size_t)w];
    return sum / count;
}

/* Over the slice's shown channels, from evenly spread samples where there are many. */
static att_status find_range(const struct view *v, int channels, struct slice_range *r, struct err *e)
{
    const struct image *m = v->p->image;
    size_t area = (size_t)m->size[1] * (size_t)m->size[2], all = area * (size_t)channels, stride = all / SAMPLES + 1;
    int count = 0;
    float *samples = mem_array(SAMPLES, sizeof *samples);
    if (!samples) return err_memory(e, SAMPLES * sizeof *samples, "an overlay");
    for (size_t i = 0; i < all; i += stride) samples[count++] = m->data[i / area * image_voxels(m->size) + v->first + i % area];
    *r = slice_range_of(samples, count);
    mem_free(samples);
    return ATT_OK;
}

static att_status fill_base(struct view *v, struct err *e)
{
    const struct image *m = v->p->image;
    int channels = v->colour ? 3 : 1;
    struct slice_range range;
    TRY(find_range(v, channels, &range, e));
    unsigned char *to = v->base;
    const float *plane = m->data + v->first;
    for (int i = 0; i < v->slice.rows; i++)
        for (int j = 0; j < v->slice.columns; j++)
            for (int c = 0; c < 3; c++, to++)
                *to = c < channels ? slice_shade(&range, block_mean(&v->slice, plane + (size_t)c * image_voxels(m->size), i, j)) : to[-1];
    return ATT_OK;
}

/* ---- the true mask */

/* FOLDER/NAME, which may have a suffix and another ending; NULL: there is none. */
static char *find_truth(const char *folder, const struct predicted *p)
{
    static const struct format *const formats[] = {&format_png, &format_nifti};
    for (int i = -1; i < 0 || layout_label_suffixes[i]; i++)
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
            for (const char *const *ending = formats[f]->endings; *ending; ending++) {
                char *name = mem_text("%s%s%s", p->name, i < 0 ? "" : layout_label_suffixes[i], *ending);
                char *path = name ? file_join(folder, name) : NULL;
                mem_free(name);
                if (path && file_exists(path)) return path;
                mem_free(path);
            }
    return NULL;
}

bool overlay_has_truth(const char *folder, const struct predicted *p)
{
    char *path = find_truth(folder, p);
    mem_free(path);
    return path != NULL;
}

static att_status take_truth(struct view *v, const char *path, struct err *e)
{
    const int *size = v->p->image->size;
    size_t area = (size_t)size[1] * (size_t)size[2];
    struct labelmap m;
    TRY(format_load_labels(path, &m, e));
    att_status status = ATT_OK;
    if (memcmp(m.size, size, sizeof m.size) != 0)
        status = err_set(e, ATT_DATA, "%s is of another size than the image %s; name the folder of its true masks", path, v->p->name);
    else if (!(v->truth = mem_alloc(area)))
        status = err_memory(e, area, "an overlay");
    for (size_t i = 0; status == ATT_OK && i < area; i++) {
        unsigned value = m.data[v->first + i];
        v->truth[i] = value ? (uint8_t)(1 + (value - 1) % 255) : 0;
    }
    labelmap_free(&m);
    return status;
}

static att_status read_truth(struct view *v, const char *folder, struct err *e)
{
    char *path = folder ? find_truth(folder, v->p) : NULL;
    att_status status = path ? take_truth(v, path, e) : ATT_OK;
    mem_free(path);
    return status;
}

static att_status view_begin(struct view *v, const struct predicted *p, struct err *e)
{
    const int *size = p->image->size;
    size_t area = (size_t)size[1] * (size_t)size[2];
    *v = (struct view){.p = p,
                       .slice = slice_lay_out(size[1], size[2], SIDE_LEAST, SIDE_MOST),
                       .index = best_slice(p->result->classes, size),
                       .colour = p->image->channels == 3 && !p->image->geometry.known};
    v->first = (size_t)v->index * area;
    v->classes = p->result->classes + v->first;
    v->cell = v->slice.width > CELL_LEAST ? v->slice.width : CELL_LEAST;
    size_t bytes = (size_t)v->slice.rows * (size_t)v->slice.columns * 3;
    v->base = mem_alloc(bytes);
    if (!v->base) return err_memory(e, bytes, "an overlay");
    for (size_t i = 0; i < area; i++) v->seen[v->classes[i]] = true;
    return fill_base(v, e);
}

static void view_end(struct view *v)
{
    mem_free(v->base);
    mem_free(v->truth);
}

/* ---- panels; x, y: the upper left corner of what they draw */

/* How light the image is there. */
static struct color base_grey(const struct view *v, int row, int column)
{
    const unsigned char *q = v->base + ((size_t)row * (size_t)v->slice.columns + (size_t)column) * 3;
    unsigned char light = (unsigned char)((q[0] * 3 + q[1] * 6 + q[2]) / 10);
    return (struct color){light, light, light};
}

static void draw_image(const struct view *v, struct picture *o, int x, int y)
{
    picture_blit(o, x, y, v->base, 3, v->slice.columns, v->slice.rows, v->slice.factor);
}

/* The tiles that were looked at: their edges, on the inside. */
static void draw_tiles(const struct view *v, struct picture *o, int x, int y)
{
    static const struct color edge = {255, 214, 64};
    const struct tile_report *t = v->p->result->tiles;
    const int *size = v->p->image->size;
    for (int i = 0; t && i < t->count; i++) {
        const int *from = t->list[i].box.from, *extent = t->list[i].box.size;
        int64_t width = v->slice.width, height = v->slice.height;
        if (v->index < from[0] || v->index >= from[0] + extent[0]) continue;
        int left = (int)(from[2] * width / size[2]), right = (int)((from[2] + extent[2]) * width / size[2]);
        int top = (int)(from[1] * height / size[1]), bottom = (int)((from[1] + extent[1]) * height / size[1]);
        picture_fill(o, x + left, y + top, right - left, 1, edge);
        picture_fill(o, x + left, y + bottom - 1, right - left, 1, edge);
        picture_fill(o, x + left, y + top, 1, bottom - top, edge);
        picture_fill(o, x + right - 1, y + top, 1, bottom - top, edge);
    }
}

static void draw_prediction(const struct view *v, struct picture *o, int x, int y)
{
    const struct slice *s = &v->slice;
    int width = s->height > 2 * SIDE_LEAST || s->width > 2 * SIDE_LEAST ? 2 : 1;
    draw_image(v, o, x, y);
    for (int i = 0; i < s->height; i++)
        for (int j = 0; j < s->width; j++) {
            int class = slice_class(s, v->classes, i, j);
            if (class) picture_dot(o, x + j, y + i, color_of_class(class - 1), slice_contour(s, v->classes, i, j, width) ? 1 : .4);
            if (v->truth && slice_class(s, v->truth, i, j) && slice_contour(s, v->truth, i, j, width))
                picture_dot(o, x + j, y + i, WHITE, 1);
        }
    draw_tiles(v, o, x, y);
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
    const struct slice *s = &v->slice;
    for (int i = 0; i < s->rows; i++)
        for (int j = 0; j < s->columns; j++) {
            struct color c = heat((double)map->data[v->first + slice_voxel(s, i, j)]);
            picture_fill(o, x + j * s->factor, y + i * s->factor, s->factor, s->factor, color_mix(base_grey(v, i, j), c, .7));
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
    int used = m->size[0] > 1 ? snprintf(text, TEXT, "slice %d of %d", v->index + 1, m->size[0])
                              : snprintf(text, TEXT, "%dx%d pixels", m->size[1], m->size[2]);
    const struct tile_report *t = v->p->result->tiles;
    if (t) used += snprintf(text + used, (size_t)(TEXT - used), ", %d of %d tiles", t->count, t->tiling.count);
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
    int x = MARGIN + index % v->columns * (v->cell + MARGIN), y = MARGIN + index / v->columns * v->pitch;
    int left = x + (v->cell - v->slice.width) / 2, below = y + v->slice.height + 10;
    char text[TEXT];
    if (index == 0) {
        draw_image(v, o, left, y);
        write_line(v, o, x, below, slice_ink, p->name);
        describe(v, text);
        write_line(v, o, x, below + LINE, FAINT, text);
    } else if (index == 1) {
        draw_prediction(v, o, left, y);
        write_line(v, o, x, below, slice_ink, v->truth ? "prediction; white: the truth" : "prediction");
        write_legend(v, o, x, below + LINE);
    } else {
        const struct attention_map *map = &p->result->maps[index - 2];
        draw_map(v, map, o, left, y);
        snprintf(text, sizeof text, "attention %s", map->name);
        write_line(v, o, x, below, slice_ink, text);
        write_scale(o, x, below + LINE);
    }
}

static att_status draw(struct view *v, const char *path, struct err *e)
{
    struct picture o;
    int panels = 2 + v->p->result->nmaps, lines = 1 + write_legend(v, NULL, 0, 0);
    int rows = divide_up(panels, PANELS_MOST);
    v->columns = divide_up(panels, rows);
    v->pitch = MARGIN + v->slice.height + 6 + lines * LINE;
    TRY(picture_create(MARGIN + v->columns * (v->cell + MARGIN), MARGIN + rows * v->pitch, slice_back, &o, e));
    for (int i = 0; i < panels; i++) draw_panel(v, &o, i);
    att_status status = png_write_rgb(path, o.width, o.height, o.rgb, e);
    picture_free(&o);
    return status;
}

att_status overlay_write(const struct predicted *p, const char *truth, struct err *e)
{
    struct view v;
    char *name = mem_text("%s_overlay.png", p->name), *path = name ? file_join(p->folder, name) : NULL;
    mem_free(name);
    if (!path) return err_memory(e, strlen(p->folder), "a file name");
    att_status status = view_begin(&v, p, e);
    if (status == ATT_OK) status = read_truth(&v, truth, e);
    if (status == ATT_OK) status = draw(&v, path, e);
    view_end(&v);
    mem_free(path);
    return status;
}
