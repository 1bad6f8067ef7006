/* SPDX-License-Identifier: Apache-2.0 */
#include "draw/sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "draw/picture.h"
#include "draw/slice.h"
#include "format/format.h"

enum {
    SIDE_MIN = 160,
    SIDE_MAX = 320,
    MARGIN = 12,
    LINE = 14,
    LINES = 5,
    LEGEND = 22,
    SAMPLES = 1 << 14
};
static const double TEXT_SIZE = 1;

struct layout {
    struct slice panel;
    int width, height; /* of a panel with its caption */
};

/* Copies the sheet with panels turned upright. The caller frees *samples and *classes, which may be
 * NULL. */
static att_status turn_upright(
    const struct sheet *s, struct sheet *upright, float **samples, uint8_t **classes, struct err *e)
{
    const size_t panels = (size_t)s->rows * (size_t)s->columns,
                 planes = panels * (size_t)s->channels, voxels = image_voxels(s->size);
    struct turning t;
    *upright = *s;
    *samples = NULL;
    *classes = NULL;
    if (!orient_upright(s->axes, &t)) return ATT_OK;
    upright->samples = *samples = mem_array(planes * voxels, sizeof **samples);
    upright->classes = *classes = mem_array(panels, voxels);
    if (!*samples || !*classes)
        return err_memory(e, planes * voxels * sizeof **samples, "a picture of slices");
    for (size_t i = 0; i < planes; i++)
        turn_floats(&t, s->samples + i * voxels, s->size, *samples + i * voxels);
    for (size_t i = 0; i < panels; i++)
        turn_bytes(&t, s->classes + i * voxels, s->size, *classes + i * voxels);
    turn_size(&t, s->size, upright->size);
    return ATT_OK;
}

static struct layout sheet_lay_out(const struct sheet *s)
{
    struct layout l = {.panel = slice_lay_out(s->size[1], s->size[2], SIDE_MIN, SIDE_MAX)};
    l.width = l.panel.width > SIDE_MIN ? l.panel.width : SIDE_MIN;
    l.height = l.panel.height + 4 + LINES * LINE;
    return l;
}

static size_t sheet_plane_of(const struct sheet *s)
{
    return (size_t)s->size[1] * (size_t)s->size[2];
}

/* A panel and the slice to draw. */
struct view {
    int panel, slice;
};

static const float *slice_of(const struct sheet *s, struct view v, int channel)
{
    return s->samples +
        ((size_t)v.panel * (size_t)s->channels + (size_t)channel) * image_voxels(s->size) +
        (size_t)v.slice * sheet_plane_of(s);
}

static const uint8_t *classes_of(const struct sheet *s, struct view v)
{
    return s->classes + (size_t)v.panel * image_voxels(s->size) +
        (size_t)v.slice * sheet_plane_of(s);
}

/* The slice with most labels; among equals the one nearest to the middle. */
static struct view sheet_view_of(const struct sheet *s, int panel)
{
    const int middle = s->size[0] / 2;
    struct view best = {panel, middle};
    size_t max = 0;
    for (int i = 0; i < s->size[0]; i++) {
        const int step = (i + 1) / 2, slice = i % 2 ? middle - step : middle + step; /* outwards */
        const struct view v = {panel, slice};
        size_t marked = 0;
        if (slice < 0 || slice >= s->size[0]) continue;
        const uint8_t *classes = classes_of(s, v);
        for (size_t k = 0; k < sheet_plane_of(s); k++)
            marked += classes[k] > 0 && classes[k] < s->names->count;
        if (marked > max) best = v;
        if (marked > max) max = marked;
    }
    return best;
}

/* From evenly spaced samples. */
static struct slice_range sheet_find_range(const float *x, size_t count, float *room)
{
    size_t stride = count / SAMPLES + 1;
    int n = 0;
    for (size_t i = 0; i < count; i += stride) room[n++] = x[i];
    return slice_range_of(room, n);
}

static void sheet_draw_samples(const struct sheet *s, const struct slice *l, struct view view,
    const struct slice_range range[3], struct picture *o, int x, int y)
{
    const uint8_t *classes = classes_of(s, view);
    for (int i = 0; i < l->rows; i++)
        for (int j = 0; j < l->columns; j++) {
            size_t v = slice_voxel(l, i, j);
            unsigned char c[3];
            for (int k = 0; k < 3; k++)
                c[k] = s->colour || k == 0 ? slice_shade(&range[k], (double)slice_of(s, view, k)[v])
                                           : c[0];
            struct color seen = {c[0], c[1], c[2]};
            if (classes[v] == LABELLING_IGNORE) seen = color_mix(seen, slice_back, .7);
            picture_fill(o, x + j * l->factor, y + i * l->factor, l->factor, l->factor, seen);
        }
}

static void draw_outlines(
    const struct sheet *s, const struct slice *l, struct view view, struct picture *o, int x, int y)
{
    const uint8_t *classes = classes_of(s, view);
    for (int i = 0; i < l->height; i++)
        for (int j = 0; j < l->width; j++) {
            int class = slice_class(l, classes, i, j);
            if (class == 0 || class == LABELLING_IGNORE || !slice_contour(l, classes, i, j, 1))
                continue;
            picture_dot(o, x + j, y + i, color_of_class(class - 1), 1);
        }
}

/* Length of the text that fits in a line, up to a blank; without one, the whole text, to be cut. */
static size_t fitting(const char *line, size_t length, int width)
{
    char text[SHEET_TEXT];
    for (size_t n = length; n > 0;) {
        snprintf(text, sizeof text, "%.*s", (int)n, line);
        if (picture_text_width(TEXT_SIZE, text) <= width) return n;
        do n--;
        while (n > 0 && line[n] != ' ');
    }
    return length;
}

static void write_caption(const char *caption, int width, struct picture *o, int x, int y)
{
    for (int line = 0; line < LINES; line++) {
        char text[SHEET_TEXT];
        size_t n = fitting(caption, strcspn(caption, "\n"), width);
        snprintf(text, sizeof text, "%.*s", (int)n, caption);
        picture_text_cut(text, TEXT_SIZE, width);
        picture_text(o, x, y + line * LINE, TEXT_SIZE, slice_ink, text);
        caption += n + (caption[n] != 0);
    }
}

static void sheet_draw_legend(const struct sheet *s, struct picture *o, int y)
{
    int x = MARGIN, box = 10;
    for (int k = 1; k < s->names->count; k++) {
        picture_fill(o, x, y, box, box, color_of_class(k - 1));
        picture_text(o, x + box + 6, y + 1, TEXT_SIZE, slice_ink, s->names->name[k]);
        x += box + 24 + picture_text_width(TEXT_SIZE, s->names->name[k]);
    }
}

static void sheet_draw(
    const struct sheet *s, const struct layout *l, float *room, struct picture *o)
{
    for (int i = 0; i < s->rows; i++) {
        struct slice_range range[3] = {{0, 0}};
        const struct view first = sheet_view_of(s, i * s->columns);
        for (int c = 0; c < (s->colour ? 3 : 1); c++)
            range[c] = sheet_find_range(slice_of(s, first, c), sheet_plane_of(s), room);
        for (int j = 0; j < s->columns; j++) {
            int panel = i * s->columns + j, x = MARGIN + j * (l->width + MARGIN),
                y = MARGIN + i * (l->height + MARGIN);
            int left = x + (l->width - l->panel.width) / 2;
            const struct view view = sheet_view_of(s, panel);
            sheet_draw_samples(s, &l->panel, view, range, o, left, y);
            draw_outlines(s, &l->panel, view, o, left, y);
            write_caption(s->captions[panel], l->width, o, x, y + l->panel.height + 6);
        }
    }
    sheet_draw_legend(s, o, MARGIN + s->rows * (l->height + MARGIN));
}

static att_status write_upright(const struct sheet *s, const char *path, struct err *e)
{
    struct layout l = sheet_lay_out(s);
    struct picture o;
    TRY(picture_create(MARGIN + s->columns * (l.width + MARGIN),
        MARGIN + s->rows * (l.height + MARGIN) + LEGEND, slice_back, &o, e));
    float *room;
    att_status status = MEM_ARRAY(room, SAMPLES + 1, "a picture", e);
    if (status == ATT_OK) {
        sheet_draw(s, &l, room, &o);
        status = png_write_rgb(path, o.width, o.height, o.rgb, e);
    }
    mem_free(room);
    picture_free(&o);
    return status;
}

att_status sheet_write(const struct sheet *s, const char *path, struct err *e)
{
    struct sheet upright;
    float *samples;
    uint8_t *classes;
    att_status status = turn_upright(s, &upright, &samples, &classes, e);
    if (status == ATT_OK) status = write_upright(&upright, path, e);
    mem_free(samples);
    mem_free(classes);
    return status;
}
