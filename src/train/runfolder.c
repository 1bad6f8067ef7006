/* SPDX-License-Identifier: Apache-2.0 */
#include "train/runfolder.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/option.h"
#include "base/text.h"
#include "dataset/memory_set.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/json_file.h"
#include "model/run_files.h"
#include "train/checkpoint.h"

/* Files that are first written under a temporary name. */
static const char *const own_files[] = {RUN_CHECKPOINT_NEXT, RUN_MODEL, RUN_SETTINGS, RUN_FOLDS,
    RUN_HARD, RUN_BEFORE, RUN_SUMMARY, RUN_POST, RUN_LOG, RUN_LOG_LINES, RUN_EVENTS, RUN_CURVES,
    RUN_RECORD, RUN_REPORT, NULL};

/* Allows temporary files of other machines, too: the free lock shows that their process ended. */
static att_status runfolder_refuse_files(const char *run, struct err *e)
{
    struct file_list l;
    TRY(file_list(run, &l, e));
    int n = 0;
    for (int i = 0; i < l.count; i++)
        n += strcmp(l.names[i], RUN_LOCK) && !file_is_temporary(l.names[i], own_files);
    file_list_free(&l);
    if (!n) return ATT_OK;
    if (checkpoint_exists(run) || file_has(run, RUN_HARD) || file_has(run, RUN_FOLDS))
        return err_usage(e,
            "%s is not empty; choose a new folder, or continue with: attunet resume %s", run,
            TEXT_PATH(run));
    return err_usage(e, "%s is neither empty nor a run; choose a new folder", run);
}

att_status runfolder_check(const char *run, bool dry, struct err *e)
{
    TRY(file_check_place(run, true, e));
    if (!file_exists(run)) return ATT_OK;
    TRY(runfolder_refuse_files(run, e));
    if (!dry) file_sweep(run, own_files);
    return ATT_OK;
}

att_status runfolder_watch(const char *run, struct host *host, char **path, struct err *e)
{
    int level = 0;
    *path = NULL;
    if (!host || is_dry_run(host)) return ATT_OK;
    *path = file_join(run, RUN_STOP);
    if (!*path) return err_path(e);
    while (level < HOST_STOP_FILES && host->stop_file[level]) level++;
    if (level < HOST_STOP_FILES) host->stop_file[level] = *path;
    return ATT_OK;
}

att_status runfolder_unwatch(struct host *host, char *path, att_status status)
{
    if (!path) return status;
    if (status == ATT_OK || status == ATT_INTERRUPTED) file_remove(path);
    for (int level = 0; level < HOST_STOP_FILES; level++)
        if (host->stop_file[level] == path) host->stop_file[level] = NULL;
    mem_free(path);
    return status;
}

static att_status check_target(const char *path, struct err *e)
{
    struct file_target target;
    return file_target(path, &target, e);
}

att_status runfolder_check_files(const char *run, struct err *e)
{
    static const char *const folders[] = {RUN_VALIDATION, RUN_SNAPSHOTS, NULL};
    TRY(file_each(run, own_files, check_target, e));
    return file_each(run, folders, file_check_inside, e);
}

void runfolder_sweep(const char *run) { file_sweep(run, own_files); }

/* An option of another version may be unknown; one that is nearly known is misspelt. */
static att_status check_option(const char *path, const char *key, struct err *e)
{
    const char *near = NULL;
    int best = text_too_far(key);
    for (int i = 0; i < option_table_rows; i++) {
        const struct option_row *r = &option_table[i];
        if (text_same_name(r->name, key)) return ATT_OK;
        if (option_is_of(r, "train") && text_is_nearer(key, r->name, &best)) near = r->name;
    }
    return near
        ? err_data(e, "%s: unknown option \"%.100s\"; did you mean \"%s\"?", path, key, near)
        : ATT_OK;
}

static att_status runfolder_check_settings(const char *run, const json_t *j, struct err *e)
{
    static const char *const known[] = {
        "dataset", "dataset_path", "device", "settings", "train", "val", NULL};
    const char *key;
    json_t *value;
    char *path = file_join(run, RUN_SETTINGS);
    att_status status = path ? json_check_keys(j, known, path, ATT_DATA, e) : err_path(e);
    json_each(json_object_get(j, "settings"), key, value)
    {
        if (status == ATT_OK) status = check_option(path, key, e);
    }
    mem_free(path);
    return status;
}

att_status runfolder_settings(const char *run, json_t **j, struct err *e)
{
    TRY(json_file_read_in(run, RUN_SETTINGS, j, e));
    const att_status status = runfolder_check_settings(run, *j, e);
    return json_keep(j, status);
}

json_t *runfolder_settings_of(const char *model)
{
    struct err unread = {0};
    json_t *settings = NULL;
    const int above = (int)(file_base(model) - model);
    const bool folder = file_is_folder(model),
               inside = !folder && strcmp(model + above, RUN_MODEL) == 0;
    char *run = folder ? mem_text("%s", model)
        : !inside      ? NULL
        : above        ? mem_text("%.*s", above, model)
                       : mem_text(".");
    if (run) runfolder_settings(run, &settings, &unread);
    mem_free(run);
    return settings;
}

att_status runfolder_device(const char *run, char **device, struct err *e)
{
    json_t *settings = NULL;
    char *fold = run_fold_path(run, 0);
    const char *const folders[] = {run, fold};
    att_status status = fold ? ATT_OK : err_path(e);
    *device = NULL;
    for (int i = 0; i < 2 && status == ATT_OK && !settings; i++) {
        struct err unread = {0};
        status = json_file_read_in(folders[i], RUN_SETTINGS, &settings, &unread);
        status = status == ATT_DATA ? ATT_OK : err_pass(e, status, &unread);
    }
    const char *name = json_str(settings, "device");
    if (status == ATT_OK && name && !(*device = mem_text("%s", name)))
        status = err_memory(e, 64, "the name of a device");
    json_decref(settings);
    mem_free(fold);
    return status;
}

att_status runfolder_no_data(
    const char *dataset, const char *command, const char *run, struct err *e)
{
    return err_set(e, ATT_IO,
        "cannot open %s: no such folder; if you moved the data set, use attunet %s %s `data` PATH",
        dataset, command, TEXT_PATH(run));
}

static att_status write_data_path(
    const char *path, const char *dataset, const char *full, struct err *e)
{
    json_t *j = NULL, *name = json_string(dataset), *where = json_string(full);
    att_status status = json_file_read(path, &j, e);
    if (status == ATT_OK && name && where) {
        json_object_set(j, "dataset", name);
        json_object_set(j, "dataset_path", where);
        status = json_file_write_as(path, j, JSON_INDENT(1) | JSON_REAL_PRECISION(15), e);
    }
    json_decref(name);
    json_decref(where);
    json_decref(j);
    return status;
}

att_status runfolder_set_data(const char *run, const char *dataset, struct err *e)
{
    char full[PATH_MAX];
    char *path = file_join(run, RUN_SETTINGS);
    att_status status = path ? ATT_OK : err_path(e);
    if (status == ATT_OK && file_exists(path))
        status = memory_full_path(dataset, full) ? write_data_path(path, dataset, full, e)
                                                 : file_error(e, "read", dataset, errno);
    mem_free(path);
    return status;
}
