/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_run.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "device/device_kernels.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "model/run_files.h"
#include "train/checkpoint.h"
#include "train/duration.h"
#include "train/loop.h"
#include "train/run_dry.h"
#include "train/run_record.h"
#include "train/runfolder.h"
#include "train/runlock.h"
#include "train/runlog.h"
#include "train/split_options.h"
#include "train/train_build.h"
#include "train/train_decide.h"
#include "train/train_state.h"

/* " VALUE" of a setting, or "" if it is long, as the spec is. */
static void value_word(const json_t *value, char *word, size_t size)
{
    enum { LONG = 40 };
    const char *text = json_string_value(value);
    *word = 0;
    if (text && strlen(text) <= LONG) snprintf(word, size, " %s", text);
    if (json_is_boolean(value)) snprintf(word, size, " %s", json_is_true(value) ? "yes" : "no");
    if (json_is_number(value)) number_write(word, size, " %g", json_number_value(value));
}

static void train_run_log(const struct training *t, const json_t *why)
{
    const struct recipe *r = &t->recipe;
    const char *key;
    char word[64], size[64], sides[SPLIT_SUMMARY];
    json_t *reason, *j = recipe_to_json(r);
    const json_t *settings = json_object_get(j, "settings");
    value_word(json_object_get(settings, "patch"), size, sizeof size);
    if (!t->split.nval)
        host_say(t->c->host, LOG_INFO,
            "no case is held out for validation, so there will be no score; add `fold` 0 or "
            "`holdout` 0.2");
    host_say(t->c->host, LOG_INFO, "%s; network %s; patch%s, batch %d",
        split_summary(&t->split, sides), r->spec, size, r->batch);
    json_each(why, key, reason)
    {
        if (t->c->quiet & QUIET_REASONS) break;
        value_word(json_object_get(settings, key), word, sizeof word);
        host_say(t->c->host, LOG_INFO, "%s%s: %s", key, word, json_string_value(reason));
    }
    json_decref(j);
}

/* Reports errors before the folder exists. */
static att_status train_run_build(
    struct training *t, const char *dataset, const struct options *o, struct err *e)
{
    TRY(runfolder_check(t->run, is_dry_run(t->c->host), e));
    json_t *why = json_object();
    att_status status = training_decide(t, dataset, o, NULL, why, e);
    if (status == ATT_OK) train_run_log(t, why);
    json_decref(why);
    TRY(status);
    t->times_steps = !t->recipe.steps;
    TRY(training_build(t, e));
    if (t->times_steps && !is_dry_run(t->c->host)) return duration_measure(t, t->recipe.seconds, e);
    return ATT_OK;
}

static att_status train_run_first(
    struct training *t, const char *dataset, const struct options *o, int *lock, struct err *e)
{
    att_status status = train_run_build(t, dataset, o, e);
    if (status == ATT_INTERRUPTED) {
        err_clear(e);
        return err_set(e, status, "stopped before the first step; nothing was written");
    }
    TRY(status);
    if (is_dry_run(t->c->host)) {
        run_dry_run(t, NULL);
        return ATT_OK;
    }
    TRY(file_make_folders(t->run, e));
    TRY(runlock_take(t->run, "trains in", t->c->host, lock, e));
    TRY(runfolder_check(t->run, false, e)); /* again: another process may have been faster */
    if (!t->recipe.steps) {
        bool choose = t->recipe.validate_every < 0;
        duration_fit(t, t->recipe.seconds, choose); /* a checkpoint needs a length */
        const int64_t warmup = t->recipe.warmup, every = t->recipe.validate_every;
        recipe_settle(&t->recipe);
        TRY(duration_save(t, e));
        t->recipe.warmup = warmup; /* what recipe_settle has set */
        t->recipe.validate_every = every;
        duration_set(t, t->recipe.seconds, choose);
    }
    recipe_settle(&t->recipe);
    TRY(training_save(t, e)); /* first: with it, the run can be resumed */
    TRY(training_write_settings(t, e));
    TRY(runlog_begin(t->run, &t->model.labels, 0, e));
    char *command = record_train_command(dataset, t->run, o);
    status = record_begin(t, command, e);
    mem_free(command);
    TRY(status);
    return training_loop(t, e);
}

att_status training_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e)
{
    int lock = -1;
    struct training *t = training_new(c, run, e);
    if (!t) return ATT_MEMORY;
    att_status status = train_run_first(t, dataset, o, &lock, e);
    training_delete(t);
    runlock_drop(lock);
    return status;
}

/* ---- resuming */

/* The learning rate continues without a jump. */
static att_status train_run_extend(struct training *t, const struct train_more *more, struct err *e)
{
    struct recipe *r = &t->recipe;
    const int64_t steps = r->steps;
    if (more->seconds > 0) {
        TRY(duration_save(t, e));
        duration_set(t, more->seconds, false);
        r->seconds = more->seconds;
    } else {
        r->steps += more->steps;
    }
    t->transition =
        schedule_extend(r->schedule, r->lr, t->step, steps, r->steps, r->warmup, &t->transition);
    t->finished = false;
    return training_save(t, e);
}

/* A finished run has lost its model. */
static att_status restore_model(struct training *t, const char *path, struct err *e)
{
    TRY(file_check_place(t->run, true, e));
    if (is_dry_run(t->c->host)) {
        note_dry_run(t->c->host, "write the model of %s again, from its checkpoint", t->run);
        dry_run_file(t->c->host, t->run, RUN_MODEL);
        return ATT_OK;
    }
    host_say(t->c->host, LOG_INFO, "%s has no " RUN_MODEL "; writing it again from the checkpoint",
        t->run);
    TRY(training_build(t, e));
    TRY(checkpoint_moments(path, &t->model, &t->optimiser, &t->average, e));
    return training_restore_model(t, e);
}

/* before: NULL for checkpoints of older versions. */
static void log_device(const struct training *t, const char *before)
{
    char device[DEVICE_WORD];
    const char *now = device_of_kernels(t->c->host->kernels, device);
    if (before && strcmp(before, now) != 0)
        host_say(t->c->host, LOG_INFO,
            "%s trained on the device %s so far and continues on %s, with other last digits",
            t->run, before, now);
}

static att_status train_run_resume(struct training *t, const json_t *state, const char *path,
    const struct train_more *more, struct err *e)
{
    bool longer = more->steps > 0 || more->seconds > 0;
    TRY(training_from_json(t, state, more->data, e));
    if (more->max_memory > 0) t->recipe.max_memory = more->max_memory, t->data.sparing = true;
    if (!longer && t->step >= t->recipe.steps && t->finished) {
        host_say(t->c->host, LOG_INFO,
            "this run is finished at step %lld; add `steps` +N or `time` TIME to train further",
            (long long)t->step);
        if (!file_has(t->run, RUN_MODEL)) TRY(restore_model(t, path, e));
        return more->data && !is_dry_run(t->c->host) ? runfolder_set_data(t->run, more->data, e)
                                                     : ATT_OK;
    }
    TRY(file_check_place(t->run, true, e));
    t->times_steps = more->seconds > 0 || t->c->deadline > 0;
    log_device(t, json_str(state, "device"));
    TRY(training_build(t, e));
    if (is_dry_run(t->c->host)) {
        run_dry_run(t, more);
        return ATT_OK;
    }
    if (t->times_steps)
        TRY(duration_measure(t, more->seconds > 0 ? more->seconds : t->c->deadline - t->began, e));
    TRY(checkpoint_moments(path, &t->model, &t->optimiser, &t->average, e));
    if (longer) TRY(train_run_extend(t, more, e));
    TRY(training_write_settings(t, e));
    TRY(runlog_begin(
        t->run, &t->model.labels, t->step - t->due, e)); /* a pending step has no row yet */
    char *command = record_resume_command(t->run, more);
    att_status status = record_begin(t, command, e);
    mem_free(command);
    TRY(status);
    host_say(t->c->host, LOG_INFO, "resuming at step %lld of %lld", (long long)t->step,
        (long long)t->recipe.steps);
    return training_loop(t, e);
}

att_status training_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    struct training *t = training_new(c, run, e);
    if (!t) return ATT_MEMORY;
    json_t *state = NULL;
    char *path = NULL;
    bool fallback = false;
    int lock = -1;
    const bool dry = is_dry_run(c->host);
    att_status status = !checkpoint_exists(run) ? ATT_OK
        : dry                                   ? runlock_check(run, "trains in", e)
                                                : runlock_take(run, "trains in", c->host, &lock, e);
    if (status == ATT_OK) status = runfolder_check_files(run, e);
    if (status == ATT_OK)
        status = checkpoint_open(run, dry, &t->model, &state, &path, &fallback, e);
    if (status == ATT_OK && !dry) runfolder_sweep(run);
    if (status == ATT_OK && fallback)
        host_warn(c->host, WARN_CHECKPOINT_DAMAGED,
            "the newest checkpoint is damaged; resuming from %s", path);
    t->fallback = fallback;
    if (status == ATT_OK) status = train_run_resume(t, state, path, more, e);
    json_decref(state);
    mem_free(path);
    training_delete(t);
    runlock_drop(lock);
    return status;
}
