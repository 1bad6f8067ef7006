/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a run of one network; called by start.c. */
#include "train/loop.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/json_file.h"
#include "model/run_files.h"
#include "train/duration.h"
#include "train/run_dry.h"
#include "train/run_record.h"
#include "train/runfolder.h"
#include "train/runlock.h"
#include "train/runlog.h"
#include "train/sharing.h"

/* " VALUE" of a setting; nothing where it is long: the network's text stands in a line of its own.
 */
static void value_word(const json_t *value, char *word, size_t size)
{
    enum { LONG = 40 };
    const char *text = json_string_value(value);
    *word = 0;
    if (text && strlen(text) <= LONG) snprintf(word, size, " %s", text);
    if (json_is_boolean(value)) snprintf(word, size, " %s", json_is_true(value) ? "yes" : "no");
    if (json_is_number(value)) number_write(word, size, " %g", json_number_value(value));
}

/* What was decided, and why, in a few lines. */
static void train_tell(const struct training *t, const json_t *why)
{
    const struct recipe *r = &t->recipe;
    const char *key;
    char word[64], size[64], sides[SHARING_WORDS];
    json_t *reason, *j = recipe_to_json(r);
    const json_t *settings = json_object_get(j, "settings");
    value_word(json_object_get(settings, "patch"), size, sizeof size);
    if (!t->split.nval)
        host_say(t->c->host, LOG_INFO,
            "no case validates, so that there will be no score: `fold` 0 or `holdout` 0.2 keeps "
            "some back");
    host_say(t->c->host, LOG_INFO, "%s; network %s; patch%s, batch %d",
        sharing_words(&t->split, sides), r->spec, size, r->batch);
    json_object_foreach((json_t *)(uintptr_t)why, key, reason)
    {
        if (t->c->brief) break;
        value_word(json_object_get(settings, key), word, sizeof word);
        host_say(t->c->host, LOG_INFO, "%s%s: %s", key, word, json_string_value(reason));
    }
    json_decref(j);
}

json_t *training_settings(const struct training *t)
{
    json_t *all = training_to_json(t), *settings = json_incref(json_object_get(all, "recipe"));
    json_object_set(settings, "train", json_object_get(all, "train"));
    json_object_set(settings, "val", json_object_get(all, "val"));
    json_decref(all);
    return settings;
}

att_status training_write_settings(const struct training *t, struct err *e)
{
    json_t *settings = training_settings(t);
    char *path = file_join(t->run, RUN_SETTINGS);
    att_status status = path
        ? json_file_write_as(path, settings, JSON_INDENT(1) | JSON_REAL_PRECISION(15), e)
        : err_path(e);
    json_decref(settings);
    mem_free(path);
    return status;
}

/* Everything that can be wrong is found before the folder exists. */
static att_status train_get_ready(
    struct training *t, const char *dataset, const struct options *o, struct err *e)
{
    TRY(runfolder_check(t->run, is_dry_run(t->c->host), e));
    json_t *why = json_object();
    att_status status = training_decide(t, dataset, o, NULL, why, e);
    if (status == ATT_OK) train_tell(t, why);
    json_decref(why);
    TRY(status);
    t->timed = !t->recipe.steps;
    TRY(training_prepare(t, e));
    if (t->timed && !is_dry_run(t->c->host)) return duration_measure(t, t->recipe.seconds, e);
    return ATT_OK;
}

static att_status train_first(
    struct training *t, const char *dataset, const struct options *o, int *lock, struct err *e)
{
    att_status status = train_get_ready(t, dataset, o, e);
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
    TRY(runfolder_check(t->run, false, e)); /* again: another training may have been faster */
    if (!t->recipe.steps) {
        bool choose = t->recipe.validate_every < 0;
        duration_fit(
            t, t->recipe.seconds, choose); /* a checkpoint is of a run whose length is known */
        const struct recipe open = t->recipe;
        recipe_settle(&t->recipe);
        TRY(duration_save(t, e));
        t->recipe = open;
        duration_settle(t, t->recipe.seconds, choose);
    }
    recipe_settle(&t->recipe);
    TRY(training_save(t, e)); /* first, so that from its first file on a run can be resumed */
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
    att_status status = train_first(t, dataset, o, &lock, e);
    training_end(t);
    runlock_drop(lock);
    return status;
}
