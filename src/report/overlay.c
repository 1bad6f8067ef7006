/* SPDX-License-Identifier: Apache-2.0 */
/* Draws panels side by side with captions below. */
#include "report/overlay.h"

#include <stdio.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "draw/shade.h"
#include "files/file.h"
#include "format/format.h"
#include "image/orient.h"
#include "report/view.h"

enum {
    SIDE_MIN = 256,
    SIDE_MAX = 1024,
    CELL_MIN = 240,
    MARGIN = 16,
    LINE = 20,
    TEXT = 256,
    PANELS_MAX = 4,
    MAP_LINES = 3
};
static const double TEXT_SIZE = 1.5;
static const struct color FAINT = {160, 166, 175}, WHITE = {255, 255, 255};

/* One or more rows of panels per plane. */
struct overlay {
    const struct predicted *p;
    struct view_source from;
    struct view view[PLANES];
    bool seen[PLANES][256]; /* classes */
    int views, cell;        /* width of a panel with its caption */
    int columns;            /* panels in a row */
    int top[PLANES];        /* first row of a view */
    int pitch[PLANES];      /* from one row to the next */
};

/* FOLDER/NAME, preferably exact, else with a suffix or another ending; NULL: none, or no such
 * folder. */
static char *find_truth(const char *folder, const struct predicted *p)
{
    struct file_list files;
    struct err ignored = {0};
    char *found = NULL;
    if (file_list(folder, &files, &ignored) != ATT_OK) return NULL;
    for (int i = 0; i < files.count; i++) {
        char *stem = format_stem(files.names[i]);
        if (stem && layout_is_label_of(stem, p->name) && (!found || strcmp(stem, p->name) == 0)) {
            mem_free(found);
            found = file_join(folder, files.names[i]);
        }
        mem_free(stem);
    }
    file_list_free(&files);
    return found;
}

bool overlay_has_truth(const char *folder, const struct predicted *p)
{
    char *path = find_truth(folder, p);
    const bool there = path != NULL;
    mem_free(path);
    return there;
}

/* Maps label values to 1..255, distinct as far as bytes allow. */
static uint8_t to_byte(unsigned value) { return value ? (uint8_t)(1 + (value - 1) % 255) : 0; }

static att_status take_truth(
    const char *path, const struct predicted *p, uint8_t **truth, struct err *e)
{
    struct labelmap m;
    const size_t voxels = image_voxels(p->image->size);
    TRY(format_load_labels(path, &m, e));
    att_status status = ATT_OK;
    const struct turning *t = &p->image->geometry.turned;
    int stored[3];
    turn_triple_back(t, p->image->size, stored);
    if (!image_same_triple(m.size, stored))
        status =
            err_data(e, "%s differs in size from the image %s; name the folder of its true masks",
                path, p->name);
    else if (!(*truth = mem_alloc(voxels)))
        status = err_memory(e, voxels, "an overlay");
    for (size_t i = 0; status == ATT_OK && i < voxels; i++) (*truth)[i] = to_byte(m.data[i]);
    if (status == ATT_OK && turn_any(t)) status = turn_classes(t, stored, truth, e);
    labelmap_free(&m);
    return status;
}

/* *truth stays NULL without one. */
static att_status read_truth(
    const char *folder, const struct predicted *p, uint8_t **truth, struct err *e)
{
    char *path = folder ? find_truth(folder, p) : NULL;
    att_status status = path ? take_truth(path, p, truth, e) : ATT_OK;
    mem_free(path);
    return status;
}

/* ---- panels; x, y: their upper left corner */

/* Draws inner edges of the computed tiles. */
static void draw_tiles(
    const struct overlay *s, const struct view *v, struct picture *o, int x, int y)
{
    static const struct color edge = {255, 214, 64};
    const struct tile_report *t = s->p->result->tiles;
    for (int i = 0; t && i < t->count; i++) {
        int left, top, right, bottom;
        if (!view_box(v, &t->list[i].box, &left, &top, &right, &bottom)) continue;
        picture_fill(o, x + left, y + top, right - left, 1, edge);
        picture_fill(o, x + left, y + bottom - 1, right - left, 1, edge);
        picture_fill(o, x + left, y + top, 1, bottom - top, edge);
        picture_fill(o, x + right - 1, y + top, 1, bottom - top, edge);
    }
}

static void draw_prediction(
    const struct overlay *overlay, const struct view *v, struct picture *o, int x, int y)
{
    const struct slice *s = &v->slice;
    int width = s->height > 2 * SIDE_MIN || s->width > 2 * SIDE_MIN ? 2 : 1;
    shade_draw_image(s, v->base, o, x, y);
    for (int i = 0; i < s->height; i++)
        for (int j = 0; j < s->width; j++) {
            int class = slice_class(s, v->classes, i, j);
            if (class)
                picture_dot(o, x + j, y + i, color_of_class(class - 1),
                    slice_contour(s, v->classes, i, j, width) ? 1 : .4);
            if (v->truth && slice_outline(s, v->truth, i, j, width))
                picture_dot(o, x + j, y + i, WHITE, 1);
        }
    draw_tiles(overlay, v, o, x, y);
}

static void write_letter(struct picture *o, int x, int y, const char *letter)
{
    const int width = picture_text_width(TEXT_SIZE, letter), height = (int)(7 * TEXT_SIZE),
              room = 3;
    if (!*letter) return;
    picture_fill(o, x - width / 2 - room, y - height / 2 - room, width + 2 * room,
        height + 2 * room, slice_back);
    picture_text(o, x - width / 2, y - height / 2, TEXT_SIZE, FAINT, letter);
}

/* Letters the patient's sides. */
static void write_sides(const struct view *v, struct picture *o, int x, int y)
{
    write_letter(o, x + v->slice.width / 2, y + LINE / 2, v->plane.top);
    write_letter(o, x + LINE / 2, y + v->slice.height / 2, v->plane.left);
}

static void write_line(
    const struct overlay *s, struct picture *o, int x, int y, struct color c, const char *what)
{
    char text[TEXT];
    snprintf(text, sizeof text, "%s", what);
    picture_text_cut(text, TEXT_SIZE, s->cell);
    picture_text(o, x, y, TEXT_SIZE, c, text);
}

static void overlay_describe(const struct overlay *s, const struct view *v, char text[TEXT])
{
    const struct image *m = s->p->image;
    const struct plane *p = &v->plane;
    const struct tile_report *t = s->p->result->tiles;
    if (m->size[IMAGE_D] > 1)
        snprintf(text, TEXT, "%s, slice %d of %d", p->name, p->index + 1, m->size[p->across]);
    else
        snprintf(text, TEXT, "%dx%d pixels", m->size[IMAGE_H], m->size[IMAGE_W]);
    if (t) text_append(text, TEXT, ", %d of %d tiles", t->count, t->tiling.count);
    if (m->channels > 1 && v->channels == 1)
        text_append(text, TEXT, ", channel 1 of %d", m->channels);
}

/* Writes every class with its colour in columns; returns the number of lines. Without a canvas it
 * only counts. */
static int write_legend(const struct overlay *s, int view, struct picture *o, int x, int y)
{
    const struct labelling *l = s->p->labels;
    int columns = s->cell / (CELL_MIN / 2), width = s->cell / columns, count = 0, box = 12;
    for (int k = 1; k < 256; k++) {
        if (!s->seen[view][k]) continue;
        char name[LABELLING_NAME];
        int left = x + count % columns * width, top = y + count / columns * LINE;
        count++;
        if (!o) continue;
        snprintf(name, sizeof name, "%s", l->regions ? l->region_name[k - 1] : l->name[k]);
        picture_text_cut(name, TEXT_SIZE, width - box - 12);
        picture_fill(o, left, top, box, box, color_of_class(k - 1));
        picture_text(o, left + box + 6, top, TEXT_SIZE, FAINT, name);
    }
    if (!count && o) write_line(s, o, x, y, FAINT, "no foreground");
    return count ? divide_up(count, columns) : 1;
}

static void write_scale(struct picture *o, int x, int y)
{
    const int width = 160, height = 12, left = x + 16;
    shade_draw_scale(o, left, y, width, height);
    picture_text(o, x, y, TEXT_SIZE, FAINT, "0");
    picture_text(o, left + width + 8, y, TEXT_SIZE, FAINT, "1");
}

static int panels_of(const struct overlay *s) { return 2 + s->p->result->nmaps; }

static void draw_panel(const struct overlay *s, int view, struct picture *o, int index)
{
    const struct view *v = &s->view[view];
    int x = MARGIN + index % s->columns * (s->cell + MARGIN),
        y = s->top[view] + index / s->columns * s->pitch[view];
    int left = x + (s->cell - v->slice.width) / 2, below = y + v->slice.height + 10;
    char text[TEXT];
    if (index == 0) {
        shade_draw_image(&v->slice, v->base, o, left, y);
        write_sides(v, o, left, y);
        write_line(s, o, x, below, slice_ink, s->p->name);
        overlay_describe(s, v, text);
        write_line(s, o, x, below + LINE, FAINT, text);
    } else if (index == 1) {
        draw_prediction(s, v, o, left, y);
        write_line(
            s, o, x, below, slice_ink, v->truth ? "prediction; truth in white" : "prediction");
        write_legend(s, view, o, x, below + LINE);
    } else {
        bool lines = shade_draw_map(&v->slice, v->base, view_map(v, index - 2), o, left, y);
        snprintf(text, sizeof text, "attention %s", s->p->result->maps[index - 2].name);
        write_line(s, o, x, below, slice_ink, text);
        write_scale(o, x, below + LINE);
        if (lines)
            number_write(text, sizeof text, "lines at %g, %g, %g", shade_level[0], shade_level[1],
                shade_level[2]);
        else
            snprintf(text, sizeof text, "too fine for lines");
        write_line(s, o, x, below + 2 * LINE, FAINT, text);
    }
}

/* Lays out all parts; returns the total height. */
static int arrange(struct overlay *s)
{
    int rows = divide_up(panels_of(s), PANELS_MAX), y = MARGIN;
    s->columns = divide_up(panels_of(s), rows);
    s->cell = CELL_MIN;
    for (int i = 0; i < s->views; i++)
        s->cell = s->view[i].slice.width > s->cell ? s->view[i].slice.width : s->cell;
    for (int i = 0; i < s->views; i++) {
        int lines = 1 + write_legend(s, i, NULL, 0, 0);
        if (s->p->result->nmaps && lines < MAP_LINES) lines = MAP_LINES;
        s->top[i] = y;
        s->pitch[i] = MARGIN + s->view[i].slice.height + 6 + lines * LINE;
        y += rows * s->pitch[i];
    }
    return y;
}

static att_status overlay_draw(struct overlay *s, const char *path, struct err *e)
{
    struct picture o;
    int height = arrange(s);
    TRY(picture_create(MARGIN + s->columns * (s->cell + MARGIN), height, slice_back, &o, e));
    for (int i = 0; i < s->views; i++)
        for (int k = 0; k < panels_of(s); k++) draw_panel(s, i, &o, k);
    att_status status = png_write_rgb(path, o.width, o.height, o.rgb, e);
    picture_free(&o);
    return status;
}

/* All planes on one scale. */
static att_status view_all(struct overlay *s, struct err *e)
{
    const struct view_source *from = &s->from;
    struct plane plane[PLANES];
    int best[3] = {0}, side = 1;
    if (from->image->size[IMAGE_D] > 1) TRY(planes_best(from->classes, from->image->size, best, e));
    int count = planes_lay_out(from->image, best, SIDE_MAX, plane);
    for (int i = 0; i < count; i++) {
        side = plane[i].v.pixels > side ? plane[i].v.pixels : side;
        side = plane[i].u.pixels > side ? plane[i].u.pixels : side;
    }
    for (int i = 0; i < count; i++) {
        s->views++;
        TRY(view_begin(
            &s->view[i], from, &plane[i], divide_up(side, SIDE_MAX), divide_up(SIDE_MIN, side), e));
        view_classes(&s->view[i], s->view[i].classes, s->seen[i]);
    }
    return ATT_OK;
}

att_status overlay_write(const struct predicted *p, const char *truth, struct err *e)
{
    uint8_t *labels = NULL;
    char *name = mem_text("%s_overlay.png", p->name),
         *path = name ? file_join(p->folder, name) : NULL;
    mem_free(name);
    if (!path) return err_path(e);
    att_status status = read_truth(truth, p, &labels, e);
    struct overlay s = {
        .p = p, .from = {p->image, p->result->classes, labels, p->result->maps, p->result->nmaps}};
    if (status == ATT_OK) status = view_all(&s, e);
    if (status == ATT_OK) status = overlay_draw(&s, path, e);
    for (int i = 0; i < s.views; i++) view_end(&s.view[i]);
    mem_free(labels);
    mem_free(path);
    return status;
}
