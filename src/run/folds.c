/* SPDX-License-Identifier: Apache-2.0 */
#include "run/folds.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/mask_values.h"
#include "dataset/memory_set.h"
#include "dataset/patterns.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/json_file.h"
#include "files/lease.h"
#include "hard/hard_folder.h"
#include "model/run_files.h"
#include "run/folds_grid.h"
#include "run/folds_separate.h"
#include "run/subrun.h"
#include "train/checkpoint.h"
#include "train/pages.h"
#include "train/report.h"
#include "train/run_dry.h"
#include "train/run_options.h"
#include "train/runfolder.h"
#include "train/runlock.h"
#include "train/split_options.h"

enum { FORMAT = 1 };

bool folds_wanted(const struct options *o)
{
    const char *fold = options_text(o, train, fold);
    return fold && strcmp(fold, "all") == 0;
}

bool folds_exist(const char *run) { return file_has(run, RUN_FOLDS); }

/* ---- folds.json: {"format", "dataset", "folds", "options": {NAME: TEXT}, "cut": [[validation
 * CASE,
 * ...] per fold], "measured": [steps per fold when all were measured together]} */

att_status folds_read_json(const char *run, json_t **j, struct err *e)
{
    static const char *const known[] = {
        "format", "dataset", "folds", "options", "cut", "measured", NULL};
    char *path = file_join(run, RUN_FOLDS);
    if (!path) return err_path(e);
    att_status status = json_file_read(path, j, e);
    if (status == ATT_OK) status = json_check_keys(*j, known, path, ATT_DATA, e);
    json_int_t folds = json_int(*j, "folds");
    bool good = json_int(*j, "format") == FORMAT && folds > 0 && folds <= FOLDS_MAX &&
        json_is_string(json_object_get(*j, "dataset")) &&
        run_options_valid(json_object_get(*j, "options"), true) &&
        json_is_array(json_object_get(*j, "cut"));
    if (status == ATT_OK && !good) {
        json_decref(*j);
        *j = NULL;
        status = err_data(e,
            "%s is damaged or from another version of attunet; resume its folds one by one", path);
    }
    mem_free(path);
    return status;
}

/* ---- one fold */

static att_status one_fold(const struct train_context *c, const json_t *j, const char *path,
    int fold, const char *data, const struct options *table, struct err *e)
{
    int count = (int)json_int(j, "folds");
    char number[16];
    if (checkpoint_finished(path, is_dry_run(c->host)) && file_has(path, RUN_MODEL)) {
        host_say(c->host, LOG_INFO, "fold %d (%d of %d) is finished", fold, fold + 1, count);
        return data && !is_dry_run(c->host) ? runfolder_set_data(path, data, e) : ATT_OK;
    }
    host_say(c->host, LOG_INFO, "fold %d (%d of %d)", fold, fold + 1, count);
    snprintf(number, sizeof number, "%d", fold);
    json_t *options = json_copy(json_object_get(j, "options"));
    if (!options || json_object_set_new(options, "fold", json_string(number)) != 0) {
        json_decref(options);
        return err_memory(e, 4096, "the options of a fold");
    }
    const struct subrun s = {path, json_str(j, "dataset"), data, options, table};
    att_status status = subrun_train(c, &s, e);
    json_decref(options);
    return status;
}

/* ---- all folds */

/* Shows later whether folds were trained further. */
static att_status store_measured(const char *run, const json_t *j, struct err *e)
{
    json_t *more = json_copy((json_t *)(uintptr_t)j), *steps = json_array();
    att_status status = json_object_set_new(more, "measured", steps) == 0
        ? ATT_OK
        : err_memory(e, 4096, "the list of folds");
    for (int fold = 0; fold < json_int(j, "folds") && status == ATT_OK; fold++) {
        json_t *state = NULL;
        char *path = run_fold_path(run, fold);
        status = path ? checkpoint_peek(path, &state, NULL, e) : err_path(e);
        json_array_append(steps, json_object_get(state, "step"));
        json_decref(state);
        mem_free(path);
    }
    if (status == ATT_OK) status = json_file_write_in(run, RUN_FOLDS, json_incref(more), e);
    json_decref(more);
    return status;
}

/* Folds that other processes may train at the same time. */
struct folds_work {
    const struct train_context *c;
    const char *run;
    const json_t *j;
    const struct train_more *more;
    struct lease_watch watch[FOLDS_MAX];
    bool done[FOLDS_MAX];
};

static att_status folds_stopped(
    const struct folds_work *w, const char *dataset, int fold, att_status status, struct err *e)
{
    err_clear(e);
    TRY(pages_folder(w->c, w->run, dataset, false, e));
    return err_set(e, status, "stopped in fold %d (%d of %d); continue with: attunet resume %s",
        fold, fold + 1, (int)json_int(w->j, "folds"), TEXT_PATH(w->run));
}

/* Trains a fold unless another process does. */
static att_status work_on_fold(
    struct folds_work *w, struct train_context *own, int fold, const char *dataset, struct err *e)
{
    struct lease *lease = NULL;
    const bool dry = is_dry_run(w->c->host);
    char *path = run_fold_path(w->run, fold);
    if (!path) return err_path(e);
    att_status status =
        dry ? ATT_OK : runlock_lease(w->run, path, &w->watch[fold], w->c->host, &lease, e);
    if (status == ATT_OK && (dry || lease)) {
        own->quiet |= QUIET_DATA; /* printed when the folds were cut */
        status = one_fold(own, w->j, path, fold, w->more->data, w->more->table, e);
        own->quiet |= QUIET_REASONS;
        w->done[fold] = status == ATT_OK;
        const bool begun = fold > 0 || file_exists(path); /* something to resume */
        if (status == ATT_INTERRUPTED && begun) status = folds_stopped(w, dataset, fold, status, e);
    }
    lease_drop(lease);
    mem_free(path);
    return status;
}

static att_status train_folds(struct folds_work *w, const char *dataset, struct err *e)
{
    const int count = (int)json_int(w->j, "folds");
    struct train_context own = *w->c;
    for (int left = count; left > 0;) {
        left = 0;
        for (int fold = 0; fold < count; fold++) {
            if (!w->done[fold]) TRY(work_on_fold(w, &own, fold, dataset, e));
            left += !w->done[fold];
        }
        if (left > 0) TRY(lease_pause(w->run, w->c->host, e));
    }
    return ATT_OK;
}

/* *done: another process has measured the folds since this one read the list. */
static att_status folds_measured(const struct folds_work *w, bool *done, struct err *e)
{
    json_t *now = NULL;
    TRY(folds_read_json(w->run, &now, e));
    *done = json_object_get(now, "measured") && !json_object_get(w->j, "measured");
    json_decref(now);
    return ATT_OK;
}

static att_status measure_folds(const struct folds_work *w, const char *dataset, struct err *e)
{
    const json_t *options = json_object_get(w->j, "options");
    const bool sparing = json_object_get(options, "max-memory") != NULL;
    const struct dataset_patterns patterns = patterns_of(options);
    struct lease *lease;
    bool done = false;
    TRY(lease_wait(w->run, "summary", w->c->host, &lease, e));
    att_status status = folds_measured(w, &done, e);
    if (status == ATT_OK && !done)
        status = report_folds(
            w->c, w->run, dataset, &patterns, (int)json_int(w->j, "folds"), sparing, e);
    if (status == ATT_OK && !done) status = pages_folder(w->c, w->run, dataset, true, e);
    if (status == ATT_OK && !done) /* last: others then believe that all is there */
        status = store_measured(w->run, w->j, e);
    if (done)
        host_say(w->c->host, LOG_INFO, "another process has measured the folds of %s", w->run);
    lease_drop(lease);
    return status;
}

static att_status run_folds(const struct train_context *c, const char *run, const json_t *j,
    const struct train_more *more, struct err *e)
{
    const char *dataset = more->data ? more->data : json_str(j, "dataset");
    struct folds_work *w;
    if (!memory_or_file(dataset))
        return runfolder_no_data(dataset, "resume", run, e); /* measuring the folds needs it, too */
    TRY(MEM_NEW(w, "the folds", e));
    *w = (struct folds_work){.c = c, .run = run, .j = j, .more = more};
    att_status status = train_folds(w, dataset, e);
    if (status == ATT_OK) status = file_check_place(run, true, e);
    if (status == ATT_OK && is_dry_run(c->host))
        run_dry_run_folds(c, run);
    else if (status == ATT_OK)
        status = measure_folds(w, dataset, e);
    mem_free(w);
    return status;
}

static att_status folds_add_fold(
    const struct dataset *d, const struct split *s, json_t *cut, struct err *e)
{
    json_t *ids = json_array();
    for (int i = 0; i < s->nval; i++) json_array_append_new(ids, json_utf8(d->cases[s->val[i]].id));
    return json_array_append_new(cut, ids) == 0 ? ATT_OK : err_memory(e, 4096, "the list of folds");
}

static att_status folds_cut_folds(
    struct dataset *d, const struct split_rule *rule, const char *list, json_t *cut, struct err *e)
{
    int count = 0;
    TRY(split_count(d, rule, list, &count, e));
    if (count > FOLDS_MAX)
        return err_data(e, "%s has %d folds, more than %d; train the ones you need with `fold` K",
            d->path, count, FOLDS_MAX);
    for (int fold = 0; fold < count || fold == 0; fold++) { /* split_fold reports missing folds */
        struct split s;
        TRY(split_fold(d, rule, list, fold, &s, e));
        att_status status = folds_add_fold(d, &s, cut, e);
        split_free(&s);
        TRY(status);
    }
    return ATT_OK;
}

static att_status folds_cut_cases(const struct train_context *c, const char *dataset,
    const struct options *o, json_t **cut, struct err *e)
{
    struct dataset d;
    struct split_rule rule;
    if (options_text(o, train, val_list))
        return err_usage(e, "give `fold` or `val-list`, not both");
    if (options_real(o, train, holdout) > 0)
        return err_usage(e, "give `fold` all or `holdout`, not both");
    TRY(patterns_open(dataset, o, &d, NULL, c->host, e));
    d.sparing = options_bytes(o, train, max_memory) > 0;
    *cut = json_array();
    const char *values;
    att_status status = mask_values_wanted(o, &values, e);
    if (status == ATT_OK) status = mask_values_choose(values, &d, e);
    if (status == ATT_OK) status = split_options_rule(o, &d, c->host->pool, c->host, &rule, e);
    if (status == ATT_OK)
        status = folds_cut_folds(&d, &rule, options_text(o, train, train_list), *cut, e);
    dataset_free(&d);
    return status;
}

/* Takes the reference to the options. */
static att_status folds_describe(
    const char *dataset, json_t *options, json_t *cut, json_t **j, struct err *e)
{
    char full[PATH_MAX];
    json_t *path = json_string(memory_full_path(dataset, full) ? full : dataset);
    if (!path) {
        json_decref(options);
        return err_usage(e, "the path %.200s is not UTF-8; rename or move the data set", dataset);
    }
    *j = json_pack("{s:i, s:o, s:i, s:o, s:O}", "format", FORMAT, "dataset", path, "folds",
        (int)json_array_size(cut), "options", options, "cut", cut);
    return *j ? ATT_OK : err_memory(e, 4096, "the list of folds");
}

static att_status describe_set(
    const char *dataset, const struct options *o, json_t *cut, json_t **j, struct err *e)
{
    json_t *options = json_object();
    att_status status = run_options_write(o, true, options, e);
    if (status == ATT_OK) return folds_describe(dataset, options, cut, j, e);
    json_decref(options);
    return status;
}

static bool folds_pending(const char *run, const json_t *j)
{
    bool found = false;
    for (int fold = 0; !found && fold < json_int(j, "folds"); fold++) {
        char *path = run_fold_path(run, fold);
        found = path && !checkpoint_exists(path) && !hard_folder_exists(path);
        mem_free(path);
    }
    return found;
}

static att_status plan_grid(const struct train_context *c, const char *dataset,
    const struct options *o, json_t *options, struct err *e)
{
    const char *name;
    json_t *reason, *why = json_object();
    att_status status = folds_grid(c, dataset, o, options, why, e);
    json_object_foreach(why, name, reason)
    {
        const char *value = json_str(options, name);
        host_say(c->host, LOG_INFO, "%s %s for all folds, planned from all cases: %s", name, value,
            json_string_value(reason));
    }
    json_decref(why);
    return status;
}

static const struct subrun_owner owner = {
    RUN_FOLDS, RUN_FOLD "0", true, folds_read_json, folds_cut_cases, folds_pending, run_folds};

att_status folds_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e)
{
    if (!folds_exist(run)) TRY(runfolder_check(run, is_dry_run(c->host), e));
    json_t *j = NULL, *shared = NULL;
    att_status status = folds_cut_cases(c, dataset, o, &shared, e);
    if (status == ATT_OK) status = describe_set(dataset, o, shared, &j, e);
    if (status == ATT_OK) status = plan_grid(c, dataset, o, json_object_get(j, "options"), e);
    if (status == ATT_OK) status = subrun_start_all(c, &owner, run, j, NULL, o, e);
    json_decref(shared);
    json_decref(j);
    return status;
}

/* ---- folds trained separately */

static att_status folds_join(const struct train_context *c, const char *run,
    const struct folds_separate *f, const struct train_more *more, json_t **j, struct err *e)
{
    const struct train_context part = train_context_part(c, QUIET_ALL);
    const char *dataset = more->data ? more->data : json_string_value(f->dataset);
    struct options o;
    json_t *cut = NULL;
    if (!memory_or_file(dataset)) return runfolder_no_data(dataset, "resume", run, e);
    TRY(run_options_read(f->options, more->table, &o, e));
    att_status status = folds_cut_cases(&part, dataset, &o, &cut, e);
    if (status == ATT_OK) status = folds_separate_check(run, f, dataset, cut, e);
    if (status == ATT_OK) status = folds_describe(dataset, json_incref(f->options), cut, j, e);
    options_free(&o);
    json_decref(cut);
    return status;
}

/* All are trained, so run_folds only measures them. */
static att_status measure_joined(const struct train_context *c, const char *run, json_t *j,
    const struct train_more *more, struct err *e)
{
    int lock = -1;
    if (is_dry_run(c->host)) {
        dry_run_file(c->host, run, RUN_FOLDS);
        return run_folds(c, run, j, more, e);
    }
    TRY(runlock_take(run, "trains in", c->host, &lock, e));
    host_say(c->host, LOG_INFO, "joined the %d folds in %s into one run",
        (int)json_length(j, "cut"), run);
    att_status status = json_file_write_in(run, RUN_FOLDS, json_incref(j), e);
    if (status == ATT_OK) status = run_folds(c, run, j, more, e);
    runlock_drop(lock);
    return status;
}

static att_status resume_separate(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    struct folds_separate f;
    json_t *j = NULL;
    att_status status = folds_separate_read(run, &f, e);
    if (status == ATT_OK) status = folds_join(c, run, &f, more, &j, e);
    if (status == ATT_OK && f.grids_differ)
        host_warn(c->host, WARN_FOLDS_DIFFER,
            "the folds in %s use different grids, so they are measured together but cannot predict "
            "together; train folds with one `plan`",
            run);
    folds_separate_free(&f);
    if (status == ATT_OK) status = measure_joined(c, run, j, more, e);
    json_decref(j);
    return status;
}

att_status folds_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    if (more->steps > 0 || more->seconds > 0)
        return err_usage(e,
            "%s has several folds; resume each fold with `steps` or `time`, then run: attunet "
            "resume %s",
            run, TEXT_PATH(run));
    return folds_exist(run) ? subrun_resume_all(c, &owner, run, more, e)
                            : resume_separate(c, run, more, e);
}
