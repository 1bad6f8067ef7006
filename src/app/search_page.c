/* SPDX-License-Identifier: Apache-2.0 */
/* OUT/report.html of a search: the score, trials, parallel coordinates, importance, Dice over
 * time. */
#include "app/run_pages.h"

#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "files/file.h"
#include "report/html.h"
#include "report/svg.h"
#include "tune/run_settings.h"
#include "tune/tuning.h"

enum { TRIALS_SHOWN = 200, LINES_SHOWN = 300, AXES = 16 };

static void write_score(struct html *h, const struct tuning *t, const json_t *r)
{
    char text[64], more[128], settings[800];
    int best = (int)json_int(r, "trial");
    html_facts(h);
    number_write(text, sizeof text, "%.4f", json_number(r, "dice"));
    snprintf(more, sizeof more, "on %d case%s that no trial saw", t->cases[1], TEXT_S(t->cases[1]));
    html_fact(h, "Dice of the best settings", text, more);
    number_write(text, sizeof text, "%.4f", json_number(r, "inner_dice"));
    snprintf(more, sizeof more, "on %d case%s; the best of many, so too good", t->cases[3],
        TEXT_S(t->cases[3]));
    html_fact(h, "its trial", text, more);
    snprintf(text, sizeof text, "%d", t->search.count);
    html_fact(h, "trials", text, NULL);
    number_write(text, sizeof text, "%.1f min", json_number(r, "seconds") / 60);
    html_fact(h, "time", text, NULL);
    html_facts_end(h);
    settings_describe(&t->settings.space, t->search.trial[best].x, settings, sizeof settings);
    html_section(h, "best", "The best settings");
    html_paragraph(h, "lead", "%s", settings);
    html_paragraph(h, "note",
        "Trials trained on %d case%s and were compared on %d other%s. The settings of the best "
        "trial then trained on all %d of them, from the start, and the result was measured "
        "once, on the remaining %d.",
        t->cases[2], TEXT_S(t->cases[2]), t->cases[3], TEXT_S(t->cases[3]), t->cases[0],
        t->cases[1]);
    html_section_end(h);
}

static double search_page_place(const struct space *s, int k, double x)
{
    return isnan(x) ? (double)NAN : dimension_unit(&s->dim[k], x);
}

static void axis_ends(struct svg *s, const struct dimension *d, double x, double top, double bottom)
{
    char low[32], high[32];
    if (d->kind == DIMENSION_CHOICE) {
        for (int i = 0; i < d->choices; i++)
            svg_label(s, x, bottom - (i + .5) / d->choices * (bottom - top) + 4, "middle", NULL, 9,
                d->choice[i]);
        return;
    }
    number_write(low, sizeof low, "%.3g", d->lo);
    number_write(high, sizeof high, "%.3g", d->hi);
    svg_label(s, x, bottom + 12, "middle", NULL, 9, low);
    svg_label(s, x, top - 4, "middle", NULL, 9, high);
}

/* A line per trial through its settings, with gaps at inactive ones, to its Dice; the best tenth is
 * emphasised. */
static void write_parallel(struct html *h, const struct tuning *t, const json_t *r)
{
    const struct space *space = &t->settings.space;
    int axes = space->count < AXES ? space->count : AXES, n = (int)json_length(r, "trials");
    double top = 46, bottom = 236, step = 78, left = 44, low = 1, high = 0;
    struct svg s = {.h = h, .height = 286};
    for (int i = 0; i < t->search.count; i++) {
        double v = search_value(&t->search.trial[i]);
        if (!isfinite(v)) continue;
        low = fmin(low, v);
        high = fmax(high, v);
    }
    if (!(high > low)) high = low + 1e-6;
    html_section(h, "coordinates", "Every trial as a line");
    html_put(h,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Parallel "
        "coordinates\"><svg viewBox=\"0 0 %d 286\" style=\"max-width:none;width:%dpx\" "
        "role=\"img\" aria-label=\"Parallel coordinates\"><title>Parallel "
        "coordinates</title><desc>Each trial is a line through its settings; the last axis is "
        "its Dice. The table below holds the same numbers.</desc>",
        (int)(left + axes * step + 60), (int)(left + axes * step + 60));
    for (int i = n < LINES_SHOWN ? n - 1 : LINES_SHOWN - 1; i >= 0; i--) {
        const json_t *trial = json_array_get(json_object_get(r, "trials"), (size_t)i);
        const struct trial *q = &t->search.trial[json_int(trial, "trial")];
        bool good = i < (n + 9) / 10, open = false;
        if (!q->done) continue;
        html_put(h, "<path class=\"l %s\" style=\"stroke-opacity:%s;stroke-width:%s\" d=\"",
            good ? "k0" : "k1", good ? "1" : ".3", good ? "2" : "1");
        for (int k = 0; k <= axes; k++) {
            double u = k < axes ? search_page_place(space, k, q->x[k])
                                : (search_value(q) - low) / (high - low);
            if (!isnan(u))
                html_put(h, "%s%.1f %.1f", open ? "L" : "M", left + k * step,
                    bottom - u * (bottom - top));
            open = !isnan(u);
        }
        html_put(h, "\"/>");
    }
    /* keeps words readable on lines */
    html_put(h, "<g style=\"paint-order:stroke;stroke:var(--paper);stroke-width:3px\">");
    for (int k = 0; k <= axes; k++) {
        double x = left + k * step;
        html_put(h,
            "<line class=\"a\" style=\"stroke-width:1px\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
            "y2=\"%.1f\"/>",
            x, top, x, bottom);
        const struct dimension dice = {.kind = DIMENSION_REAL, .lo = low, .hi = high};
        axis_ends(&s, k < axes ? &space->dim[k] : &dice, x, top, bottom);
        svg_label(
            &s, x, k % 2 ? 278 : 262, "middle", "t", 12, k < axes ? space->dim[k].name : "Dice");
    }
    html_put(h, "</g></svg></div>\n");
    html_paragraph(h, "note", "The best tenth of the trials is drawn thick.%s",
        space->count > AXES ? " Only the first 16 settings are drawn." : "");
    html_section_end(h);
}

static void write_importance(struct html *h, const json_t *r)
{
    size_t i;
    json_t *row;
    html_section(h, "importance", "What mattered");
    html_table(h, "How much of the results at the first rung one setting alone explains",
        (const char *const[]){
            "setting", "#trials", "#explained", "#by chance", "#p (Holm)", "", NULL});
    json_array_foreach(json_object_get(r, "importance"), i, row)
    {
        html_row(h, json_str(row, "setting"));
        html_number(h, json_number(row, "trials"), 0);
        html_number(h, json_number(row, "explained"), 2);
        html_number(h, json_number(row, "chance"), 2);
        html_number(h, json_number(row, "p_holm"), 3);
        bool tested = json_is_number(json_object_get(row, "p_holm"));
        html_cell(h, "%s",
            !tested                                ? "too few trials"
                : json_number(row, "p_holm") < .05 ? "mattered"
                                                   : "not told from chance");
    }
    html_table_end(h);
    html_paragraph(h, "note",
        "A curve through few results explains some of pure noise, too: \"by chance\" is what it "
        "explains of results that were shuffled among the trials. What was proposed is not "
        "spread evenly, so this is of the trials that were made.");
    html_section_end(h);
}

static att_status write_progress(struct html *h, const json_t *r, struct err *e)
{
    const json_t *list = json_object_get(r, "progress");
    size_t n = json_array_size(list);
    double *x;
    TRY(MEM_ARRAY(x, 3 * n + 1, "a chart", e));
    double *best = x + n, *each = best + n;
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(list, i);
        x[i] = json_number_value(json_array_get(row, 0)) / 60;
        each[i] = json_number_value(json_array_get(row, 2));
        best[i] = json_number_value(json_array_get(row, 3));
    }
    const struct svg_curve curves[] = {{"best so far", x, best, (int)n, "k0", false},
        {"each result", x, each, (int)n, "k1", true}};
    html_section(h, "time", "Dice against time spent");
    html_charts(h);
    svg_curves(h, "Dice of trials", "Dice on the cases that trials are compared on, over minutes",
        (struct svg_axis){"minutes", 1, 0}, (struct svg_axis){"Dice", 1, 0}, curves, 2);
    html_charts_end(h);
    html_section_end(h);
    mem_free(x);
    return ATT_OK;
}

static void write_trials(struct html *h, const struct tuning *t, const json_t *r)
{
    const json_t *list = json_object_get(r, "trials");
    int n = (int)json_array_size(list);
    html_section(h, "trials", "All trials");
    html_table(h, "Best first; Dice is that of the last rung that a trial reached",
        (const char *const[]){"trial", "#Dice", "#rungs", "#minutes", "settings", NULL});
    for (int i = 0; i < n && i < TRIALS_SHOWN; i++) {
        const json_t *trial = json_array_get(list, (size_t)i),
                     *why = json_object_get(trial, "failed");
        int index = (int)json_int(trial, "trial");
        char text[800];
        snprintf(text, sizeof text, "%d", index);
        html_row(h, text);
        html_number(h, json_number(trial, "dice"), 4);
        html_number(h, (double)json_length(trial, "rungs"), 0);
        html_number(h, json_number(trial, "seconds") / 60, 1);
        settings_describe(&t->settings.space, t->search.trial[index].x, text, sizeof text);
        html_cell(h, "%s%s%s", text, json_is_string(why) ? "; failed: " : "",
            json_is_string(why) ? json_string_value(why) : "");
    }
    html_table_end(h);
    if (n > TRIALS_SHOWN) html_paragraph(h, "note", "%d more are in trials.csv.", n - TRIALS_SHOWN);
    html_section_end(h);
}

att_status search_page(const struct tuning *t, const json_t *result, struct err *e)
{
    static const char *const links[] = {"best", "Settings", "coordinates", "Every trial as a line",
        "importance", "What mattered", "time", "Over time", "trials", "All trials", NULL};
    struct html *h;
    struct err why = {0};
    char *path = file_join(t->out, "report.html");
    att_status status =
        path ? html_create(path, "Search of settings", file_base(t->dataset), &h, e) : err_path(e);
    mem_free(path);
    TRY(status);
    html_contents(h, links);
    write_score(h, t, result);
    write_parallel(h, t, result);
    write_importance(h, result);
    if (write_progress(h, result, &why) != ATT_OK) html_fail(h, &why);
    write_trials(h, t, result);
    return html_commit(h, e);
}
