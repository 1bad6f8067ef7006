/* SPDX-License-Identifier: Apache-2.0 */
/* One run per fold; called by train.c. */
#include "train/folds.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "dataset/json_file.h"
#include "train/checkpoint.h"
#include "train/report.h"
#include "train/runfolder.h"
#include "train/runlock.h"

static const char NAME[] = "folds.json";
enum { FORMAT = 1, FOLDS_MOST = 1000 };

bool folds_wanted(const struct options *o)
{
    const char *fold = options_text(o, "fold");
    return fold && strcmp(fold, "all") == 0;
}

bool folds_exist(const char *run)
{
    char *path = file_join(run, NAME);
    bool there = path && file_exists(path);
    mem_free(path);
    return there;
}

/* ---- folds.json: {"format", "dataset", "folds", "options": {NAME: TEXT}} */

/* A file that an option names is found from any folder. */
static json_t *option_text(const struct option_value *v)
{
    char full[PATH_MAX];
    bool file = v->row->arg && (!strcmp(v->row->arg, "FILE") || !strcmp(v->row->arg, "MODEL"));
    return json_string(file && realpath(v->text, full) ? full : v->text);
}

static bool is_for_folds(const char *name)
{
    static const char *const others[] = {"fold", "output", "plan", NULL};
    int i = 0;
    while (others[i] && strcmp(others[i], name) != 0) i++;
    return !others[i];
}

/* What was given and says how to train; not where to, nor what is of the command alone. */
static att_status given_options(const struct options *o, json_t *options, struct err *e)
{
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        if (!v->given || !v->text || !v->row->commands || !is_for_folds(v->row->name)) continue;
        json_t *text = option_text(v);
        if (!text) return err_set(e, ATT_USAGE, "the text of --%s is not UTF-8: move the file, or write it in another way", v->row->name);
        if (json_object_set_new(options, v->row->name, text) != 0) return err_memory(e, 4096, "the list of folds");
    }
    return ATT_OK;
}

static att_status write_json(const char *run, const json_t *j, struct err *e)
{
    char *text = j ? json_dumps(j, JSON_INDENT(1)) : NULL, *path = file_join(run, NAME);
    att_status status = text && path ? file_write_all(path, text, strlen(text), e) : err_memory(e, 4096, "the list of folds");
    free(text);
    mem_free(path);
    return status;
}

/* Only what given_options writes: one of the others would be in the way of the fold's own. */
static bool good_options(const json_t *options)
{
    const char *name;
    json_t *value;
    if (!json_is_object(options)) return false;
    json_object_foreach((json_t *)(uintptr_t)options, name, value) if (!json_is_string(value) || !is_for_folds(name)) return false;
    return true;
}

static att_status read_json(const char *run, json_t **j, struct err *e)
{
    char *path = file_join(run, NAME);
    if (!path) return err_memory(e, strlen(run), "a file name");
    att_status status = json_file_read(path, j, e);
    json_int_t folds = json_integer_value(json_object_get(*j, "folds"));
    bool good = json_integer_value(json_object_get(*j, "format")) == FORMAT && folds > 0 && folds <= FOLDS_MOST &&
                json_is_string(json_object_get(*j, "dataset")) && good_options(json_object_get(*j, "options"));
    if (status == ATT_OK && !good) {
        json_decref(*j);
        *j = NULL;
        status = err_set(e, ATT_DATA, "%s is damaged or from another version of attunet: go on with its folds one by one", path);
    }
    mem_free(path);
    return status;
}

/* ---- one fold */

static char *fold_path(const char *run, int fold)
{
    char name[32];
    snprintf(name, sizeof name, "fold_%d", fold);
    return file_join(run, name);
}

static att_status set_options(struct options *o, const json_t *options, int fold, struct err *e)
{
    char number[16];
    const char *name;
    json_t *value;
    snprintf(number, sizeof number, "%d", fold);
    json_object_foreach((json_t *)(uintptr_t)options, name, value) { TRY(options_set(o, name, json_string_value(value), e)); }
    return options_set(o, "fold", number, e);
}

static att_status begin(const struct train_context *c, const json_t *j, const char *path, int fold, const struct options *table,
                        struct err *e)
{
    struct options o;
    TRY(options_init(&o, table->table, table->table_count, table->command, e));
    att_status status = set_options(&o, json_object_get(j, "options"), fold, e);
    if (status == ATT_OK) status = train_start(c, json_string_value(json_object_get(j, "dataset")), path, &o, e);
    options_free(&o);
    return status;
}

static bool is_finished(const char *path)
{
    json_t *state = checkpoint_peek(path);
    bool finished = json_is_true(json_object_get(state, "finished"));
    json_decref(state);
    return finished;
}

static att_status one_fold(const struct train_context *c, const json_t *j, const char *path, int fold, const char *data,
                           const struct options *table, struct err *e)
{
    int count = (int)json_integer_value(json_object_get(j, "folds"));
    if (is_finished(path)) {
        log_say(c->log, LOG_INFO, "fold %d (%d of %d) is finished", fold, fold + 1, count);
        return ATT_OK;
    }
    log_say(c->log, LOG_INFO, "fold %d (%d of %d)", fold, fold + 1, count);
    return checkpoint_exists(path) ? train_resume(c, path, &(struct train_more){.data = data}, e) : begin(c, j, path, fold, table, e);
}

/* ---- all of them */

/* `data`: where the data set has moved to, or NULL.  `table`: options of the command `train`, whatever their values. */
static att_status run_folds(const struct train_context *c, const char *run, const json_t *j, const char *data, const struct options *table,
                            struct err *e)
{
    int count = (int)json_integer_value(json_object_get(j, "folds"));
    for (int fold = 0; fold < count; fold++) {
        char *path = fold_path(run, fold);
        att_status status = path ? one_fold(c, j, path, fold, data, table, e) : err_memory(e, strlen(run), "a file name");
        mem_free(path);
        if (status == ATT_INTERRUPTED) {
            err_clear(e);
            return err_set(e, status, "stopped in fold %d (%d of %d); go on with: attunet resume %s", fold, fold + 1, count, run);
        }
        TRY(status);
    }
    return report_folds(c, run, json_string_value(json_object_get(j, "dataset")), count, e);
}

/* Every fold is cut once before the first is trained. */
static att_status check_folds(const struct train_context *c, const char *dataset, const struct options *o, int *count, struct err *e)
{
    struct dataset d;
    if (options_text(o, "val-list")) return err_set(e, ATT_USAGE, "give --fold or --val-list, not both");
    TRY(dataset_open(dataset, &d, c->log, e));
    att_status status = split_count(&d, count, e);
    if (status == ATT_OK && *count < 1) *count = 1; /* the sentence is split_fold's */
    if (status == ATT_OK && *count > FOLDS_MOST)
        status = err_set(e, ATT_DATA, "%s has %d folds; train the ones you need with --fold K", dataset, *count);
    for (int fold = 0; status == ATT_OK && fold < *count; fold++) {
        struct split s;
        status = split_fold(&d, options_text(o, "train-list"), fold, &s, e);
        if (status == ATT_OK) split_free(&s);
    }
    dataset_free(&d);
    return status;
}

/* A first fold that could not begin leaves nothing behind. */
static void undo(const char *run)
{
    char *first = fold_path(run, 0), *json = file_join(run, NAME), *lock = file_join(run, runlock_name);
    if (first && json && lock && !file_exists(first)) {
        unlink(json);
        unlink(lock);
        rmdir(run);
    }
    mem_free(first);
    mem_free(json);
    mem_free(lock);
}

static att_status describe(const char *dataset, const struct options *o, int count, json_t **j, struct err *e)
{
    char full[PATH_MAX];
    json_t *options = json_object(), *path = json_string(realpath(dataset, full) ? full : dataset);
    att_status status =
        path ? given_options(o, options, e) : err_set(e, ATT_USAGE, "the path %.200s is not UTF-8: move the data set", dataset);
    *j = json_pack("{s:i, s:o, s:i, s:o}", "format", FORMAT, "dataset", path, "folds", count, "options", options);
    return status != ATT_OK || *j ? status : err_memory(e, 4096, "the list of folds");
}

static att_status start_locked(const struct train_context *c, const char *run, const json_t *j, const struct options *o, struct err *e)
{
    TRY(runfolder_check(run, e)); /* again: another training may have been faster */
    att_status status = write_json(run, j, e);
    if (status == ATT_OK) status = run_folds(c, run, j, NULL, o, e);
    if (status != ATT_OK) undo(run);
    return status;
}

att_status folds_start(const struct train_context *c, const char *dataset, const char *run, const struct options *o, struct err *e)
{
    int count = 0, lock = -1;
    TRY(runfolder_check(run, e));
    TRY(check_folds(c, dataset, o, &count, e));
    json_t *j;
    att_status status = describe(dataset, o, count, &j, e);
    if (status == ATT_OK) status = file_make_folders(run, e);
    if (status == ATT_OK) status = runlock_take(run, &lock, e);
    if (status == ATT_OK) status = start_locked(c, run, j, o, e);
    runlock_drop(lock);
    json_decref(j);
    return status;
}

static att_status move_data(const char *run, json_t *j, const char *data, struct err *e)
{
    char full[PATH_MAX];
    json_t *text = realpath(data, full) ? json_string(full) : NULL;
    if (!text) return err_set(e, ATT_IO, "cannot open %s; check the path", data);
    json_object_set_new(j, "dataset", text);
    return write_json(run, j, e);
}

static att_status resume_locked(const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    json_t *j;
    runfolder_sweep(run);
    TRY(read_json(run, &j, e));
    att_status status = more->data ? move_data(run, j, more->data, e) : ATT_OK;
    if (status == ATT_OK) status = run_folds(c, run, j, more->data, more->table, e);
    json_decref(j);
    return status;
}

att_status folds_resume(const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    int lock = -1;
    if (more->steps > 0 || more->seconds > 0)
        return err_set(
            e, ATT_USAGE,
            "%s holds several folds: give --steps or --time to each, such as attunet resume %s/fold_0 --steps +1000, and then resume %s",
            run, run, run);
    TRY(runlock_take(run, &lock, e));
    att_status status = resume_locked(c, run, more, e);
    runlock_drop(lock);
    return status;
}
