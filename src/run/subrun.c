/* SPDX-License-Identifier: Apache-2.0 */
#include "run/subrun.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "dataset/memory_set.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/json_file.h"
#include "files/lease.h"
#include "hard/hard_folder.h"
#include "model/run_files.h"
#include "plan/recipe.h"
#include "train/checkpoint.h"
#include "train/run_options.h"
#include "train/runfolder.h"
#include "train/runlock.h"

static att_status start_or_resume(
    const struct train_context *c, const struct subrun *s, struct err *e)
{
    struct options o;
    if (checkpoint_exists(s->path) || hard_folder_exists(s->path))
        return c->runs->resume(
            c, s->path, &(struct train_more){.data = s->data, .table = s->table}, e);
    TRY(run_options_read(s->options, s->table, &o, e));
    att_status status = c->runs->start(c, s->dataset, s->path, &o, e);
    options_free(&o);
    return status;
}

/* RUN/stop in its folder also stops the runs around it. */
att_status subrun_train(const struct train_context *c, const struct subrun *s, struct err *e)
{
    char *stop;
    TRY(runfolder_watch(s->path, c->host, &stop, e));
    return runfolder_unwatch(c->host, stop, start_or_resume(c, s, e));
}

/* ---- a run that contains such runs */

/* The lock of the folder; if it is shared, only while it is begun or checked. */
struct subrun_lock {
    struct lease *turn;
    int fd;
};

static att_status subrun_lock(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, struct subrun_lock *l, struct err *e)
{
    *l = (struct subrun_lock){NULL, -1};
    if (owner->shared) TRY(lease_wait(run, "turn", c->host, &l->turn, e));
    return runlock_take(run, "trains in", c->host, &l->fd, e);
}

static void subrun_unlock(struct subrun_lock *l)
{
    runlock_drop(l->fd);
    lease_drop(l->turn);
    *l = (struct subrun_lock){NULL, -1};
}

/* A run in the folder, or the lease of a process that begins one. */
static bool subrun_any(const struct subrun_owner *owner, const char *run)
{
    struct err none = {0};
    struct file_list l;
    bool any = false;
    if (!owner->shared) return file_has(run, owner->first);
    if (file_list_all(run, &l, &none) != ATT_OK) return true;
    for (int i = 0; i < l.count; i++)
        any |= !strncmp(l.names[i] + (l.names[i][0] == '.'), RUN_FOLD, strlen(RUN_FOLD));
    file_list_free(&l);
    return any;
}

static void subrun_undo(const struct subrun_owner *owner, const char *run)
{
    const char *const names[] = {owner->file, RUN_SETTINGS, RUN_RECORD, RUN_LOCK, NULL};
    for (int i = 0; names[i] && !subrun_any(owner, run); i++) file_remove_in(run, names[i]);
}

static att_status subrun_write(const struct subrun_owner *owner, const char *run, json_t *plan,
    json_t *settings, struct err *e)
{
    TRY(runfolder_check(run, false, e)); /* again: another process may have been faster */
    if (settings) TRY(json_file_write_in(run, RUN_SETTINGS, json_incref(settings), e));
    return json_file_write_in(
        run, owner->file, json_incref(plan), e); /* last: it makes the folder a run */
}

/* Whether `a` has what `b` has, except for what was planned: that may count on a measured speed. */
static bool subrun_has(const json_t *a, const json_t *b, const struct options *table)
{
    const char *name;
    json_t *value;
    bool same = true;
    json_each(b, name, value)
    {
        const bool planned = recipe_is_shared(name) && !options_read_text(table, name);
        same &= planned || json_equal(value, json_object_get(a, name));
    }
    return same;
}

/* Whether the run was begun with the same settings. Its plan counts. */
static att_status subrun_join(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, json_t *plan, const struct options *table, struct err *e)
{
    static const char *const keys[] = {"dataset", "folds", "cut"};
    json_t *begun, *own = json_object_get(plan, "options");
    TRY(owner->read(run, &begun, e));
    json_t *options = json_object_get(begun, "options");
    bool same = subrun_has(options, own, table) && subrun_has(own, options, table);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        same &= json_equal(json_object_get(begun, keys[i]), json_object_get(plan, keys[i]));
    if (same) json_object_set(plan, "options", options);
    json_decref(begun);
    if (!same)
        return err_usage(e,
            "%s began with other settings or cases; choose a new folder, or continue with: attunet "
            "resume %s",
            run, TEXT_PATH(run));
    host_say(
        c->host, LOG_INFO, "continuing the run in %s, which began with the same settings", run);
    return ATT_OK;
}

static void dry_run_all(
    const struct train_context *c, const struct subrun_owner *owner, const char *run, bool settings)
{
    dry_run_file(c->host, run, owner->file);
    dry_run_file(c->host, run, RUN_LOCK);
    if (settings) dry_run_file(c->host, run, RUN_SETTINGS);
}

att_status subrun_start_all(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, json_t *plan, json_t *settings, const struct options *table, struct err *e)
{
    const struct train_more more = {.table = table, .start_options = table};
    struct subrun_lock lock;
    if (is_dry_run(c->host)) {
        if (owner->shared && file_has(run, owner->file))
            TRY(subrun_join(c, owner, run, plan, table, e));
        dry_run_all(c, owner, run, settings != NULL);
        return owner->train(c, run, plan, &more, e);
    }
    const bool made = !file_exists(run);
    TRY(file_make_folders(run, e));
    att_status status = subrun_lock(c, owner, run, &lock, e);
    const bool joins = owner->shared && file_has(run, owner->file),
               begins = status == ATT_OK && !joins;
    if (begins)
        status = subrun_write(owner, run, plan, settings, e);
    else if (status == ATT_OK)
        status = subrun_join(c, owner, run, plan, table, e);
    if (owner->shared) subrun_unlock(&lock);
    if (status == ATT_OK) status = owner->train(c, run, plan, &more, e);
    if (begins && status != ATT_OK) subrun_undo(owner, run);
    if (status != ATT_OK && made) file_remove_folder(run); /* if empty */
    subrun_unlock(&lock);
    return status;
}

/* Before anything is written. */
static att_status check_data(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, const json_t *plan, const struct train_more *more, struct err *e)
{
    const char *dataset = more->data ? more->data : json_str(plan, "dataset");
    const struct train_context part = train_context_part(c, QUIET_ALL);
    struct options o;
    json_t *cut = NULL;
    if (!more->data && !owner->pending(run, plan)) return ATT_OK;
    if (!more->data && !file_exists(dataset)) return runfolder_no_data(dataset, "resume", run, e);
    TRY(run_options_read(json_object_get(plan, "options"), more->table, &o, e));
    att_status status = owner->cut(&part, dataset, &o, &cut, e);
    if (status == ATT_OK && !json_equal(cut, json_object_get(plan, "cut")))
        status = err_data(e,
            "the cases or groups of %s have changed since %s was started, so its remaining runs "
            "would not fit; restore the data set or start a new run",
            dataset, run);
    json_decref(cut);
    options_free(&o);
    return status;
}

static att_status move_data(const struct subrun_owner *owner, const char *run, json_t *plan,
    const char *data, bool dry, struct err *e)
{
    char full[PATH_MAX];
    json_t *text = memory_full_path(data, full) ? json_string(full) : NULL;
    if (!text) return file_error(e, "read", data, errno);
    json_object_set_new(plan, "dataset", text);
    if (dry) return ATT_OK;
    TRY(json_file_write_in(run, owner->file, json_incref(plan), e));
    return runfolder_set_data(run, data, e);
}

/* Checks the runs and their data, and reads their plan. */
static att_status subrun_reopen(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, const struct train_more *more, json_t **plan, struct err *e)
{
    const bool dry = is_dry_run(c->host);
    if (!dry) runfolder_sweep(run);
    TRY(runfolder_check_files(run, e));
    TRY(owner->read(run, plan, e));
    TRY(check_data(c, owner, run, *plan, more, e));
    return more->data ? move_data(owner, run, *plan, more->data, dry, e) : ATT_OK;
}

att_status subrun_resume_all(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, const struct train_more *more, struct err *e)
{
    struct subrun_lock lock = {NULL, -1};
    json_t *plan = NULL;
    att_status status = is_dry_run(c->host) ? runlock_check(run, "trains in", e)
                                            : subrun_lock(c, owner, run, &lock, e);
    if (status == ATT_OK) status = subrun_reopen(c, owner, run, more, &plan, e);
    if (owner->shared) subrun_unlock(&lock);
    if (status == ATT_OK) status = owner->train(c, run, plan, more, e);
    json_decref(plan);
    subrun_unlock(&lock);
    return status;
}
