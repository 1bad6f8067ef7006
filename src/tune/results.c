/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "files/csv_write.h"
#include "files/file.h"
#include "files/json_file.h"
#include "train/pages.h"
#include "tune/journal.h"
#include "tune/replay.h"

struct ranked {
    const struct trial *t;
    int index;
};

/* By the newest result; then failed ones, then those without one. */
static int by_value(const void *a, const void *b)
{
    const struct ranked *p = a, *q = b;
    double x = p->t->done ? search_value(p->t) : -1, y = q->t->done ? search_value(q->t) : -1;
    if (p->t->done && q->t->done && p->t->failed != q->t->failed)
        return p->t->failed - q->t->failed;
    if (x != y) return (x < y) - (x > y);
    return p->t->done != q->t->done ? q->t->done - p->t->done : p->index - q->index;
}

/* The lines of a trial's results. */
static json_t *rungs_of(const struct tuning *t, int trial, double *seconds)
{
    static const char *const keys[] = {"dice", "classes", "steps", "seconds", "cut"};
    json_t *list = json_array(), *line;
    size_t i;
    *seconds = 0;
    json_array_foreach(t->lines, i, line)
    {
        if (strcmp(journal_event(line), "result") || json_int(line, "trial") != trial) continue;
        json_t *rung = json_object();
        for (int k = 0; k < 5; k++)
            if (json_object_get(line, keys[k]))
                json_object_set(rung, keys[k], json_object_get(line, keys[k]));
        *seconds += json_double(line, "seconds");
        json_array_append_new(list, rung);
    }
    return list;
}

static json_t *trials_to_json(const struct tuning *t, struct err *e)
{
    int n = t->search.count;
    struct ranked *order;
    if (MEM_ARRAY(order, n + 1, "the table of trials", e) != ATT_OK) return NULL;
    json_t *list = json_array();
    for (int i = 0; i < n; i++) order[i] = (struct ranked){&t->search.trial[i], i};
    qsort(order, (size_t)n, sizeof *order, by_value);
    for (int i = 0; i < n; i++) {
        double seconds;
        const char *why = journal_why(t->lines, order[i].index);
        json_t *rungs = rungs_of(t, order[i].index, &seconds);
        json_array_append_new(list,
            json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "trial", order[i].index, "settings",
                space_point_to_json(&t->settings.space, order[i].t->x), "dice",
                json_finite(search_value(order[i].t)), "rungs", rungs, "seconds",
                json_finite(seconds), "failed", why ? json_string(why) : json_null()));
    }
    mem_free(order);
    return list;
}

/* ---- importance, from results at rung 0, where all trials trained equally long */

static att_status importance_to_json(const struct tuning *t, json_t **list, struct err *e)
{
    const struct space *s = &t->settings.space;
    struct importance result[SPACE_MAX];
    size_t count = 0;
    double *x = mem_array((size_t)t->search.count + 1, SPACE_MAX * sizeof *x),
           *y = mem_array((size_t)t->search.count + 1, sizeof *y);
    att_status status = x && y ? ATT_OK
                               : err_memory(e, (size_t)t->search.count * SPACE_MAX * sizeof *x,
                                     "the importance of settings");
    for (int i = 0; i < t->search.count && status == ATT_OK; i++) {
        const struct trial *trial = &t->search.trial[i];
        if (!trial->done) continue;
        memcpy(x + count * SPACE_MAX, trial->x, sizeof trial->x);
        y[count++] = trial->value[0];
    }
    if (status == ATT_OK)
        status = importance_of(s, x, SPACE_MAX, y, (int)count, t->seed, result, e);
    mem_free(x);
    mem_free(y);
    TRY(status);
    *list = json_array();
    for (int k = 0; k < s->count; k++)
        json_array_append_new(*list,
            json_pack("{s:s, s:i, s:o, s:o, s:o, s:o}", "setting", s->dim[k].name, "trials",
                result[k].trials, "explained", json_finite(result[k].explained), "chance",
                json_finite(result[k].chance), "p", json_finite(result[k].p), "p_holm",
                json_finite(result[k].p_holm)));
    return ATT_OK;
}

static json_t *progress_to_json(const struct tuning *t)
{
    json_t *list = json_array(), *line;
    double best = -1;
    size_t i;
    json_array_foreach(t->lines, i, line)
    {
        const json_t *dice = json_object_get(line, "dice");
        if (strcmp(journal_event(line), "result") || !json_is_number(dice)) continue;
        best = fmax(best, json_number_value(dice));
        json_array_append_new(list,
            json_pack("[O, O, O, f]", json_object_get(line, "spent"),
                json_object_get(line, "trial"), dice, best));
    }
    return list;
}

static json_t *results_definitions(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "dice",
        "mean over classes of the mean over cases, on the cases of \"validate\", which no trial "
        "saw",
        "inner_dice",
        "the same for the best trial, on the cases that compare trials; too high, because it is "
        "the best of many",
        "explained",
        "share of the variance of results at the first rung that a smoothed curve over this "
        "setting alone explains",
        "chance", "the mean share it explains when results are shuffled among trials", "p_holm",
        "share of shuffles that explain as much, corrected for the number of settings (Holm)");
}

static json_t *cases_to_json(const struct tuning *t)
{
    return json_pack("{s:i, s:i, s:i, s:i}", "train", t->cases[0], "validate", t->cases[1],
        "trials_train", t->cases[2], "trials_validate", t->cases[3]);
}

static att_status results_gather(const struct tuning *t, json_t **result, struct err *e)
{
    const json_t *done = replay_last(t->lines, "done");
    int best = replay_final(t->lines);
    json_t *trials = trials_to_json(t, e), *importance = NULL, *path = NULL;
    if (!trials) return ATT_MEMORY;
    att_status status = importance_to_json(t, &importance, e);
    char *run = file_join(t->out, TUNE_BEST);
    path = json_utf8(run);
    mem_free(run);
    if (status == ATT_OK) {
        *result = json_pack(
            "{s:s, s:o, s:i, s:o, s:O, s:O, s:O, s:o, s:o, s:O, s:o, s:i, s:O, s:O, s:o, s:o}",
            "dataset", file_base(t->dataset), "best", json_incref(path), "trial", best, "settings",
            space_point_to_json(&t->settings.space, t->search.trial[best].x), "dice",
            json_object_get(done, "dice"), "classes", json_object_get(done, "classes"), "steps",
            json_object_get(done, "steps"), "inner_dice",
            json_finite(search_value(&t->search.trial[best])), "cases", cases_to_json(t), "seconds",
            json_object_get(done, "spent"), "budget",
            t->budget > 0 ? json_real(t->budget) : json_null(), "rungs", t->rungs, "trials", trials,
            "importance", importance, "progress", progress_to_json(t), "definitions",
            results_definitions());
        if (!*result) status = err_memory(e, 4096, "the results");
    }
    json_decref(trials);
    json_decref(importance);
    json_decref(path);
    return status;
}

static att_status results_put_number(struct file_writer *w, const json_t *number, struct err *e)
{
    char text[40];
    if (!json_is_number(number)) return csv_text(w, ",", e);
    number_write(text, sizeof text, ",%.10g", json_number_value(number));
    return csv_text(w, text, e);
}

struct table {
    const struct tuning *t;
    const json_t *result;
};

static att_status fill_trials(struct file_writer *w, const void *arg, struct err *e)
{
    const struct table *b = arg;
    const struct space *s = &b->t->settings.space;
    size_t i;
    json_t *trial;
    TRY(csv_text(w, "trial,dice,rungs,seconds", e));
    for (int k = 0; k < s->count; k++) {
        TRY(csv_text(w, ",", e));
        TRY(csv_name(w, s->dim[k].name, e));
    }
    json_array_foreach(json_object_get(b->result, "trials"), i, trial)
    {
        char text[32];
        const json_t *settings = json_object_get(trial, "settings");
        number_write(text, sizeof text, "\n%.0f", json_double(trial, "trial"));
        TRY(csv_text(w, text, e));
        TRY(results_put_number(w, json_object_get(trial, "dice"), e));
        number_write(text, sizeof text, ",%zu", json_length(trial, "rungs"));
        TRY(csv_text(w, text, e));
        TRY(results_put_number(w, json_object_get(trial, "seconds"), e));
        for (int k = 0; k < s->count; k++) {
            const json_t *value = json_object_get(settings, s->dim[k].name);
            if (!json_is_string(value)) {
                TRY(results_put_number(w, value, e));
                continue;
            }
            TRY(csv_text(w, ",", e));
            TRY(csv_name(w, json_string_value(value), e));
        }
    }
    return csv_text(w, "\n", e);
}

static att_status fill_progress(struct file_writer *w, const void *arg, struct err *e)
{
    const struct table *b = arg;
    size_t i;
    json_t *row;
    TRY(csv_text(w, "seconds,trial,dice,best", e));
    json_array_foreach(json_object_get(b->result, "progress"), i, row)
    {
        char text[32];
        number_write(text, sizeof text, "\n%.3f", json_number_value(json_array_get(row, 0)));
        TRY(csv_text(w, text, e));
        for (size_t k = 1; k < 4; k++) TRY(results_put_number(w, json_array_get(row, k), e));
    }
    return csv_text(w, "\n", e);
}

static att_status results_write_table(
    const struct table *b, const char *name, csv_fill *fill, struct err *e)
{
    char *path = file_join(b->t->out, name);
    att_status status = path ? csv_write(path, fill, b, e) : err_path(e);
    mem_free(path);
    return status;
}

att_status results_write(const struct tuning *t, json_t **result, struct err *e)
{
    *result = NULL;
    TRY(results_gather(t, result, e));
    const struct table b = {t, *result};
    att_status status = json_file_write_in(t->out, "tune.json", json_incref(*result), e);
    if (status == ATT_OK) status = results_write_table(&b, "trials.csv", fill_trials, e);
    if (status == ATT_OK) status = results_write_table(&b, "progress.csv", fill_progress, e);
    if (status == ATT_OK && t->c->pages) status = t->c->pages->search(t, *result, e);
    return json_keep(result, status);
}
