/* SPDX-License-Identifier: Apache-2.0 */
#include "report/exhibit_draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "draw/shade.h"
#include "report/view.h"

enum { SIDE_MIN = 192, SIDE_MAX = 256 };

/* Voxels of the slice that differ, or are foreground. */
static size_t exhibit_draw_count(const struct scene *s, size_t first, size_t area, bool errors)
{
    size_t count = 0;
    for (size_t i = first; i < first + area; i++) {
        int truth = s->truth[i], found = s->found[i];
        if (truth == LABELLING_IGNORE) continue;
        count += errors ? truth != found : truth != 0;
    }
    return count;
}

static int exhibit_draw_choose_slice(const struct scene *s, bool *errors)
{
    size_t area = (size_t)s->size[1] * (size_t)s->size[2], max = 0;
    int best = s->size[0] / 2;
    for (int pass = 0; pass < 2 && !max;
         pass++, *errors = !*errors) /* without either, the middle */
        for (int d = 0; d < s->size[0]; d++) {
            size_t weight = exhibit_draw_count(s, (size_t)d * area, area, *errors);
            if (weight <= max) continue;
            max = weight;
            best = d;
        }
    *errors = !*errors;
    return best;
}

/* ---- panels */

/* A new panel with the image, darkened by `dark`. NULL: no memory, with *e set. */
__attribute__((format(printf, 5, 6))) static struct picture *new_panel(
    const struct view *v, struct exhibit *x, double dark, struct err *e, const char *format, ...)
{
    struct picture *p = &x->panel[x->panels];
    va_list args;
    if (picture_create(v->slice.width, v->slice.height, slice_back, p, e) != ATT_OK) return NULL;
    va_start(args, format);
    vsnprintf(x->caption[x->panels++], EXHIBIT_TEXT, format, args);
    va_end(args);
    if (v->base) shade_draw_image(&v->slice, v->base, p, 0, 0);
    for (int i = 0; dark > 0 && i < p->height; i++)
        for (int j = 0; j < p->width; j++) picture_dot(p, j, i, slice_back, dark);
    return p;
}

/* Fills classes with their colours, or only outlines them in one. */
static void draw_classes(
    const struct view *v, const uint8_t *classes, const struct color *outline, struct picture *p)
{
    const int factor = v->slice.factor;
    for (int i = 0; i < p->height; i++)
        for (int left = 0; left < p->width; left += factor) { /* the pixels of a voxel */
            int class = slice_class(&v->slice, classes, i, left);
            if (class == 0 || class == LABELLING_IGNORE) continue;
            for (int j = left; j < left + factor; j++) {
                const bool edge = slice_contour(&v->slice, classes, i, j, 1);
                if (!outline)
                    picture_dot(p, j, i, color_of_class(class - 1), edge ? 1 : .45);
                else if (edge)
                    picture_dot(p, j, i, *outline, .9);
            }
        }
}

/* Colours of html_style.c's kt, kx, ky and kz. */
static void draw_error(const struct view *v, struct picture *p)
{
    static const struct color right = {53, 196, 106}, missed = {255, 140, 26},
                              surplus = {74, 163, 255}, other = {242, 226, 75};
    const int factor = v->slice.factor;
    for (int i = 0; i < p->height; i++)
        for (int left = 0; left < p->width; left += factor) {
            int truth = slice_class(&v->slice, v->truth, i, left),
                found = slice_class(&v->slice, v->classes, i, left);
            if (truth == LABELLING_IGNORE || (!truth && !found)) continue;
            struct color c = truth == found ? right : !found ? missed : !truth ? surplus : other;
            for (int j = left; j < left + factor; j++)
                picture_dot(p, j, i, c, truth == found ? .3 : .9);
        }
}

static att_status draw_maps(const struct view *v, struct exhibit *x, struct err *e)
{
    static const struct color cyan = {0, 230, 255}; /* not a colour of the map or its lines */
    for (int g = 0; g < v->from->nmaps && x->panels < EXHIBIT_PANELS; g++) {
        struct picture *p =
            new_panel(v, x, 0, e, "map of %s, the truth in cyan", v->from->maps[g].name);
        if (!p) return ATT_MEMORY;
        shade_draw_map(&v->slice, v->base, view_map(v, g), p, 0, 0);
        draw_classes(v, v->truth, &cyan, p);
    }
    return ATT_OK;
}

static att_status exhibit_draw_draw(const struct view *v, struct exhibit *x, struct err *e)
{
    struct picture *p;
    view_classes(v, v->truth, x->seen);
    view_classes(v, v->classes, x->seen);
    if (v->base && !new_panel(v, x, 0, e, "image")) return ATT_MEMORY;
    if (!(p = new_panel(v, x, 0, e, "truth"))) return ATT_MEMORY;
    draw_classes(v, v->truth, NULL, p);
    if (!(p = new_panel(v, x, 0, e, "prediction"))) return ATT_MEMORY;
    draw_classes(v, v->classes, NULL, p);
    if (!(p = new_panel(v, x, .35, e, "error"))) return ATT_MEMORY;
    draw_error(v, p);
    return v->base ? draw_maps(v, x, e) : ATT_OK;
}

static struct plane exhibit_draw_plane_at(const struct image *m, int d)
{
    struct plane plane[PLANES];
    int count = planes_lay_out(m, (const int[3]){d, 0, 0}, SIDE_MAX, plane), found = 0;
    for (int i = 0; i < count; i++)
        if (plane[i].across == IMAGE_D) found = i;
    return plane[found];
}

att_status exhibit_draw(const struct scene *s, bool errors, struct exhibit *x, struct err *e)
{
    struct image m = s->image;
    struct view v;
    memcpy(m.size, s->size, sizeof m.size); /* also without an image */
    const struct view_source from = {
        &m, s->found, s->truth, m.data ? s->result.maps : NULL, m.data ? s->result.nmaps : 0};
    const int d = exhibit_draw_choose_slice(s, &errors);
    const struct plane plane = exhibit_draw_plane_at(&m, d);
    const struct slice l = slice_lay_out(plane.v.pixels, plane.u.pixels, SIDE_MIN, SIDE_MAX);
    if (s->size[0] > 1)
        snprintf(x->where, sizeof x->where, "%s, slice %d of %d, %s", plane.name, d + 1, s->size[0],
            errors ? "with the most errors" : "with the most true foreground");
    else
        snprintf(x->where, sizeof x->where, "%d x %d pixels", s->size[1], s->size[2]);
    att_status status = view_begin(&v, &from, &plane, l.step, l.factor, e);
    if (status == ATT_OK) status = exhibit_draw_draw(&v, x, e);
    view_end(&v);
    for (int i = 0; status != ATT_OK && i < x->panels; i++) picture_free(&x->panel[i]);
    if (status != ATT_OK) x->panels = 0;
    return status;
}
