/* SPDX-License-Identifier: Apache-2.0 */
/* Section: agreement of volumes with the truth (Bland and Altman, Lancet 1986). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "measure/stats.h"
#include "report/page_parts.h"

enum { DRAWN_MAX = 6 };
static const double LIMIT = 1.96; /* standard deviations around 95 % of a normal distribution */

/* Volumes of one class, in the displayed unit, for cases with it in either mask. */
struct agreement {
    double *found, *truth, *mean, *difference; /* [n] */
    int *index;                                /* of the case */
    int n;
    double bias, deviation, low, high; /* low, high: the limits of agreement */
};

static bool agreement_take(struct page *p, int target, struct agreement *a)
{
    size_t n = (size_t)p->cases + 1;
    *a = (struct agreement){
        .found = mem_array(4 * n, sizeof *a->found), .index = mem_array(n, sizeof *a->index)};
    if (!a->found || !a->index) {
        page_no_memory(p, 4 * n * sizeof *a->found);
        return false;
    }
    a->truth = a->found + n;
    a->mean = a->truth + n;
    a->difference = a->mean + n;
    for (int i = 0; i < p->cases; i++) {
        double found = page_volume(p, evaluation_number(p->v, i, target, MEASURE_VOLUME_PREDICTED)),
               truth = page_volume(p, evaluation_number(p->v, i, target, MEASURE_VOLUME_TRUE));
        if (!(found > 0) && !(truth > 0)) continue;
        a->found[a->n] = found;
        a->truth[a->n] = truth;
        a->mean[a->n] = (found + truth) / 2;
        a->difference[a->n] = found - truth;
        a->index[a->n++] = i;
    }
    a->bias = a->n ? stats_mean(a->difference, a->n) : (double)NAN;
    a->deviation = stats_deviation(a->difference, a->n);
    a->low = a->bias - LIMIT * a->deviation;
    a->high = a->bias + LIMIT * a->deviation;
    return true;
}

static void agreement_free(struct agreement *a)
{
    mem_free(a->found);
    mem_free(a->index);
}

static void dots(struct page *p, struct svg *s, const struct agreement *a, const double *x,
    const double *y, const char *color)
{
    for (int i = 0; i < a->n; i++) {
        char found[VOLUME_TEXT], truth[VOLUME_TEXT];
        char *about = mem_text("%s: %s predicted, %s true", p->v->pairs.pair[a->index[i]].id,
            page_volume_text(a->found[i], 4, found), page_volume_text(a->truth[i], 4, truth));
        if (!about) page_no_memory(p, 64);
        svg_dot(s, svg_x(s, x[i]), svg_y(s, y[i]), 3.5, color, about);
        mem_free(about);
    }
}

static void section_volumes_scatter(struct page *p, const struct agreement *a, int k)
{
    char title[160], x_name[64], caption[96];
    struct svg_axis x = {x_name, 1, 0}, y;
    struct svg s;
    snprintf(title, sizeof title, "%s: predicted against true", page_target(p, k));
    snprintf(x_name, sizeof x_name, "true %s in %s", page_size_word(p), page_volume_unit(p));
    snprintf(caption, sizeof caption, "Predicted over true %s, in %s. Dashed: equal.",
        page_size_word(p), page_volume_unit(p));
    svg_fit(&x, a->truth, a->n);
    svg_fit(&x, a->found, a->n);
    svg_add_margin(&x);
    y = x;
    y.name = NULL;
    svg_begin(&s, p->h, title, "A dot per case; on the dashed line both are equal.", &x, &y);
    svg_line(&s, fmax(x.low, y.low), fmax(x.low, y.low), x.high, x.high, "h", "ki");
    dots(p, &s, a, a->truth, a->found, html_class_color(k));
    svg_end(&s);
    html_put(p->h, "<figcaption>");
    html_text(p->h, caption);
    html_put(p->h, "</figcaption></figure>\n");
}

static void bland_altman(struct page *p, const struct agreement *a, int k)
{
    char title[160], x_name[64];
    const double lines[] = {a->bias, a->low, a->high, 0};
    struct svg_axis x = {x_name, 1, 0}, y = {NULL, 1, 0};
    struct svg s;
    snprintf(title, sizeof title, "%s: difference against mean", page_target(p, k));
    snprintf(
        x_name, sizeof x_name, "mean of both %ss in %s", page_size_word(p), page_volume_unit(p));
    svg_fit(&x, a->mean, a->n);
    svg_add_margin(&x);
    svg_fit(&y, a->difference, a->n);
    svg_fit(&y, lines, 4);
    svg_add_margin(&y);
    svg_begin(&s, p->h, title,
        "Bland-Altman: predicted minus true over the mean of both; a dot per case.", &x, &y);
    svg_line(&s, x.low, 0, x.high, 0, "a", NULL);
    if (isfinite(a->bias)) svg_line(&s, x.low, a->bias, x.high, a->bias, "h", html_class_color(k));
    if (isfinite(a->low)) svg_line(&s, x.low, a->low, x.high, a->low, "h", "ki");
    if (isfinite(a->high)) svg_line(&s, x.low, a->high, x.high, a->high, "h", "ki");
    dots(p, &s, a, a->mean, a->difference, html_class_color(k));
    svg_end(&s);
    html_put(p->h, "<figcaption>");
    html_format(p->h, "Predicted minus true, in %s.", page_volume_unit(p));
    char bias[VOLUME_TEXT], low[VOLUME_TEXT], high[VOLUME_TEXT];
    if (isfinite(a->low) && isfinite(a->high))
        html_format(p->h, " Dashed: bias %s, limits of agreement %s and %s.",
            page_volume_text(a->bias, 3, bias), page_volume_text(a->low, 3, low),
            page_volume_text(a->high, 3, high));
    html_put(p->h, "</figcaption></figure>\n");
}

static void section_volumes_class_row(struct page *p, const struct agreement *a, int k)
{
    double truth = a->n ? stats_mean(a->truth, a->n) : (double)NAN;
    char text[VOLUME_TEXT], high[VOLUME_TEXT];
    html_row(p->h, page_target(p, k));
    html_cell(p->h, "%d", a->n);
    for (int i = 0; i < 4; i++) {
        if (i == 0 && a->n > 0)
            html_cell(p->h, "%s", page_volume_text(truth, 4, text));
        else if (i == 1 && a->n > 0)
            html_cell(p->h, "%s%s", a->bias > 0 ? "+" : "", page_volume_text(a->bias, 3, text));
        else if (i == 2 && truth > 0)
            html_cell(p->h, "%+.1f %%", 100 * a->bias / truth);
        else if (i == 3 && isfinite(a->low))
            html_cell(p->h, "%s to %s", page_volume_text(a->low, 3, text),
                page_volume_text(a->high, 3, high));
        else
            html_cell(p->h, "–");
    }
}

void section_volumes(struct page *p)
{
    char truth[64], bias[64], limits[96], caption[96];
    if (!p->v) return;
    const char *unit = page_volume_unit(p);
    int drawn = p->targets < DRAWN_MAX ? p->targets : DRAWN_MAX;
    snprintf(truth, sizeof truth, "#mean true %s", unit);
    snprintf(bias, sizeof bias, "#bias in %s", unit);
    snprintf(limits, sizeof limits, "#limits of agreement in %s", unit);
    snprintf(caption, sizeof caption, "Predicted minus true %s", page_size_word(p));
    html_section(p->h, "volumes",
        strcmp(page_size_word(p), "area") ? "Volumes against the truth"
                                          : "Areas against the truth");
    if (page_units_differ(p)) {
        html_paragraph(p->h, "note",
            "Cases have sizes in different units, so there is no mean; the last table lists every "
            "case.");
        html_section_end(p->h);
        return;
    }
    html_table(p->h, caption,
        (const char *const[]){"class", "#cases", truth, bias, "#of the mean", limits, NULL});
    for (int k = 0; k < p->targets; k++) {
        struct agreement a;
        if (agreement_take(p, k, &a)) section_volumes_class_row(p, &a, k);
        agreement_free(&a);
    }
    html_table_end(p->h);
    html_charts(p->h);
    for (int k = 0; k < drawn; k++) {
        struct agreement a;
        if (agreement_take(p, k, &a)) {
            section_volumes_scatter(p, &a, k);
            bland_altman(p, &a, k);
        }
        agreement_free(&a);
    }
    html_charts_end(p->h);
    html_paragraph(p->h, "note",
        "Cases with the class in neither mask do not count. Limits of agreement are the mean "
        "difference plus and minus 1.96 standard deviations: 95 %% of normally distributed "
        "differences are between them (Bland and Altman, 1986).%s",
        drawn < p->targets ? " The charts show the first six classes." : "");
    html_section_end(p->h);
}
