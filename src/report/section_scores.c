/* SPDX-License-Identifier: Apache-2.0 */
/* Sections: scores of masks by class and by case. */
#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/number.h"
#include "measure/stats.h"
#include "report/page_parts.h"

enum { STRIPS_MAX = 24, ROWS_MAX = 5000 };

static const struct {
    int m;
    const char *name;
    bool length;
} shown[] = {{MEASURE_DICE, "Dice", false}, {MEASURE_HD95, "HD95", true},
    {MEASURE_ASSD, "ASSD", true}, {MEASURE_NSD, "surface Dice", false}};
enum { SHOWN = sizeof shown / sizeof *shown };

static int digits(const struct page *p, int i) { return shown[i].length ? p->length_digits : 3; }

static bool measured(const struct page *p, int i)
{
    return p->v->options.measures >> shown[i].m & 1;
}

/* False for lengths in different units: they have no mean over cases. */
static bool has_mean(const struct page *p, int i)
{
    return shown[i].m < MEASURE_HD95 || !page_lengths_differ(p);
}

/* Reports a lack of memory as the page's failure. */
static bool section_scores_take(struct page *p, int target, int m, double **x, struct spread *s)
{
    struct err e = {0};
    *x = page_values(p, target, m);
    if (!*x)
        err_memory(&e, (size_t)p->cases * sizeof **x, "the numbers of the cases");
    else if (spread_of(*x, p->group, p->cases, s, &e) == ATT_OK)
        return true;
    html_fail(p->h, &e);
    return false;
}

/* Lowers *fewest to the interval's number of units. */
static void section_scores_class_row(struct page *p, int k, int *fewest)
{
    char text[SPREAD_TEXT];
    html_row(p->h, page_target(p, k));
    for (int i = 0; i < SHOWN; i++) {
        struct spread s;
        double *x;
        if (!measured(p, i)) continue;
        if (!has_mean(p, i)) {
            html_cell(p->h, "–");
            continue;
        }
        if (section_scores_take(p, k, shown[i].m, &x, &s)) {
            *fewest = s.units && s.units < *fewest ? s.units : *fewest;
            if (i == 0) html_cell(p->h, "%d", s.count);
            html_cell(p->h, "%s", spread_text(&s, digits(p, i), text));
            if (i == 0) html_number(p->h, s.median, digits(p, i));
            if (i == 0) html_number(p->h, s.min, digits(p, i));
        }
        mem_free(x);
    }
}

/* The smallest number of cases, or groups, of an interval. */
static int class_table(struct page *p)
{
    int fewest = p->cases;
    char heading[SHOWN][64];
    const char *columns[SHOWN + 5] = {"class"};
    int n = 1;
    for (int i = 0; i < SHOWN; i++) {
        if (!measured(p, i)) continue;
        if (i == 0) columns[n++] = "#cases";
        snprintf(heading[i], sizeof heading[i], shown[i].length ? "#%s in %s" : "#%s",
            shown[i].name, page_length(p));
        columns[n++] = heading[i];
        if (i == 0) columns[n++] = "#median";
        if (i == 0) columns[n++] = "#worst";
    }
    html_table_list(p->h, "Means over cases, with 95 % intervals", columns, n);
    for (int k = 0; k < p->targets; k++) section_scores_class_row(p, k, &fewest);
    html_table_end(p->h);
    return fewest;
}

struct strips {
    struct svg_strip row[STRIPS_MAX];
    double *value[STRIPS_MAX];
    char **about[STRIPS_MAX];
};

static void name_dots(struct page *p, struct strips *s, int k, int places)
{
    s->about[k] = mem_array((size_t)p->cases, sizeof *s->about[k]);
    for (int i = 0; s->about[k] && i < p->cases; i++) {
        char value[32];
        number_write(value, sizeof value, "%.*f", places, s->value[k][i]);
        s->about[k][i] = mem_text("%s: %s", p->v->pairs.pair[i].id, value);
    }
    bool all = s->about[k] != NULL;
    for (int i = 0; all && i < p->cases; i++) all = s->about[k][i] != NULL;
    s->row[k].about = all ? (const char *const *)s->about[k] : NULL;
    if (!all) page_no_memory(p, (size_t)p->cases * sizeof *s->about[k]);
}

static void draw_strips(struct page *p, int i)
{
    struct strips *s = mem_alloc(sizeof *s);
    char title[96], axis[64];
    int count = p->targets < STRIPS_MAX ? p->targets : STRIPS_MAX;
    bool good = s != NULL;
    if (!good) page_no_memory(p, sizeof *s);
    for (int k = 0; good && k < count; k++) {
        struct spread spread = {0};
        good = section_scores_take(p, k, shown[i].m, &s->value[k], &spread);
        s->row[k] = (struct svg_strip){.name = page_target(p, k),
            .color = html_class_color(k),
            .value = s->value[k],
            .n = p->cases,
            .mean = spread.mean,
            .low = spread.low,
            .high = spread.high};
        if (good) name_dots(p, s, k, digits(p, i));
    }
    snprintf(title, sizeof title, "%s of every case", shown[i].name);
    snprintf(axis, sizeof axis, shown[i].length ? "%s in %s, smaller is better" : "%s",
        shown[i].name, page_length(p));
    struct svg_axis x = {axis, 0, 1};
    if (shown[i].length) {
        x.high = 0; /* distances start at 0 */
        for (int k = 0; good && k < count; k++) svg_fit(&x, s->value[k], p->cases);
        svg_add_margin(&x);
    }
    if (good)
        svg_strips(p->h, title,
            "A row per class, a dot per case; above 400 cases only some, with the best and worst. "
            "The line is the mean, the band its 95 % interval.",
            x, s->row, count);
    for (int k = 0; s && k < count; k++) {
        for (int c = 0; s->about[k] && c < p->cases; c++) mem_free(s->about[k][c]);
        mem_free(s->about[k]);
        mem_free(s->value[k]);
    }
    mem_free(s);
}

void section_scores(struct page *p)
{
    if (!p->v) return;
    html_section(p->h, "scores", "Scores");
    const int fewest = class_table(p);
    const char *unit = p->group ? "groups of the data set" : "cases";
    html_charts(p->h);
    for (int i = 0; i < 2; i++)
        if (measured(p, i) && has_mean(p, i)) draw_strips(p, i);
    html_charts_end(p->h);
    html_paragraph(p->h, "note",
        "Dots are cases, lines are means, bands are 95 %% intervals of the mean (percentiles of "
        "2000 bootstrap resamples of the %s). A class in neither mask does not count; if only one "
        "mask has it, Dice is 0 and there is no distance. HD95 and ASSD are distances between "
        "surfaces; surface Dice is the share of both surfaces that is at most %g %s from the "
        "other.",
        unit, p->v->options.tolerance, page_length(p));
    if (page_lengths_differ(p))
        html_paragraph(p->h, "note",
            "Some cases have distances in voxels and others not, so there is no mean.");
    if (fewest < STATS_FEW)
        html_paragraph(p->h, "note",
            "Intervals from fewer than %d %s are too narrow; do not rely on them.", STATS_FEW,
            unit);
    if (p->targets > STRIPS_MAX)
        html_paragraph(
            p->h, "note", "The charts show the first %d of %d classes.", STRIPS_MAX, p->targets);
    html_section_end(p->h);
}

/* unit: if cases differ, else NULL. */
static void volume_cell(struct page *p, double volume, const char *unit)
{
    char text[VOLUME_TEXT];
    if (page_metric(p))
        html_cell(p->h, "%.3f", volume);
    else
        html_cell(
            p->h, "%s%s%s", page_volume_text(volume, 4, text), unit ? " " : "", unit ? unit : "");
}

static void case_rows(struct page *p, int i)
{
    const struct tally *t = &p->v->tally[i];
    const bool differ = page_units_differ(p), lengths = page_lengths_differ(p);
    for (int k = 0; k < p->targets; k++) {
        double found = page_volume(p, evaluation_number(p->v, i, k, MEASURE_VOLUME_PREDICTED)),
               truth = page_volume(p, evaluation_number(p->v, i, k, MEASURE_VOLUME_TRUE));
        html_row(p->h, p->v->pairs.pair[i].id);
        html_cell(p->h, "%s", page_target(p, k));
        for (int n = 0; n < SHOWN; n++) {
            const double x =
                measured(p, n) ? evaluation_number(p->v, i, k, shown[n].m) : (double)NAN;
            if (lengths && shown[n].length && isfinite(x))
                html_cell(p->h, "%.*f %s", digits(p, n), x, t->length);
            else if (measured(p, n))
                html_number(p->h, x, digits(p, n));
        }
        volume_cell(p, found, differ ? t->unit : NULL);
        volume_cell(p, truth, differ ? t->unit : NULL);
    }
}

static void section_scores_mean_row(struct page *p, int i, const double *dice)
{
    html_row(p->h, p->v->pairs.pair[i].id);
    html_number(p->h, dice[i], 3);
}

void section_cases(struct page *p, const double *dice)
{
    char heading[SHOWN + 2][64];
    const char *columns[SHOWN + 4] = {"case", "class"};
    int n = 2;
    if (!p->v) return;
    bool all = (int64_t)p->cases * p->targets <= ROWS_MAX;
    for (int i = 0; i < SHOWN; i++) {
        if (!measured(p, i)) continue;
        snprintf(heading[i], sizeof heading[i], shown[i].length ? "#%s in %s" : "#%s",
            shown[i].name, page_length(p));
        columns[n++] = heading[i];
    }
    snprintf(heading[SHOWN], sizeof heading[SHOWN], "#%s predicted", page_volume_unit(p));
    snprintf(heading[SHOWN + 1], sizeof heading[SHOWN + 1], "#%s true", page_volume_unit(p));
    columns[n++] = heading[SHOWN];
    columns[n++] = heading[SHOWN + 1];
    html_section(p->h, "cases", "Every case");
    if (!all)
        html_paragraph(p->h, "note",
            "%d cases of %d classes are too many rows, so these are means over classes; attunet "
            "evaluate lists all.",
            p->cases, p->targets);
    html_details(p->h, "Show the table");
    if (all)
        html_table_list(p->h, "Every case and class", columns, n);
    else
        html_table(p->h, "Every case", (const char *const[]){"case", "#mean Dice", NULL});
    for (int i = 0; i < p->cases; i++)
        if (all)
            case_rows(p, i);
        else
            section_scores_mean_row(p, i, dice);
    html_table_end(p->h);
    html_details_end(p->h);
    html_section_end(p->h);
}
