/* SPDX-License-Identifier: Apache-2.0 */
/* Options there and back, and beginning or going on; called by folds.c and hardrun.c. */
#include "train/subrun.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "base/rehearsal.h"
#include "base/text.h"
#include "model/run_files.h"
#include "train/checkpoint.h"
#include "train/hard_folder.h"
#include "train/runfolder.h"
#include "train/runlock.h"

/* A file that an option names is found from any folder. */
static json_t *option_text(const struct option_value *v)
{
    char full[PATH_MAX];
    bool file = v->row->arg && (!strcmp(v->row->arg, "FILE") || !strcmp(v->row->arg, "MODEL"));
    return json_string(file && realpath(v->text, full) ? full : v->text);
}

static bool is_kept(const char *name, bool every_fold)
{
    static const char *const others[] = {"output", "plan", "dry-run", NULL};
    return text_index(others, name) < 0 && !(every_fold && !strcmp(name, "fold"));
}

att_status subrun_options(const struct options *o, bool every_fold, json_t *options, struct err *e)
{
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        if (!v->given || !v->text || !v->row->commands || !is_kept(v->row->name, every_fold)) continue;
        json_t *text = option_text(v);
        if (!text) return err_set(e, ATT_USAGE, "the text of --%s is not UTF-8: move the file, or write it in another way", v->row->name);
        if (json_object_set_new(options, v->row->name, text) != 0) return err_memory(e, 4096, "the options of a run");
    }
    return ATT_OK;
}

bool subrun_options_good(const json_t *options, bool every_fold)
{
    const char *name;
    json_t *value;
    if (!json_is_object(options)) return false;
    json_object_foreach((json_t *)(uintptr_t)options, name, value) if (!json_is_string(value) || !is_kept(name, every_fold)) return false;
    return true;
}

att_status subrun_read(const json_t *options, const struct options *table, struct options *o, struct err *e)
{
    const char *name;
    json_t *value;
    att_status status = ATT_OK;
    TRY(options_init(o, table->table, table->table_count, table->command, e));
    json_object_foreach((json_t *)(uintptr_t)options, name, value)
    {
        if (status == ATT_OK) status = options_set(o, name, json_string_value(value), e);
    }
    if (status != ATT_OK) options_free(o);
    return status;
}

bool subrun_is_finished(const char *path, bool dry)
{
    struct err ignored = {0}; /* who goes on with it will be told */
    json_t *state;
    checkpoint_peek(path, &state, NULL, &ignored);
    bool finished = json_is_true(json_object_get(state, "finished"));
    json_decref(state);
    if (finished && !dry) checkpoint_settle(path); /* nobody opens it to go on */
    return finished;
}

static att_status go(const struct train_context *c, const struct subrun *s, struct err *e)
{
    struct options o;
    if (checkpoint_exists(s->path) || hardrun_exists(s->path))
        return train_resume(c, s->path, &(struct train_more){.data = s->data, .table = s->table}, e);
    TRY(subrun_read(s->options, s->table, &o, e));
    att_status status = train_start(c, s->dataset, s->path, &o, e);
    options_free(&o);
    return status;
}

/* Its own file stop ends it, too, and so those around it. */
att_status subrun_go(const struct train_context *c, const struct subrun *s, struct err *e)
{
    char *stop;
    if (!c->log || rehearsing(c->log)) return go(c, s, e);
    TRY(runfolder_watch(s->path, c->log, &stop, e));
    return runfolder_unwatch(c->log, stop, go(c, s, e));
}

/* ---- a run that holds such runs */

att_status subrun_note(const char *run, const char *name, json_t *j, struct err *e)
{
    char *path = file_join(run, name);
    att_status status = path ? json_file_write(path, json_incref(j), e) : err_memory(e, strlen(run), "a file name");
    mem_free(path);
    return status;
}

static void undo(const struct subrun_owner *owner, const char *run)
{
    const char *const names[] = {owner->file, RUN_SETTINGS, RUN_RECORD, RUN_LOCK, NULL};
    char *first = file_join(run, owner->first);
    if (first && !file_exists(first)) {
        for (int i = 0; names[i]; i++) {
            char *path = file_join(run, names[i]);
            if (path) file_remove(path);
            mem_free(path);
        }
        file_remove_folder(run);
    }
    mem_free(first);
}

static att_status start_locked(const struct train_context *c, const struct subrun_owner *owner, const char *run, json_t *how,
                               json_t *settings, const struct options *table, struct err *e)
{
    TRY(runfolder_check(run, false, e)); /* again: another training may have been faster */
    att_status status = subrun_note(run, owner->file, how, e);
    if (status == ATT_OK && settings) status = subrun_note(run, RUN_SETTINGS, settings, e);
    if (status == ATT_OK) status = owner->go(c, run, how, &(struct train_more){.table = table, .begun = table}, e);
    if (status != ATT_OK) undo(owner, run);
    return status;
}

static void rehearse_all(const struct train_context *c, const struct subrun_owner *owner, const char *run, bool settings)
{
    rehearse_file(c->log, run, owner->file);
    rehearse_file(c->log, run, RUN_LOCK);
    if (settings) rehearse_file(c->log, run, RUN_SETTINGS);
}

att_status subrun_start_all(const struct train_context *c, const struct subrun_owner *owner, const char *run, json_t *how, json_t *settings,
                            const struct options *table, struct err *e)
{
    int lock = -1;
    if (rehearsing(c->log)) {
        rehearse_all(c, owner, run, settings != NULL);
        return owner->go(c, run, how, &(struct train_more){.table = table, .begun = table}, e);
    }
    TRY(file_make_folders(run, e));
    TRY(runlock_take(run, "trains in", c->log, &lock, e));
    att_status status = start_locked(c, owner, run, how, settings, table, e);
    runlock_drop(lock);
    return status;
}

/* Nothing is written before this, so that a wrong path does no harm. */
static att_status check_data(const struct train_context *c, const struct subrun_owner *owner, const char *run, const json_t *how,
                             const struct train_more *more, struct err *e)
{
    const char *dataset = more->data ? more->data : json_string_value(json_object_get(how, "dataset"));
    const struct train_context brief = {.log = c->log, .pool = c->pool, .kernels = c->kernels, .brief = true, .known = true, .split = true};
    struct options o;
    json_t *cut = NULL;
    if (!more->data && !owner->begins(run, how)) return ATT_OK;
    if (!more->data && !file_exists(dataset)) return runfolder_lost(dataset, "resume", run, e);
    TRY(subrun_read(json_object_get(how, "options"), more->table, &o, e));
    att_status status = owner->cut(&brief, dataset, &o, &cut, e);
    if (status == ATT_OK && !json_equal(cut, json_object_get(how, "cut")))
        status =
            err_set(e, ATT_DATA,
                    "%s has other cases or groups than when %s was begun, and what is still to begin would not fit what is there: bring "
                    "it back to what it was, or begin a new run",
                    dataset, run);
    json_decref(cut);
    options_free(&o);
    return status;
}

static att_status move_data(const struct subrun_owner *owner, const char *run, json_t *how, const char *data, bool dry, struct err *e)
{
    char full[PATH_MAX];
    json_t *text = realpath(data, full) ? json_string(full) : NULL;
    if (!text) return err_set(e, ATT_IO, "cannot open %s; check the path", data);
    json_object_set_new(how, "dataset", text);
    if (dry) return ATT_OK;
    TRY(subrun_note(run, owner->file, how, e));
    return runfolder_moved(run, data, e);
}

att_status subrun_resume_all(const struct train_context *c, const struct subrun_owner *owner, const char *run,
                             const struct train_more *more, struct err *e)
{
    int lock = -1;
    json_t *how = NULL;
    const bool dry = rehearsing(c->log);
    TRY(dry ? runlock_look(run, "trains in", e) : runlock_take(run, "trains in", c->log, &lock, e));
    if (!dry) runfolder_sweep(run);
    att_status status = owner->read(run, &how, e);
    if (status == ATT_OK) status = check_data(c, owner, run, how, more, e);
    if (status == ATT_OK && more->data) status = move_data(owner, run, how, more->data, dry, e);
    if (status == ATT_OK) status = owner->go(c, run, how, more, e);
    json_decref(how);
    runlock_drop(lock);
    return status;
}
