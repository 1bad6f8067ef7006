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
#include "measure/shade.h"

enum { SIDE_LEAST = 256, SIDE_MOST = 1024, CELL_LEAST = 240, MARGIN = 16, LINE = 20, TEXT = 256, PANELS_MOST = 4, MAP_LINES = 3 };
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

/* ---- the true mask */

/* FOLDER/NAME, which may have a suffix and another ending; NULL: there is none. */
static char *find_truth(const char *folder, const struct predicted *p)
{
    for (int i = -1; i < 0 || layout_label_suffixes[i]; i++)
        for (int f = 0; format_at(f); f++)
            for (const char *const *ending = format_at(f)->endings; *ending; ending++) {
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
    const bool there = path != NULL;
    mem_free(path);
    return there;
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
                       .index = slice_best(p->result->classes, size),
                       .colour = shade_is_colour(p->image)};
    v->first = (size_t)v->index * area;
    v->classes = p->result->classes + v->first;
    v->cell = v->slice.width > CELL_LEAST ? v->slice.width : CELL_LEAST;
    size_t bytes = (size_t)v->slice.rows * (size_t)v->slice.columns * 3;
    v->base = mem_alloc(bytes);
    if (!v->base) return err_memory(e, bytes, "an overlay");
    for (size_t i = 0; i < area; i++) v->seen[v->classes[i]] = true;
    return shade_image(&v->slice, p->image, v->index, v->base, e);
}

static void view_end(struct view *v)
{
    mem_free(v->base);
    mem_free(v->truth);
}

/* ---- panels; x, y: the upper left corner of what they draw */

static void draw_image(const struct view *v, struct picture *o, int x, int y) { shade_draw_image(&v->slice, v->base, o, x, y); }

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

static void draw_map(const struct view *v, const struct attention_map *map, struct picture *o, int x, int y)
{
    shade_draw_map(&v->slice, v->base, map->data + v->first, o, x, y);
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
    shade_draw_scale(o, left, y, width, height);
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
        snprintf(text, sizeof text, "lines at %g, %g, %g", shade_level[0], shade_level[1], shade_level[2]);
        write_line(v, o, x, below + 2 * LINE, FAINT, text);
    }
}

static att_status draw(struct view *v, const char *path, struct err *e)
{
    struct picture o;
    int panels = 2 + v->p->result->nmaps, lines = 1 + write_legend(v, NULL, 0, 0);
    if (v->p->result->nmaps && lines < MAP_LINES) lines = MAP_LINES;
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
