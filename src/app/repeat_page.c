/* SPDX-License-Identifier: Apache-2.0 */
/* OUT/report.html of settings compared: tables of all classes together and of each. */
#include <stdio.h>

#include "app/run_pages.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "measure/stats.h"
#include "report/html.h"
#include "tune/journal.h"
#include "tune/run_settings.h"
#include "tune/tuning.h"

static void write_p(struct html *h, double p)
{
    if (p < .0001)
        html_cell(h, "%.1e", p);
    else
        html_number(h, p, 4);
}

static void write_arms(struct html *h, const char *caption, const json_t *comparison)
{
    const json_t *groups = json_object_get(comparison, "groups");
    const double units = json_number(comparison, groups ? "groups" : "cases");
    size_t i;
    json_t *arm;
    html_table(h, caption,
        (const char *const[]){"settings", "#Dice", "#seed spread", "#difference", "#from", "#to",
            "#p", "#p (Holm)", NULL});
    json_array_foreach(json_object_get(comparison, "arms"), i, arm)
    {
        static const char *const keys[] = {"mean", "spread", "difference", "low", "high"};
        html_row(h, json_str(arm, "arm"));
        for (int k = 0; k < 5; k++) html_number(h, json_number(arm, keys[k]), 4);
        write_p(h, json_number(arm, "p"));
        write_p(h, json_number(arm, "p_holm"));
    }
    html_table_end(h);
    if (units < STATS_FEW)
        html_paragraph(h, "note",
            "With %.0f %s, fewer than %d, intervals are too narrow; read them with caution.", units,
            groups ? "groups" : "cases", STATS_FEW);
    if (units < json_number(comparison, "fewest"))
        html_paragraph(h, "note",
            "With fewer than %.0f %s, no difference can reach p (Holm) < 0.05.",
            json_number(comparison, "fewest"), groups ? "groups" : "cases");
}

/* List settings left out because a run failed; if they were first, another arm is the reference. */
static void write_failed_runs(struct html *h, const struct tuning *t)
{
    const int n = t->trials / t->repeat;
    for (int k = 0; k < t->trials; k++) {
        char settings[800];
        if (!t->search.trial[k].failed) continue;
        settings_describe(&t->settings.space, t->search.trial[k].x, settings, sizeof settings);
        html_paragraph(h, "note", "Left out: %s, since its run %d of %d failed: %.300s.", settings,
            k / n + 1, t->repeat, journal_why(t->lines, k));
    }
}

att_status repeat_page(const struct tuning *t, const json_t *result, struct err *e)
{
    struct html *h;
    const char *class;
    json_t *one;
    char *path = file_join(t->out, "report.html"), caption[128];
    const char *unit = json_object_get(json_object_get(result, "all"), "groups")
        ? "the groups that the data set names"
        : "cases";
    att_status status =
        path ? html_create(path, "Settings compared", file_base(t->dataset), &h, e) : err_path(e);
    mem_free(path);
    TRY(status);
    html_section(h, "all", "Mean over classes");
    write_arms(h, "Each against the first of the table, over the cases that validate",
        json_object_get(result, "all"));
    write_failed_runs(h, t);
    html_paragraph(h, "note",
        "%d run%s of each, of equal length. The difference is the mean over cases, with the 95 "
        "%% interval of bootstrap resamples of %s; p is of Wilcoxon's signed-rank test over %s, "
        "corrected for the number of comparisons by Holm.",
        t->repeat, TEXT_S(t->repeat), unit, unit);
    html_section_end(h);
    html_section(h, "classes", "Which classes gain");
    json_object_foreach(json_object_get(result, "classes"), class, one)
    {
        snprintf(caption, sizeof caption, "Class %.100s", class);
        write_arms(h, caption, one);
    }
    html_section_end(h);
    return html_commit(h, e);
}
