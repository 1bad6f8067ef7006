/* SPDX-License-Identifier: Apache-2.0 */
/* A run of several folds: progress and joint scores. */

#include "app/info.h"
#include "base/json.h"
#include "base/mem.h"
#include "files/json_file.h"
#include "measure/evaluate.h"
#include "model/model.h"
#include "model/run_files.h"
#include "run/folds.h"
#include "train/checkpoint.h"
#include "train/runfolder.h"

/* Of the final validation. */
static att_status add_dice(const char *fold, json_t *j, struct err *e)
{
    json_t *row = NULL;
    TRY(info_last_row(fold, &row, e));
    json_t *validation = json_object_get(row, "validation");
    if (validation) json_object_set(j, "validation", validation);
    json_decref(row);
    return ATT_OK;
}

static att_status info_folds_add_fold(
    const char *run, int fold, json_t *list, json_t *all, struct err *e)
{
    char *path = run_fold_path(run, fold);
    if (!path) return err_path(e);
    json_t *state;
    att_status status = checkpoint_peek(path, &state, NULL, e);
    const json_t *step = json_object_get(state, "step"),
                 *finished = json_object_get(state, "finished"),
                 *steps = json_object_get(
                     json_object_get(json_object_get(state, "recipe"), "settings"), "steps");
    json_t *j = json_pack("{s:o, s:O*, s:O*, s:o}", "path", json_utf8(path), "step", step, "steps",
        steps, "finished", json_boolean(json_is_true(finished)));
    if (status == ATT_OK && json_is_true(finished)) status = add_dice(path, j, e);
    json_array_append_new(list, j);
    json_t *settings = runfolder_settings_of(path);
    info_cases(path, settings, all);
    json_decref(settings);
    json_decref(state);
    mem_free(path);
    return status;
}

/* Maps the summary's keys to class names. */
static att_status info_folds_add_classes(
    const char *run, const json_t *mean, json_t *j, struct err *e)
{
    struct err why = {0};
    struct model m;
    char *path = mem_text("%s/" RUN_FOLD "0/" RUN_MODEL, run);
    if (!path) return err_path(e);
    att_status status = model_load(path, &m, &why);
    mem_free(path);
    if (status != ATT_OK)
        return status == ATT_MEMORY ? err_pass(e, status, &why)
                                    : ATT_OK; /* the folds report what they lack */
    json_t *classes = json_object();
    for (int k = 0; k < labelling_targets(&m.labels); k++) {
        char key[SUMMARY_KEY];
        summary_key(&m.labels, k, key);
        json_t *its = json_object_get(mean, key);
        if (its) json_object_set(classes, labelling_target_name(&m.labels, k), its);
    }
    json_object_set_new(j, "class_means", classes);
    model_free(&m);
    return ATT_OK;
}

/* Whether a fold was trained after the joint scores. */
static bool went_on(const json_t *setup, const json_t *folds)
{
    const json_t *measured = json_object_get(setup, "measured");
    bool further = false;
    for (size_t i = 0; i < json_array_size(measured); i++)
        further = further ||
            !json_equal(
                json_array_get(measured, i), json_object_get(json_array_get(folds, i), "step"));
    return further;
}

static att_status add_summary(const char *run, const json_t *setup, json_t *j, struct err *e)
{
    json_t *summary;
    att_status status = json_file_read_in(run, RUN_SUMMARY, &summary, e);
    if (summary) {
        json_object_set(j, "mean", json_object_get(summary, "foreground_mean"));
        status = info_folds_add_classes(run, json_object_get(summary, "mean"), j, e);
        json_set_int(j, "cases", (json_int_t)json_length(summary, "metric_per_case"));
        if (went_on(setup, json_object_get(j, "folds"))) json_set_flag(j, "stale", true);
    }
    json_decref(summary);
    return status;
}

att_status info_folds(struct app_call *call, const char *path, json_t **json)
{
    json_t *setup;
    TRY(folds_read_json(path, &setup, call->e));
    json_t *list = json_array(),
           *j = json_pack("{s:s, s:o, s:O*, s:o}", "what", "folds", "path", json_utf8(path),
               "dataset", json_object_get(setup, "dataset"), "folds", list);
    *json = j;
    att_status status = j ? ATT_OK : err_memory(call->e, 1, "the description of the run");
    for (int fold = 0; status == ATT_OK && fold < json_int(setup, "folds") && fold < 1000; fold++)
        status = info_folds_add_fold(path, fold, list, j, call->e);
    if (status == ATT_OK) status = add_summary(path, setup, j, call->e);
    info_next(
        path, json_object_get(j, "mean") && !json_flag(j, "stale"), json_str(setup, "dataset"), j);
    json_decref(setup);
    return status;
}
