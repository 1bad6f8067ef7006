/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/setup.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "dataset/memory_set.h"
#include "dataset/patterns.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/json_file.h"
#include "train/run_options.h"
#include "tune/journal.h"
#include "tune/replay.h"
#include "tune/setup_data.h"

enum { FORMAT = 2 };

/* A 40th of the search's time, within 10 s..2 min. */
static double default_rung(double seconds)
{
    return fmin(fmax(seconds / TUNE_DEFAULT_TRIALS, 10), TUNE_MAX_RUNG);
}

/* As many rungs as keep a trial within a quarter of the search's time. */
static int default_rungs(const struct tuning *t, double seconds)
{
    int n = 1;
    while (n < ASHA_RUNGS && tuning_reach(t, n) <= seconds / 4) n++;
    return n;
}

static att_status read_lengths(struct tuning *t, struct err *e)
{
    const struct options *o = &t->options;
    enum { STEP_RUNGS = 3 };
    t->budget = options_seconds(o, tune, budget);
    t->trials = (int)options_int(o, tune, trials);
    t->rung_steps = options_int(o, tune, rung_steps);
    t->final_steps = options_int(o, tune, final_steps);
    t->final_share = options_real(o, tune, final);
    t->eta = (int)options_int(o, tune, eta);
    t->repeat = (int)options_int(o, tune, repeat);
    t->seed = (uint64_t)options_int(o, tune, seed);
    t->random = !strcmp(options_text(o, tune, proposals), "random");
    t->ahead = (int)options_int(o, tune, workers) - 1;
    t->shared = t->ahead > 0;
    bool steps = t->rung_steps > 0, rung = options_has(o, tune, rung);
    if (steps && (t->budget > 0 || rung))
        return err_usage(e, "give `budget` (time) or `rung-steps` (steps), not both");
    if (!steps && !(t->budget > 0) && !(t->repeat && rung))
        return err_usage(
            e, "the search has no length; give `budget` TIME, or `rung-steps` N and `trials` N");
    if (steps && !t->trials && !t->repeat)
        return err_usage(e, "`rung-steps` needs `trials`; give the number of trials");
    if (t->final_steps > 0 && !steps)
        return err_usage(e,
            "`final-steps` needs `rung-steps`; with `budget`, give `final`, the last run's share");
    double search = t->budget * (1 - t->final_share);
    t->rung_seconds = steps ? 0 : rung ? options_seconds(o, tune, rung) : default_rung(search);
    t->rungs = (int)options_int(o, tune, rungs);
    if (!t->rungs) t->rungs = steps ? STEP_RUNGS : default_rungs(t, search);
    if (steps && !t->final_steps) t->final_steps = (int64_t)tuning_reach(t, t->rungs);
    if (t->repeat) t->rungs = 1;
    if (!t->repeat && t->budget > 0 && t->rung_seconds > search)
        return err_usage(e,
            "a trial of %.0f s does not fit into %.0f s of search; raise `budget`, or lower `rung`",
            t->rung_seconds, search);
    return ATT_OK;
}

/* A comparison chooses nothing, and all runs have the same length. */
static att_status refuse_search_options(const struct options *o, struct err *e)
{
    static const char *const names[] = {OPTION_NAME(tune, trials), OPTION_NAME(tune, rungs),
        OPTION_NAME(tune, eta), OPTION_NAME(tune, proposals), OPTION_NAME(tune, final),
        OPTION_NAME(tune, final_steps)};
    if (!options_is_set(o, tune, repeat)) return ATT_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (options_read_set(o, names[i]))
            return err_usage(e, "`%s` is for a search, not for `repeat`; leave it out", names[i]);
    if (options_is_set(o, tune, budget) && options_is_set(o, tune, rung))
        return err_usage(
            e, "with `repeat`, give `budget` (for all runs) or `rung` (for each run), not both");
    return ATT_OK;
}

/* All losses, as docs/losses.md uses them. */
static const char all_losses[] = "dice+ce"
                                 "|ce"
                                 "|dice"
                                 "|tversky"
                                 "|focal-tversky"
                                 "|gdice"
                                 "|focal"
                                 "|topk"
                                 "|dice+ce+0.01*boundary"
                                 "|0.5*dice+0.5*cldice";

static att_status expand_losses(struct options *o, struct err *e)
{
    const char *loss = options_text(o, train, loss);
    return loss && !strcmp(loss, "all") ? options_set(o, "loss", all_losses, e) : ATT_OK;
}

/* Give every run of a comparison the same time. */
static att_status share_budget(struct tuning *t, struct err *e)
{
    double x[SPACE_MAX];
    int arms = 0;
    for (int k = 0; k < t->settings.space.count; k++)
        if (t->settings.space.dim[k].kind != DIMENSION_CHOICE)
            return err_usage(e,
                "`repeat` compares single values, but %s is a range of numbers; give values "
                "separated by commas",
                t->settings.space.dim[k].name);
    while (arms <= TUNE_ARMS && space_combination(&t->settings.space, arms, x)) arms++;
    if (arms < 2 || arms > TUNE_ARMS)
        return err_usage(e, "`repeat` compares 2 to %d combinations of values; give %s values",
            TUNE_ARMS, arms < 2 ? "more" : "fewer");
    if (strchr(t->out, ','))
        return err_usage(e, "the folder %s has a comma in its name; choose another", t->out);
    t->trials = arms * t->repeat;
    if (t->shared) t->ahead = t->trials; /* no run depends on results */
    if (!t->rung_steps && !options_has(&t->options, tune, rung))
        t->rung_seconds = t->budget / t->trials;
    if (!t->rung_steps && t->rung_seconds < 1)
        return err_usage(e,
            "each of %d runs would have less than a second; give `budget` %ds or more", t->trials,
            t->trials);
    return ATT_OK;
}

/* `file`: the given search space. Adds the default one if t->train_defaults is set; else setup_plan
 * does. */
static att_status setup_read_space(struct tuning *t, const json_t *file, struct err *e)
{
    const char *path = options_text(&t->options, tune, space);
    TRY(expand_losses(&t->options, e));
    TRY(tune_settings_from_options(&t->options, t->from_plan, false, &t->settings, e));
    if (file)
        TRY(tune_settings_add(&t->settings, file, path ? path : "the search space", &t->train, e));
    TRY(tune_settings_from_options(&t->options, t->from_plan, true, &t->settings, e));
    if (!t->settings.space.count && t->repeat)
        return err_usage(e,
            "there is nothing to compare; give values, such as `loss` dice+ce,ce, or `loss` all");
    if (!t->settings.space.count) return t->train_defaults ? setup_default_space(t, e) : ATT_OK;
    TRY(tune_settings_finish(&t->settings, &t->train, e));
    if (!t->settings.space.count)
        return err_usage(e,
            "nothing is left to search, because the given ranges have no effect with the other "
            "settings, like `momentum` without `optimiser` sgd; give others");
    return t->repeat ? share_budget(t, e) : ATT_OK;
}

/* {name: text} of options given for the search. */
static att_status set_options(const struct options *o, json_t *j, struct err *e)
{
    /* The journal has the content of the space file; the search sets length and intervals. */
    static const char *const others[] = {
        "space", "time", "steps", "epochs", "validate-every", "checkpoint-every", NULL};
    TRY(run_options_write(o, false, j, e));
    for (int i = 0; others[i]; i++) json_object_del(j, others[i]);
    return ATT_OK;
}

static att_status write_begin(struct tuning *t, json_t *options, const json_t *file, struct err *e)
{
    json_t *name = json_string(t->dataset);
    if (!name) return err_usage(e, "%s is not UTF-8; rename the folder", t->dataset);
    json_decref(name);
    json_t *j = json_pack("{s:s, s:i, s:s, s:O, s:o, s:O, s:O, s:i, s:i}", "event", "begin",
        "format", FORMAT, "dataset", t->dataset, "options", options, "space",
        space_to_json(&t->settings.space), "fixed", t->settings.fixed, "plan", t->plan, "rungs",
        t->rungs, "eta", t->eta);
    if (j && json_object_size(t->from_plan) > 0) json_object_set(j, "of_plan", t->from_plan);
    if (j && file) json_object_set(j, "space_file", (json_t *)(uintptr_t)file);
    if (j && t->train_defaults) json_object_set(j, "usual", t->train_defaults);
    return journal_add(t->journal, t->lines, j, e);
}

static att_status setup_damaged(const struct tuning *t, struct err *e)
{
    return err_data(
        e, "%s is damaged or from another version of attunet; choose a new folder", t->journal);
}

static att_status choose_fold(struct options *o, struct err *e)
{
    bool chosen = options_text(o, tune, fold) || options_text(o, tune, val_list) ||
        options_has(o, tune, holdout);
    return chosen ? ATT_OK : options_set(o, "fold", "0", e);
}

/* Restores the options of the search's begin; options given now must be the same or none. */
static att_status setup_restore_options(
    struct tuning *t, const json_t *begun, const json_t *now, struct err *e)
{
    const char *name;
    json_t *value;
    if (json_object_size(now) > 0) {
        json_each(now, name,
            value) if (!json_equal(value, json_object_get(begun, name))) return err_usage(e,
            "%s began with another `%s`; leave it out to continue, or choose a new folder", t->out,
            name);
    }
    json_each(begun, name, value)
    {
        if (!json_is_string(value)) return setup_damaged(t, e);
        TRY(options_set(&t->options, name, json_string_value(value), e));
    }
    return ATT_OK;
}

/* Writes the lists of cases and a journal line. */
static att_status setup_write_cases(struct tuning *t, struct dataset *open, struct err *e)
{
    const json_t *line = replay_last(t->lines, "cases"), *counts = json_object_get(line, "counts");
    for (int i = 0; i < 4; i++)
        t->cases[i] = (int)json_integer_value(json_array_get(counts, (size_t)i));
    if (line) return ATT_OK;
    struct dataset d;
    struct host silent = host_silent(t->c->host);
    if (!open) TRY(patterns_open(t->dataset, &t->options, &d, NULL, &silent, e));
    att_status status = setup_cases(t, open ? open : &d, e);
    if (!open) dataset_free(&d);
    TRY(status);
    if (is_dry_run(t->c->host)) return ATT_OK;
    return journal_add(t->journal, t->lines,
        json_pack("{s:s, s:[iiii]}", "event", "cases", "counts", t->cases[0], t->cases[1],
            t->cases[2], t->cases[3]),
        e);
}

static att_status same_space_file(const struct tuning *t, const json_t *begun, struct err *e)
{
    const char *path = options_text(&t->options, tune, space);
    json_t *now;
    if (!path) return ATT_OK;
    TRY(json_file_read_as(path, ATT_USAGE, &now, e));
    bool same = json_equal(now, begun);
    json_decref(now);
    return same
        ? ATT_OK
        : err_usage(e,
              "%s began with another `space`; leave it out to continue, or choose a new folder",
              t->out);
}

static att_status reopen(struct tuning *t, const json_t *now, struct err *e)
{
    const json_t *first = json_array_get(t->lines, 0);
    const char *dataset = json_str(first, "dataset");
    if (strcmp(journal_event(first), "begin") || json_int(first, "format") != FORMAT || !dataset ||
        !json_is_object(json_object_get(first, "options")) ||
        !json_is_object(json_object_get(first, "plan")))
        return setup_damaged(t, e);
    if (t->dataset && !file_same(dataset, t->dataset))
        return err_usage(
            e, "%s began on %s; give that data set, or choose a new folder", t->out, dataset);
    mem_free(t->dataset);
    if (!(t->dataset = mem_text("%s", dataset))) return err_path(e);
    TRY(setup_restore_options(t, json_object_get(first, "options"), now, e));
    TRY(same_space_file(t, json_object_get(first, "space_file"), e));
    t->plan = json_incref(json_object_get(first, "plan"));
    TRY(choose_fold(&t->options, e));
    TRY(read_lengths(t, e));
    t->train_defaults = json_incref(json_object_get(first, "usual"));
    t->from_plan = json_incref(json_object_get(first, "of_plan"));
    TRY(setup_read_space(t, json_object_get(first, "space_file"), e));
    json_t *space = space_to_json(&t->settings.space);
    bool same = json_equal(space, json_object_get(first, "space")) &&
        json_equal(t->settings.fixed, json_object_get(first, "fixed")) &&
        json_int(first, "rungs") == t->rungs && json_int(first, "eta") == t->eta;
    json_decref(space);
    return same ? setup_write_cases(t, NULL, e) : setup_damaged(t, e);
}

static json_t *names_of_plan(const struct options *o)
{
    const char *plan = options_text(o, train, plan);
    json_t *names = json_object();
    for (int i = 0; i < o->count && plan; i++)
        if (o->values[i].file && !strcmp(o->values[i].file, plan))
            json_object_set_new(names, o->values[i].row->name, json_true());
    return names;
}

static att_status setup_begin(struct tuning *t, json_t *options, struct err *e)
{
    const char *path = options_text(&t->options, tune, space);
    json_t *file = NULL;
    if (!t->dataset) return err_set(e, ATT_IO, "cannot open the data set; check the path");
    TRY(refuse_search_options(&t->options, e));
    TRY(read_lengths(t, e));
    if (!(t->from_plan = names_of_plan(&t->options))) return err_memory(e, 256, "the settings");
    if (path) TRY(json_file_read_as(path, ATT_USAGE, &file, e));
    struct dataset *d; /* too large for a small stack */
    att_status status = MEM_NEW(d, "a data set", e);
    if (status == ATT_OK) status = patterns_open(t->dataset, &t->options, d, NULL, t->c->host, e);
    if (status == ATT_OK) {
        status = setup_read_space(t, file, e);
        if (status == ATT_OK) status = setup_plan(t, d, e);
        if (status == ATT_OK && !is_dry_run(t->c->host)) status = write_begin(t, options, file, e);
        t->fresh = status == ATT_OK;
        if (status == ATT_OK) status = setup_write_cases(t, d, e);
        dataset_free(d);
    }
    mem_free(d);
    t->fresh = t->fresh && status != ATT_OK;
    json_decref(file);
    return status;
}

static att_status setup_copy_options(struct options *to, const struct options *o, struct err *e)
{
    TRY(options_init_over(to, o->table, o->table_count, "tune", "train", e));
    for (int i = 0; i < o->count; i++)
        if (o->values[i].set && o->values[i].text) {
            TRY(options_set(to, o->values[i].row->name, o->values[i].text, e));
            const char *file = o->values[i].file;
            if (file && !(to->values[i].file = mem_text("%s", file)))
                return err_memory(e, strlen(file), "the name of a file");
        }
    return ATT_OK;
}

static att_status open_folder(struct tuning *t, const struct options *o, struct err *e)
{
    TRY(options_init(&t->train, o->table, o->table_count, "train", e));
    TRY(setup_copy_options(&t->options, o, e));
    if (!(t->journal = file_join(t->out, JOURNAL_FILE))) return err_path(e);
    TRY((is_dry_run(t->c->host) ? journal_peek : journal_read)(t->journal, &t->lines, e));
    json_t *options = json_object();
    att_status status = set_options(&t->options, options, e);
    if (status == ATT_OK && !json_array_size(t->lines)) status = choose_fold(&t->options, e);
    if (status == ATT_OK)
        status = json_array_size(t->lines) ? reopen(t, options, e) : setup_begin(t, options, e);
    json_decref(options);
    return status;
}

att_status tuning_open(
    struct tuning *t, const char *dataset, const struct options *o, struct err *e)
{
    char full[PATH_MAX];
    t->began = clock_now();
    if (dataset && memory_full_path(dataset, full) && !(t->dataset = mem_text("%s", full)))
        return err_path(e);
    if (dataset && !t->dataset) return file_error(e, "read", dataset, errno);
    return open_folder(t, o, e);
}
