/* SPDX-License-Identifier: Apache-2.0 */
#include "run/subrun.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dataset/memory_set.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/json_file.h"
#include "hard/hard_folder.h"
#include "model/run_files.h"
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

static void subrun_undo(const struct subrun_owner *owner, const char *run)
{
    const char *const names[] = {owner->file, RUN_SETTINGS, RUN_RECORD, RUN_LOCK, NULL};
    char *first = file_join(run, owner->first);
    if (first && !file_exists(first)) {
        for (int i = 0; names[i]; i++) {
            char *path = file_join(run, names[i]);
            if (path) file_remove(path);
            mem_free(path);
        }
    }
    mem_free(first);
}

static att_status start_locked(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, json_t *plan, json_t *settings, const struct options *table, struct err *e)
{
    TRY(runfolder_check(run, false, e)); /* again: another process may have been faster */
    att_status status =
        settings ? json_file_write_in(run, RUN_SETTINGS, json_incref(settings), e) : ATT_OK;
    if (status == ATT_OK)
        status = json_file_write_in(
            run, owner->file, json_incref(plan), e); /* last: it makes the folder a run */
    if (status == ATT_OK)
        status = owner->train(
            c, run, plan, &(struct train_more){.table = table, .start_options = table}, e);
    if (status != ATT_OK) subrun_undo(owner, run);
    return status;
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
    int lock = -1;
    if (is_dry_run(c->host)) {
        dry_run_all(c, owner, run, settings != NULL);
        return owner->train(
            c, run, plan, &(struct train_more){.table = table, .start_options = table}, e);
    }
    const bool made = !file_exists(run);
    TRY(file_make_folders(run, e));
    TRY(runlock_take(run, "trains in", c->host, &lock, e));
    att_status status = start_locked(c, owner, run, plan, settings, table, e);
    if (status != ATT_OK && made) file_remove_folder(run); /* if empty */
    runlock_drop(lock);
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
        status = err_set(e, ATT_DATA,
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

att_status subrun_resume_all(const struct train_context *c, const struct subrun_owner *owner,
    const char *run, const struct train_more *more, struct err *e)
{
    int lock = -1;
    json_t *plan = NULL;
    const bool dry = is_dry_run(c->host);
    TRY(dry ? runlock_check(run, "trains in", e)
            : runlock_take(run, "trains in", c->host, &lock, e));
    if (!dry) runfolder_sweep(run);
    att_status status = runfolder_check_files(run, e);
    if (status == ATT_OK) status = owner->read(run, &plan, e);
    if (status == ATT_OK) status = check_data(c, owner, run, plan, more, e);
    if (status == ATT_OK && more->data) status = move_data(owner, run, plan, more->data, dry, e);
    if (status == ATT_OK) status = owner->train(c, run, plan, more, e);
    json_decref(plan);
    runlock_drop(lock);
    return status;
}
