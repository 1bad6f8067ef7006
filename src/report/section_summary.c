/* SPDX-License-Identifier: Apache-2.0 */
/* Sections: the main results, and failures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "measure/stats.h"
#include "report/page_parts.h"

static void dice_fact(struct page *p, const double *dice)
{
    struct spread s;
    struct err e = {0};
    char value[32], more[SPREAD_TEXT];
    if (spread_of(dice, p->group, p->cases, &s, &e) != ATT_OK) {
        html_fail(p->h, &e);
        return;
    }
    number_write(value, sizeof value, "%.3f", s.mean);
    number_write(more, sizeof more, "95 %% interval %.3f to %.3f%s", s.low, s.high,
        s.units < STATS_FEW ? p->group ? ", from few groups" : ", from few cases" : "");
    html_fact(p->h, "mean Dice over cases", s.count ? value : "–", isfinite(s.low) ? more : NULL);
}

/* Median of a distance over cases and classes that have one. */
static void distance_fact(struct page *p)
{
    struct spread s;
    struct err e = {0};
    size_t n = (size_t)p->cases * (size_t)p->targets;
    double *all = mem_array(n, sizeof *all);
    char value[32];
    if (!all) {
        page_no_memory(p, n * sizeof *all);
        return;
    }
    for (int i = 0; i < p->cases; i++)
        for (int k = 0; k < p->targets; k++)
            all[i * p->targets + k] = evaluation_number(p->v, i, k, MEASURE_HD95);
    if (spread_of(all, NULL, p->cases * p->targets, &s, &e) != ATT_OK) {
        html_fail(p->h, &e);
    } else if (s.count && !page_lengths_differ(p)) {
        number_write(value, sizeof value, "%.*f %s", p->length_digits, s.median, page_length(p));
        html_fact(p->h, "median HD95", value, "over classes in both masks");
    }
    mem_free(all);
}

static void last_dice_fact(struct page *p)
{
    char value[32], more[64];
    for (int k = 0; k < p->parts; k++)
        for (size_t i = json_array_size(p->part[k].rows); i-- > 0;) {
            const json_t *row = json_array_get(p->part[k].rows, i),
                         *mean = json_object_get(json_object_get(row, "validation"), "mean");
            if (!json_is_number(mean)) continue;
            number_write(value, sizeof value, "%.3f", json_number_value(mean));
            snprintf(more, sizeof more, "the last validation, at step %lld",
                (long long)json_int(row, "step"));
            html_fact(p->h, "mean Dice", value, more);
            return;
        }
}

static void time_fact(struct page *p)
{
    char value[32], more[64];
    double seconds = 0;
    long long steps = 0;
    bool staged = false; /* hard attention */
    for (int k = 0; k < p->parts; k++) {
        const json_t *last = json_array_get(p->part[k].rows, json_array_size(p->part[k].rows) - 1);
        seconds += json_double(last, "seconds");
        steps += json_int(last, "step");
        staged = staged || json_object_get(last, "stage");
    }
    if (steps < 1) return;
    snprintf(more, sizeof more, "%lld step%s%s", steps, TEXT_S(steps),
        staged ? " after those of its two networks" : "");
    html_fact(p->h, "training time", page_seconds(seconds, value), more);
}

void section_summary(struct page *p, const double *dice)
{
    char value[32], text[REASON_TEXT];
    html_facts(p->h);
    if (p->v) {
        int failed = 0;
        for (int i = 0; i < p->cases; i++) failed += page_failure(p, i, text);
        dice_fact(p, dice);
        if (p->v->surface) distance_fact(p);
        snprintf(value, sizeof value, "%d of %d", failed, p->cases);
        html_fact(p->h, "failed cases", value, failed ? "listed below, with the reason" : NULL);
    } else {
        last_dice_fact(p);
    }
    time_fact(p);
    if (p->parameters > 0) {
        number_write(value, sizeof value, p->parameters < 1000000 ? "%.0f k" : "%.2f M",
            (double)p->parameters / (p->parameters < 1000000 ? 1e3 : 1e6));
        html_fact(p->h, "parameters", value, NULL);
    }
    html_facts_end(p->h);
}

enum { FIRST = 12 }; /* more are shown on demand */

static void list_failures(struct page *p, const char *caption, const struct ranked *list, int count)
{
    char text[REASON_TEXT];
    html_table(p->h, caption, (const char *const[]){"case", "#mean Dice", "why", NULL});
    for (int i = 0; i < count; i++) {
        page_failure(p, list[i].index, text);
        html_row(p->h, p->v->pairs.pair[list[i].index].id);
        html_number(p->h, list[i].dice, 3);
        html_cell(p->h, "%s", text);
    }
    html_table_end(p->h);
}

void section_failures(struct page *p, const double *dice)
{
    char text[REASON_TEXT];
    int count = 0;
    if (!p->v) return;
    struct ranked *list = mem_array((size_t)p->cases, sizeof *list);
    if (!list) {
        page_no_memory(p, (size_t)p->cases * sizeof *list);
        return;
    }
    for (int i = 0; i < p->cases; i++)
        if (page_failure(p, i, text)) list[count++] = (struct ranked){dice[i], i};
    qsort(list, (size_t)count, sizeof *list, exhibit_by_dice);
    html_section(p->h, "failures", "Failures");
    if (count) {
        html_paragraph(p->h, "bad",
            "%d of %d case%s: a class is missing or spurious, or its Dice is below %g.", count,
            p->cases, TEXT_S(p->cases), p->from->failure);
        list_failures(p, "Failed cases, worst first", list, count < FIRST ? count : FIRST);
        if (count > FIRST) {
            snprintf(text, sizeof text, "Show %d more", count - FIRST);
            html_details(p->h, text);
            list_failures(p, "The other failed cases", list + FIRST, count - FIRST);
            html_details_end(p->h);
        }
    } else {
        html_paragraph(p->h, "good",
            "No failure in %d case%s: no class is missing or spurious, and no Dice is below %g.",
            p->cases, TEXT_S(p->cases), p->from->failure);
    }
    html_section_end(p->h);
    mem_free(list);
}
