/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/repeat.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dataset/patterns.h"
#include "files/file.h"
#include "files/json_file.h"
#include "measure/compare.h"
#include "model/run_files.h"
#include "train/pages.h"
#include "tune/job.h"
#include "tune/replay.h"
#include "tune/run_settings.h"
#include "tune/work.h"

static att_status repeat_failed(
    struct tuning *t, struct work *w, const char *settings, const struct err *why, struct err *e)
{
    host_warn(t->c->host, WARN_TRIAL_FAILED, "%s failed: %s", settings, why->text);
    return work_fail(t, w, why, e);
}

static att_status repeat_done(
    struct tuning *t, struct work *w, const struct outcome *o, const char *path, struct err *e)
{
    bool added;
    TRY(work_finish(t, w,
        json_pack("{s:s, s:i, s:i, s:o, s:O, s:I, s:o}", "event", "result", "trial", w->job.trial,
            "rung", 0, "dice", json_finite(o->dice), "classes", o->classes, "steps",
            (json_int_t)o->steps, "spent", json_finite(tuning_spent(t))),
        &added, e));
    if (added) job_clean(path, false);
    work_leave(t);
    return ATT_OK;
}

static att_status repeat_train(struct tuning *t, struct trial_log *v, struct work *w, struct err *e)
{
    const int arms = t->trials / t->repeat;
    const struct trial *trial = &t->search.trial[w->job.trial];
    struct outcome o;
    struct err why = {0};
    bool refused = false;
    char settings[400], *path = tuning_trial_path(t, w->job.trial);
    uint64_t seed = t->seed + (uint64_t)(w->job.trial / arms);
    json_t *options = settings_of_run(t, trial->x, t->rung_seconds, t->rung_steps, seed);
    settings_describe(&t->settings.space, trial->x, settings, sizeof settings);
    att_status status = path && options ? ATT_OK : err_memory(e, 256, "a run");
    trial_log_begin(v, t, w->job.trial);
    if (status == ATT_OK)
        status = job_run(t, &(struct job){.path = path, .options = options, .steps = t->rung_steps},
            &o, &refused, &why, e);
    trial_log_end(v);
    if (status == ATT_OK && refused) {
        status = repeat_failed(t, w, settings, &why, e);
    } else if (status == ATT_OK) {
        host_say(t->c->host, LOG_INFO, "run %d of %d, seed %llu: Dice %.4f: %s", w->job.trial + 1,
            t->trials, (unsigned long long)seed, o.dice, settings);
        status = repeat_done(t, w, &o, path, e);
        json_decref(o.classes);
    }
    mem_free(path);
    json_decref(options);
    return status;
}

/* All runs are known, whatever their results. */
static att_status repeat_choose(struct tuning *t, struct work *w, struct err *e)
{
    double x[SPACE_MAX];
    const int next = t->search.count;
    if (next >= t->trials) return ATT_OK;
    space_combination(&t->settings.space, next % (t->trials / t->repeat), x);
    TRY(search_add(&t->search, x, e));
    w->job = (struct search_job){next, 0};
    w->seconds = t->rung_seconds;
    return work_choose(t, w, e);
}

att_status repeat_run(struct tuning *t, struct trial_log *v, struct err *e)
{
    static const struct worker worker = {repeat_choose, repeat_train};
    TRY(work_all(t, &worker, v, e));
    TRY(work_enter(t, e));
    att_status status = ATT_OK;
    if (!replay_last(t->lines, "done"))
        status = work_add(
            t, json_pack("{s:s, s:o}", "event", "done", "spent", json_finite(tuning_spent(t))), e);
    work_leave(t);
    return status;
}

struct arms {
    char *word[TUNE_ARMS]; /* as in compare.h: "K=FILE,FILE" */
    int combination[TUNE_ARMS];
    int count, failed;
    struct dataset data;
};

static void arms_free(struct arms *a)
{
    dataset_free(&a->data);
    for (int i = 0; i < a->count; i++) mem_free(a->word[i]);
}

/* Add an arm unless one of its runs failed. */
static att_status repeat_add_arm(
    const struct tuning *t, struct arms *a, int combination, struct err *e)
{
    const int n = t->trials / t->repeat;
    char *word = mem_text("%d=", combination);
    for (int k = combination; k < t->trials && word; k += n) {
        char *path = tuning_trial_path(t, k), *longer;
        longer =
            path ? mem_text("%s%s%s/" RUN_SUMMARY, word, k == combination ? "" : ",", path) : NULL;
        mem_free(path);
        mem_free(word);
        word = longer;
        if (!t->search.trial[k].failed) continue;
        mem_free(word);
        a->failed++;
        return ATT_OK;
    }
    if (!word) return err_memory(e, 256, "the arms");
    a->combination[a->count] = combination;
    a->word[a->count++] = word;
    return ATT_OK;
}

/* Name arms by their settings. */
static void name_arms(const struct tuning *t, const struct arms *a, const json_t *result)
{
    size_t i;
    json_t *arm;
    json_array_foreach(json_object_get(result, "arms"), i, arm)
    {
        char settings[800];
        settings_describe(
            &t->settings.space, t->search.trial[a->combination[i]].x, settings, sizeof settings);
        const char *name = t->settings.space.count == 1 ? strchr(settings, '=') + 1 : settings;
        json_set_text(arm, "arm", name);
        json_object_del(arm, "files");
    }
}

static att_status compare_class(
    const struct tuning *t, const struct arms *a, const char *class, json_t **result, struct err *e)
{
    const struct compare_options o = {.metric = "dice", .wanted = class, .data = &a->data};
    TRY(compare_results((const char *const *)a->word, a->count, &o, result, e));
    name_arms(t, a, *result);
    if (class) json_object_del(*result, "definitions");
    return ATT_OK;
}

static att_status compare_classes(
    const struct tuning *t, const struct arms *a, json_t *classes, struct err *e)
{
    const char *class;
    json_t *ignored;
    json_object_foreach(json_object_get(replay_last(t->lines, "result"), "classes"), class, ignored)
    {
        struct err why = {0};
        json_t *result = NULL;
        att_status status = compare_class(t, a, class, &result, &why);
        if (status == ATT_DATA) continue; /* no case has it */
        TRY(err_pass(e, status, &why));
        json_object_set_new(classes, class, result);
    }
    return ATT_OK;
}

static att_status repeat_gather(
    const struct tuning *t, struct arms *a, json_t **result, struct err *e)
{
    for (int i = 0; i < t->trials / t->repeat; i++) TRY(repeat_add_arm(t, a, i, e));
    if (a->count < 2)
        return err_usage(e,
            "fewer than two settings could be trained (see %s); choose other settings and a new "
            "folder",
            t->journal);
    struct host silent = host_silent(t->c->host);
    TRY(patterns_open(t->dataset, &t->options, &a->data, NULL, &silent, e));
    json_t *all = NULL, *classes = json_object();
    att_status status = compare_class(t, a, NULL, &all, e);
    if (status == ATT_OK) status = compare_classes(t, a, classes, e);
    if (status == ATT_OK)
        *result = json_pack("{s:s, s:O, s:O, s:i, s:i, s:o, s:O}", "dataset", file_base(t->dataset),
            "all", all, "classes", classes, "repeat", t->repeat, "failed", a->failed, "seconds",
            t->rung_seconds > 0 ? json_real(t->rung_seconds) : json_null(), "spent",
            json_object_get(replay_last(t->lines, "done"), "spent"));
    if (status == ATT_OK && !*result) status = err_memory(e, 4096, "the comparison");
    json_decref(all);
    json_decref(classes);
    return status;
}

att_status repeat_write(const struct tuning *t, json_t **result, struct err *e)
{
    struct arms a = {.count = 0};
    *result = NULL;
    att_status status = repeat_gather(t, &a, result, e);
    arms_free(&a);
    if (status == ATT_OK)
        status = json_file_write_in(t->out, "compare.json", json_incref(*result), e);
    if (status == ATT_OK && t->c->pages) status = t->c->pages->repeat(t, *result, e);
    return json_keep(result, status);
}
