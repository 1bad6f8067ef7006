/* SPDX-License-Identifier: Apache-2.0 */
/* What a path is: data set, image, model, plan or run. */
#include "app/app.h"
#include "app/info.h"
#include "app/series.h"
#include "arch/hard.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/converted.h"
#include "dataset/layout.h"
#include "dataset/memory_set.h"
#include "dataset/outputs.h"
#include "dataset/pack.h"
#include "files/file.h"
#include "files/json_file.h"
#include "model/nnunet_plans.h"
#include "model/run_files.h"
#include "run/folds.h"
#include "run/folds_separate.h"

static att_status info_plan(const char *path, json_t **json, struct err *e)
{
    json_t *file = NULL;
    TRY(json_file_read(path, &file, e));
    json_t *settings = json_object_get(file, "settings");
    att_status status = ATT_OK;
    if (json_is_object(json_object_get(file, part_name[PART_COARSE])))
        status = err_data(e,
            "%s holds the plans of a hard-attention run's stages; give info the run's folder",
            path);
    else if (!json_is_string(json_object_get(settings, "spec")))
        status = err_data(e,
            "%s is JSON without the \"settings\" of a plan, so info cannot tell what it is", path);
    if (status == ATT_OK)
        *json = json_pack("{s:s, s:o, s:O, s:O*}", "what", "plan", "path", json_utf8(path),
            "settings", settings, "expected", json_object_get(file, "expected"));
    if (status == ATT_OK)
        json_object_set_new(
            *json, "next", json_sprintf("attunet train DATASET -o RUN --plan %s", TEXT_PATH(path)));
    if (status == ATT_OK && !*json) status = err_memory(e, 1, "the description of the plan");
    json_decref(file);
    return status;
}

static att_status info_refuse(const struct options *o, const char *const *names, const char *whose,
    const char *path, struct err *e)
{
    for (; *names; names++)
        if (options_read_set(o, *names))
            return err_usage(e,
                "`%s` is for %s, but %s is something else; leave it out, or check the path", *names,
                whose, path);
    return ATT_OK;
}

static const char *const of_datasets[] = {OPTION_NAME(info, fix), OPTION_NAME(info, groups_out),
    OPTION_NAME(info, quick), OPTION_NAME(info, folds), OPTION_NAME(info, holdout),
    OPTION_NAME(info, stratify), OPTION_NAME(info, mask_values), OPTION_NAME(info, instances),
    OPTION_NAME(info, orientation), NULL};
static const char *const of_files[] = {OPTION_NAME(info, voxel_size), NULL};
static const char *const of_models[] = {OPTION_NAME(info, shape), NULL};

/* Folds of a job array or of a conversion are not one run. */
static att_status refuse_folds(const char *path, struct err *e)
{
    struct run_folds folds;
    if (folds_are_separate(path))
        return err_usage(e,
            "%s holds folds that were trained separately; make them one run with: attunet resume "
            "%s",
            path, TEXT_PATH(path));
    TRY(run_list_folds(path, &folds, e));
    char *first = folds.count ? run_fold_path(path, folds.number[0]) : NULL;
    att_status status = first && info_has_run_file(first)
        ? err_usage(e,
              "%s holds folds that were not trained as one run; name one of them, such as %s", path,
              first)
        : ATT_OK;
    mem_free(first);
    return status;
}

/* A series as the volume that predict makes of it. */
static att_status info_series(struct app_call *call, const char *path, json_t **json)
{
    const struct dicom_choice choice = {.select = options_text(call->o, info, select),
        .allow_gaps = options_bool(call->o, info, allow_gaps),
        .identify = options_bool(call->o, info, identify)};
    struct series_list s;
    TRY(series_open(&path, 1, &choice, call->host, &s, call->e));
    att_status status = series_fetch(&s, s.path[0], call->e);
    if (status == ATT_OK) status = info_image(call, s.path[0], json);
    if (status == ATT_OK && json_object_set_new(*json, "path", json_utf8(path)) != 0)
        status = err_memory(call->e, 1, "the description of the series");
    return series_close(&s, status, call->e);
}

/* Of a folder that labels make a data set, which may be an image with what was drawn on it. */
static att_status advise_series(att_status status, struct err *e)
{
    const struct err why = *e;
    err_clear(e);
    return err_set(e, status,
        "to see one series, give `select` largest, or a name that attunet-dicom list shows; as a "
        "data set: %s",
        why.text);
}

/* Options of series ask for one; else labels make a folder with DICOM a data set, as for train. */
static att_status info_is_series(struct app_call *call, const char *path, bool folder, bool *is)
{
    bool set = false;
    *is = dicom_is(path);
    if (!*is || !folder || options_is_set(call->o, info, select) ||
        options_is_set(call->o, info, allow_gaps) || options_is_set(call->o, info, identify))
        return ATT_OK;
    TRY(outputs_refuse(path, false, call->e));
    const att_status status = converted_is(path, call->host, &set, call->e);
    if (status != ATT_OK) /* such as a disk that is read-only */
        return status == ATT_IO ? advise_series(status, call->e) : status;
    *is = !set && !dataset_is(path);
    return ATT_OK;
}

static att_status info_study(struct app_call *call, const char *path, json_t **json)
{
    const att_status status = info_dataset(call, path, json);
    if (status != ATT_DATA || !dicom_is(path) || file_has(path, "images") ||
        file_has(path, "imagesTr") || !layout_has_folder(path, CONVERTED))
        return status;
    return advise_series(status, call->e);
}

/* Lists that are no CSV are refused as such, not as images. */
static bool is_list(const char *path)
{
    static const char *const endings[] = {".csv", ".tsv", ".xlsx", ".ods", ".txt"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (file_ends(path, endings[i])) return true;
    return false;
}

static att_status info_path(struct app_call *call, const char *path, json_t **json)
{
    if (memory_named(path)) return info_dataset(call, path, json);
    if (!file_exists(path))
        return err_set(call->e, ATT_IO, "%s does not exist; check the path", path);
    const bool folder = file_is_folder(path), folds = folder && folds_exist(path);
    const bool dataset = folder ? !folds && !info_has_run_file(path) : is_list(path);
    const bool plan = !folder && file_ends(path, ".json"),
               model = folder ? !folds : file_ends(path, ".safetensors"); /* a run has a model */
    bool series = false;
    if (dataset ? folder : !plan && !model) TRY(info_is_series(call, path, folder, &series));
    if (series) {
        TRY(info_refuse(call->o, of_datasets, "data sets", path, call->e));
        return info_series(call, path, json);
    }
    if (folder && dataset && nnunet_is_model(path)) return nnunet_refuse_model(path, call->e);
    if (folder && dataset && !dataset_is(path)) {
        TRY(refuse_folds(path, call->e));
        TRY(run_refuse_search(path, ATT_USAGE, call->e));
    }
    if (dataset || !model) TRY(info_refuse(call->o, of_models, "models", path, call->e));
    if (dataset && file_has(path, PACK_INDEX))
        TRY(info_refuse(call->o, of_datasets, "data sets that are not packed", path, call->e));
    if (dataset) return info_study(call, path, json);
    TRY(info_refuse(call->o, of_datasets, "data sets", path, call->e));
    if (folder || plan || model)
        TRY(info_refuse(call->o, of_files, "images and data sets", path, call->e));
    if (folder) return folds ? info_folds(call, path, json) : info_run(call, path, json);
    if (plan) return info_plan(path, json, call->e);
    return model ? info_model(call, path, json) : info_image(call, path, json);
}

att_status app_info(struct app_call *call, const char *path)
{
    TRY(info_path(call, path, &call->result));
    if (!is_dry_run(call->host)) return ATT_OK;
    json_object_set_new(call->result, "dry_run", dry_run_to_json(call->host->dry_run));
    call->host->dry_run = NULL; /* the result is more than its notes */
    return ATT_OK;
}
