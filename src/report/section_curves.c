/* SPDX-License-Identifier: Apache-2.0 */
/* Section: loss, Dice and learning rate over the steps, from RUN/log.jsonl. */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "report/page_parts.h"

enum { CURVES_MAX = 12 };

struct curves {
    struct svg_curve list[CURVES_MAX];
    double *data[CURVES_MAX];
    int count;
};

/* Adds a curve with the numbers under a key of every row, or of its member `in`, or of that one's
 * member `of`, unless there are none. */
static void section_curves_add(struct page *p, struct curves *c, const json_t *rows,
    const char *name, const char *color, bool dots, const char *in, const char *of, const char *key)
{
    size_t n = json_array_size(rows);
    bool any = false;
    if (c->count == CURVES_MAX || !n) return;
    double *x = mem_array(2 * n, sizeof *x), *y = x ? x + n : NULL;
    if (!x) {
        page_no_memory(p, 2 * n * sizeof *x);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        x[i] = json_number(row, "step");
        if (in) row = json_object_get(row, in);
        if (in && of) row = json_object_get(row, of);
        y[i] = json_number(row, key);
        any = any || isfinite(y[i]);
    }
    if (!any) {
        mem_free(x);
        return;
    }
    c->data[c->count] = x;
    c->list[c->count++] = (struct svg_curve){name, x, y, (int)n, color, dots};
}

static void section_curves_draw(
    struct page *p, struct curves *c, const char *title, const char *about, struct svg_axis y)
{
    if (c->count)
        svg_curves(p->h, title, about, (struct svg_axis){"step", 1, 0}, y, c->list, c->count);
    for (int i = 0; i < c->count; i++) mem_free(c->data[i]);
    *c = (struct curves){.count = 0};
}

static void draw_column(struct page *p, const char *key, const char *title, const char *about)
{
    struct curves c = {.count = 0};
    for (int k = 0; k < p->parts; k++)
        section_curves_add(p, &c, p->part[k].rows, p->part[k].name,
            p->parts == 1 ? "ki" : html_class_color(k), false, NULL, NULL, key);
    section_curves_draw(p, &c, title, about, (struct svg_axis){NULL, 1, 0});
}

static void section_curves_draw_dice(struct page *p)
{
    struct curves c = {.count = 0};
    const struct svg_axis y = {NULL, 0, 1};
    const char *name, *about = "Dice on whole validation cases, at every validation.";
    json_t *value;
    int k = 0;
    if (p->parts != 1) {
        for (int i = 0; i < p->parts; i++)
            section_curves_add(p, &c, p->part[i].rows, p->part[i].name, html_class_color(i), true,
                "validation", NULL, "mean");
        section_curves_draw(p, &c, "Mean Dice of every fold", about, y);
        return;
    }
    const json_t *rows = p->part[0].rows, *classes = NULL;
    for (size_t i = 0; i < json_array_size(rows) && !classes; i++)
        classes =
            json_object_get(json_object_get(json_array_get(rows, i), "validation"), "classes");
    if (json_object_size(classes) > 1)
        section_curves_add(p, &c, rows, "mean", "ki", true, "validation", NULL, "mean");
    json_each(classes, name, value)
    {
        section_curves_add(
            p, &c, rows, name, html_class_color(k++), true, "validation", "classes", name);
    }
    section_curves_draw(p, &c, "Dice in validation", about, y);
    if (k + 1 > CURVES_MAX)
        html_paragraph(
            p->h, "note", "The chart shows the first %d of %d classes.", CURVES_MAX - 1, k);
}

static bool section_curves_has(const struct page *p, const char *key)
{
    for (int k = 0; k < p->parts; k++)
        for (size_t i = 0; i < json_array_size(p->part[k].rows); i++)
            if (json_is_number(json_object_get(json_array_get(p->part[k].rows, i), key)))
                return true;
    return false;
}

bool page_has_curves(const struct page *p) { return section_curves_has(p, "step"); }

void section_curves(struct page *p)
{
    if (!page_has_curves(p)) return;
    html_section(p->h, "curves", "Training curves");
    html_charts(p->h);
    draw_column(p, "loss", "Loss", "Loss on training patches, mean since the previous row.");
    draw_column(p, "reward", "Reward of the policy", "Mean reward of the sampled choices.");
    section_curves_draw_dice(p);
    draw_column(p, "learning_rate", "Learning rate", "The learning rate of the step.");
    html_charts_end(p->h);
    if (p->parts > CURVES_MAX)
        html_paragraph(
            p->h, "note", "The charts show the first %d of %d folds.", CURVES_MAX, p->parts);
    html_section_end(p->h);
}
