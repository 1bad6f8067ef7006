/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/setup_data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "measure/stats.h"
#include "run/hardrun.h"
#include "train/run_options.h"
#include "train/split_options.h"
#include "train/train_decide.h"
#include "tune/run_settings.h"

static att_status write_list(const struct tuning *t, const char *name, const struct dataset *d,
    const int *list, int count, struct err *e)
{
    struct file_writer *w;
    char *path = file_join(t->out, name);
    att_status status = path ? file_create(path, &w, e) : err_path(e);
    mem_free(path);
    TRY(status);
    for (int i = 0; i < count && status == ATT_OK; i++) {
        const char *id = d->cases[list[i]].id;
        status = file_write(w, id, strlen(id), e);
        if (status == ATT_OK) status = file_write(w, "\n", 1, e);
    }
    if (status == ATT_OK) return file_commit(w, e);
    file_abandon(w);
    return status;
}

static att_status write_split(
    struct tuning *t, const struct dataset *d, const struct split *s, int first, struct err *e)
{
    static const char *const names[] = {TUNE_TRAIN, TUNE_VAL, TUNE_INNER_TRAIN, TUNE_INNER_VAL};
    if (!s->ntrain || !s->nval)
        return err_data(e, "%s leaves no case to %s on; choose another split", d->root,
            s->ntrain ? "validate" : "train");
    t->cases[first] = s->ntrain;
    t->cases[first + 1] = s->nval;
    if (is_dry_run(t->c->host)) return ATT_OK;
    TRY(write_list(t, names[first], d, s->train, s->ntrain, e));
    return write_list(t, names[first + 1], d, s->val, s->nval, e);
}

static att_status split_outer(
    const struct tuning *t, struct dataset *d, struct split *s, struct err *e)
{
    const char *fold = options_text(&t->options, tune, fold);
    if (fold && !strcmp(fold, "all"))
        return err_usage(e,
            "a search takes one fold, not `fold` all; give a number from 0, and search other folds "
            "separately");
    return split_options_choose(&t->options, t->c, d, s, e);
}

/* The same rule with another fold; for the data set's own splits the next one, within the remaining
 * cases. */
static att_status split_inner(
    const struct tuning *t, struct dataset *d, struct split *s, struct err *e)
{
    struct split_rule rule;
    int folds = 0, fold = 0;
    TRY(split_options_rule(&t->options, d, t->c->host->pool, NULL, &rule, e));
    rule.holdout = 0;
    rule.cut = 2;
    if (options_text(&t->options, tune, fold))
        recipe_fold(options_text(&t->options, tune, fold), &fold);
    bool own = rule.folds || rule.by_group || rule.stratify;
    if (!own) TRY(split_count(d, NULL, NULL, &folds, e));
    char *path = file_join(t->out, TUNE_TRAIN);
    att_status status = path
        ? split_fold(d, &rule, path, own || folds < 1 ? 0 : (fold + 1) % folds, s, e)
        : err_path(e);
    mem_free(path);
    return status;
}

/* Groups among the cases that validate; without groups these cases. */
static att_status count_units(
    const struct dataset *d, const struct split *s, int *units, bool *grouped, struct err *e)
{
    int *group, count;
    *units = s->nval;
    *grouped = false;
    TRY(MEM_ARRAY(group, d->count + 1, "the groups", e));
    att_status status = groups_read_or_none(d, group, &count, e);
    bool *seen = NULL;
    if (status == ATT_OK && count) status = MEM_ARRAY(seen, count, "the groups", e);
    if (seen) *units = 0;
    for (int i = 0; i < s->nval && seen; i++) {
        bool *its = &seen[group[s->val[i]]];
        *units += !*its;
        *its = true;
    }
    *grouped = seen != NULL;
    mem_free(seen);
    mem_free(group);
    return status;
}

/* Before hours of training. */
static att_status warn_few(
    const struct tuning *t, const struct dataset *d, const struct split *s, struct err *e)
{
    int units;
    bool grouped;
    const int fewest = stats_fewest(t->trials / t->repeat - 1);
    TRY(count_units(d, s, &units, &grouped, e));
    if (units < fewest)
        host_warn(t->c->host, WARN_FEW_CASES,
            "%d %s%s validate%s, so no difference can reach p < 0.05 by Wilcoxon's test with "
            "Holm's correction; that takes %d: use another split, or fewer combinations",
            units, grouped ? "group" : "case", TEXT_S(units), units == 1 ? "s" : "", fewest);
    return ATT_OK;
}

att_status setup_cases(struct tuning *t, struct dataset *d, struct err *e)
{
    struct split s = {0};
    TRY(split_outer(t, d, &s, e));
    att_status status = write_split(t, d, &s, 0, e);
    if (status == ATT_OK && t->repeat) status = warn_few(t, d, &s, e);
    split_free(&s);
    /* the second split reads the first one's list */
    if (status != ATT_OK || t->repeat || is_dry_run(t->c->host)) return status;
    TRY(split_inner(t, d, &s, e));
    status = write_split(t, d, &s, 2, e);
    split_free(&s);
    return status;
}

static att_status plan_options(
    const struct tuning *t, const double *x, struct options *o, struct err *e)
{
    double seconds = t->repeat ? t->rung_seconds : t->budget * t->final_share;
    json_t *j =
        settings_of_run(t, x, t->rung_steps > 0 ? 0 : fmax(seconds, 1), t->final_steps, t->seed);
    att_status status = run_options_read(j, &t->train, o, e);
    json_decref(j);
    if (status != ATT_OK || !hardrun_wanted(o)) return status;
    options_free(o);
    return err_usage(e,
        "hard attention has separate stages and cannot be searched; tune another network, such "
        "as arch=attunet");
}

/* Keeps settings of the plan that are neither fixed nor searched. */
static void keep_plan(struct tuning *t, const struct recipe *r, bool packed)
{
    const char *key;
    json_t *text, *shared = recipe_shared(r, packed, json_object_get(t->settings.fixed, "init"));
    json_object_foreach(shared, key, text)
    {
        if (!json_object_get(t->settings.fixed, key) && space_find(&t->settings.space, key) < 0)
            json_object_set(t->plan, key, text);
    }
    json_decref(shared);
}

static att_status try_point(
    const struct tuning *t, const struct recipe_sources *from, const double *x, struct err *e)
{
    struct options o;
    struct recipe_sources with = *from;
    struct recipe *r;
    TRY(MEM_NEW(r, "the settings", e));
    att_status status = plan_options(t, x, &o, e);
    if (status == ATT_OK) {
        with.o = &o;
        with.why = NULL;
        with.host = NULL;
        status = recipe_decide(&with, r, e);
        options_free(&o);
    }
    mem_free(r);
    return status;
}

/* A point with only this value and what activates it; false: impossible. */
static bool setup_data_single_value(const struct space *s, int k, double value, double *x)
{
    for (int i = 0; i < s->count; i++) x[i] = NAN;
    x[k] = value;
    for (const struct dimension *d = &s->dim[k]; d->parent >= 0; d = &s->dim[d->parent]) {
        if (!d->when) return false;
        x[d->parent] = __builtin_ctzll(d->when);
    }
    return true;
}

enum { COMBINATIONS = 200 };

/* A value may need others, so it is refused only if it fails alone and in many combinations. */
static att_status setup_data_try_value(
    const struct tuning *t, const struct recipe_sources *from, int k, int value, struct err *e)
{
    const struct space *s = &t->settings.space;
    const struct dimension *d = &s->dim[k];
    const bool word = d->kind == DIMENSION_CHOICE;
    struct rng rng = rng_stream(t->seed, RNG_TUNE, (uint32_t)k, (uint32_t)value);
    double u[SPACE_MAX], x[SPACE_MAX];
    if (!setup_data_single_value(s, k, word ? value : d->lo, x)) return ATT_OK;
    att_status status = try_point(t, from, x, e);
    for (int n = 0; n < COMBINATIONS && (status == ATT_USAGE || status == ATT_MODEL); n++) {
        for (int i = 0; i < s->count; i++) u[i] = rng_uniform(&rng);
        if (word) u[k] = dimension_unit(d, value);
        space_point(s, u, x);
        if (isnan(x[k]) || try_point(t, from, x, &(struct err){0}) != ATT_OK) continue;
        err_clear(e);
        status = ATT_OK;
    }
    return status;
}

static att_status try_values(void *tuning, const struct recipe_sources *from, struct err *e)
{
    const struct tuning *t = tuning;
    for (int k = 0; k < t->settings.space.count; k++) {
        const struct dimension *d = &t->settings.space.dim[k];
        for (int i = 0; i < (d->kind == DIMENSION_CHOICE ? d->choices : 1); i++)
            TRY(setup_data_try_value(t, from, k, i, e));
    }
    return ATT_OK;
}

static void log_space(const struct tuning *t)
{
    char names[SPACE_MAX * SPACE_NAME] = "";
    size_t at = 0;
    for (int k = 0; k < t->settings.space.count; k++)
        at += (size_t)snprintf(
            names + at, sizeof names - at, "%s%s", k ? ", " : "", t->settings.space.dim[k].name);
    host_say(t->c->host, LOG_INFO,
        "no search space was given; attunet searches %s, starting from what train would choose",
        names);
}

att_status setup_default_space(struct tuning *t, struct err *e)
{
    TRY(tune_settings_add_defaults(&t->settings, t->train_defaults, &t->train, e));
    TRY(tune_settings_finish(&t->settings, &t->train, e));
    if (!t->settings.space.count)
        return err_usage(
            e, "every setting of the default search space is fixed; give settings to search");
    log_space(t);
    return ATT_OK;
}

/* Adds the default search space if there is none. */
static att_status add_default_space(struct tuning *t, const struct recipe *r, struct err *e)
{
    if (t->settings.space.count) return ATT_OK;
    t->train_defaults =
        json_pack("{s:f, s:f, s:s}", "lr", r->lr, "weight_decay", r->decay, "spec", r->spec);
    if (!t->train_defaults) return err_memory(e, sizeof r->spec, "the default search space");
    return setup_default_space(t, e);
}

att_status setup_plan(struct tuning *t, struct dataset *d, struct err *e)
{
    struct split s = {0};
    struct options o;
    struct train_context c = *t->c;
    double none[SPACE_MAX];
    c.quiet |= QUIET_DATA;
    c.decided = t->settings.space.count ? try_values : NULL;
    c.user = t;
    t->plan = json_object();
    for (int k = 0; k < SPACE_MAX; k++) none[k] = NAN;
    /* training_decide would report too few cases without mentioning both splits */
    TRY(split_outer(t, d, &s, e));
    split_free(&s);
    TRY(plan_options(t, none, &o, e));
    struct training *run = training_new(&c, t->out, e);
    att_status status = run ? training_decide(run, t->dataset, &o, NULL, NULL, e) : ATT_MEMORY;
    if (status == ATT_OK) status = add_default_space(t, &run->recipe, e);
    if (status == ATT_OK) keep_plan(t, &run->recipe, d->pack != NULL);
    if (run) training_delete(run);
    options_free(&o);
    return status;
}
