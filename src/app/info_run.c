/* SPDX-License-Identifier: Apache-2.0 */
/* Describes a run's folder: settings, progress, model. */
#include "app/info.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/memory_set.h"
#include "files/file.h"
#include "files/file_at.h"
#include "files/hash.h"
#include "files/json_file.h"
#include "hard/hard_folder.h"
#include "model/run_files.h"
#include "train/checkpoint.h"
#include "train/runfolder.h"
#include "train/runlock.h"

static const char *const run_files[] = {RUN_MODEL, RUN_CHECKPOINT, RUN_SETTINGS, NULL};

bool info_has_run_file(const char *path)
{
    bool found = false;
    for (int i = 0; run_files[i] && !found; i++) found = file_has(path, run_files[i]);
    return found;
}

/* Last complete line of a log of any length; NULL without one. An unfinished line has no end. */
static att_status read_last_line(const char *path, json_t **json, struct err *e)
{
    struct file_lines l;
    char *line = NULL, *last = NULL;
    size_t size = 0;
    TRY(file_lines_open(path, &l, e));
    att_status status;
    while ((status = file_lines_next(&l, path, &line, &size, e)) == ATT_OK && size) {
        if (size == 1) continue;
        mem_free(last);
        last = mem_text("%.*s", (int)size - 1, line);
        if (!last) status = err_memory(e, size, "the log of a run");
        if (!last) break;
    }
    file_lines_close(&l);
    if (status == ATT_OK && last)
        status = json_parse(last, strlen(last), path, 0, ATT_DATA, json, e);
    mem_free(last);
    return status;
}

att_status info_last_row(const char *run, json_t **json, struct err *e)
{
    char *path = file_join(run, RUN_LOG_LINES);
    if (!path) return err_path(e);
    att_status status = file_exists(path) ? read_last_line(path, json, e) : ATT_OK;
    mem_free(path);
    return status;
}

static att_status add_model(struct app_call *call, const char *run, json_t *json)
{
    char *path = file_join(run, RUN_MODEL);
    json_t *model = NULL;
    if (!path) return err_path(call->e);
    att_status status = file_exists(path) ? info_model(call, path, &model) : ATT_OK;
    if (model) json_object_set_new(json, "model", model);
    mem_free(path);
    return status;
}

/* The checkpoint, usually newer than the last log row. */
static att_status add_saved(const char *run, json_t *json, struct err *e)
{
    json_t *state;
    uint64_t hash;
    char text[HASH_TEXT];
    TRY(checkpoint_peek(run, &state, &hash, e));
    if (!state) return ATT_OK;
    json_t *saved = json_object();
    static const char *const keys[] = {"step", "finished", "seconds"};
    for (int i = 0; i < 3; i++) json_object_set(saved, keys[i], json_object_get(state, keys[i]));
    json_set_text(saved, "hash", hash_text(hash, text));
    json_object_set_new(json, "saved", saved);
    json_decref(state);
    return ATT_OK;
}

void info_next(const char *run, bool finished, const char *data, json_t *json)
{
    json_t *next = !finished ? json_sprintf("attunet resume %s", TEXT_PATH(run))
        : data && !memory_named(data)
        ? json_sprintf("attunet evaluate %s %s; attunet predict %s IMAGES -o masks", TEXT_PATH(run),
              TEXT_PATH(data), TEXT_PATH(run))
        : json_sprintf("attunet predict %s IMAGES -o masks", TEXT_PATH(run));
    json_object_set_new(json, "next", next);
}

static void info_run_add_next(const char *path, const json_t *settings, json_t *json)
{
    const json_t *saved = json_object_get(json, "saved"), *val = json_object_get(settings, "val");
    const bool model = json_object_get(json, "model"),
               finished = saved ? json_flag(saved, "finished") : model;
    if (json_flag(json, "training") || !(saved || model || json_object_get(json, "stages"))) return;
    info_next(
        path, finished, !val || json_array_size(val) ? json_str(settings, "dataset") : NULL, json);
}

att_status info_run(struct app_call *call, const char *path, json_t **json)
{
    json_t *settings = NULL, *last = NULL,
           *j = json_pack("{s:s, s:o}", "what", "run", "path", json_utf8(path));
    if (!j) return err_memory(call->e, 1, "the description of the run");
    *json = j;
    att_status status = runfolder_settings(path, &settings, call->e);
    if (settings) json_object_set_new(j, "settings", settings);
    if (status == ATT_OK) status = info_last_row(path, &last, call->e);
    if (last) json_object_set_new(j, "last", last);
    if (settings) info_cases(path, settings, j);
    if (status == ATT_OK) status = add_saved(path, j, call->e);
    struct err locked = {0};
    json_set_flag(j, "training", runlock_check(path, "trains in", &locked) == ATT_USAGE);
    if (status == ATT_OK && hard_folder_exists(path)) status = info_stages(path, j, call->e);
    if (status == ATT_OK) status = add_model(call, path, j);
    if (status == ATT_OK) info_run_add_next(path, settings, j);
    return status;
}
