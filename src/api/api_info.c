/* SPDX-License-Identifier: Apache-2.0 */
/* What a path is: a data set, an image, a model, a plan, or the folder of a run. */
#include <math.h>
#include <string.h>

#include "api/info.h"
#include "arch/hard.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "dataset/voxel_size.h"
#include "format/format.h"
#include "hard/hard_folder.h"
#include "model/nnunet_plans.h"
#include "model/run_files.h"
#include "run/folds.h"
#include "run/folds_apart.h"
#include "train/checkpoint.h"

enum { TEXT_LIMIT = 256 << 20 };

/* ---- images */

static json_t *channel(const float *x, size_t count)
{
    double sum = 0, squares = 0, lo = (double)x[0], hi = lo;
    for (size_t i = 0; i < count; i++) {
        lo = fmin(lo, (double)x[i]);
        hi = fmax(hi, (double)x[i]);
        sum += (double)x[i];
    }
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    return json_pack("{s:o, s:o, s:o, s:o}", "least", json_finite(lo), "most", json_finite(hi), "mean", json_finite(mean), "std",
                     json_finite(sqrt(squares / (double)count)));
}

static json_t *affine(const struct geometry *g)
{
    json_t *rows = json_array();
    for (int i = 0; i < 3; i++) {
        json_t *row = json_array();
        for (int k = 0; k < 4; k++) json_array_append_new(row, json_finite(g->affine[i][k]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static att_status info_image(struct api_call *call, const char *path, json_t **json)
{
    struct image m;
    float voxel[3];
    TRY(voxel_size_read(call->o, voxel, call->e));
    TRY(format_load_image(path, &m, call->e));
    if (m.size[0] > 1 && voxel_size_of_volumes(call->o, path, call->e) != ATT_OK) {
        image_free(&m);
        return call->e->status;
    }
    memcpy(m.geometry.given, voxel, sizeof voxel);
    const struct geometry g = geometry_as_given(&m.geometry);
    size_t voxels = image_voxels(m.size);
    json_t *channels = json_array(), *spacing = json_array();
    for (int c = 0; c < m.channels; c++) json_array_append_new(channels, channel(m.data + (size_t)c * voxels, voxels));
    for (int i = 0; i < 3; i++) json_array_append_new(spacing, json_finite((double)g.spacing[i]));
    *json = json_pack("{s:s, s:o, s:o, s:o, s:o}", "what", "image", "path", json_utf8(path), "size", json_triple(m.size), "spacing",
                      spacing, "channels", channels);
    if (*json && voxel[0] > 0) json_object_set_new(*json, "voxel_size_given", json_true());
    if (*json && m.geometry.known) json_object_set_new(*json, "affine", affine(&m.geometry));
    char axes[ORIENT_TEXT];
    orient_name(&m.geometry, m.size, axes);
    if (*json && *axes) json_object_set_new(*json, "orientation", json_string(axes));
    image_free(&m);
    return *json ? ATT_OK : err_memory(call->e, 1, "the description of the image");
}

/* ---- runs */

static const char *const run_files[] = {RUN_MODEL, RUN_CHECKPOINT, RUN_SETTINGS, NULL};

static char *in_run(const char *run, const char *name, struct err *e)
{
    char *path = file_join(run, name);
    if (!path) err_path(e);
    return path;
}

static bool has_run_file(const char *path)
{
    bool found = false;
    for (int i = 0; run_files[i] && !found; i++) {
        char *file = file_join(path, run_files[i]);
        found = file && file_exists(file);
        mem_free(file);
    }
    return found;
}

/* The last complete line of a log: one that was cut in the middle has no end. *json stays NULL when there is none. */
static att_status read_last_line(const char *path, json_t **json, struct err *e)
{
    char *text;
    size_t size, from = 0;
    TRY(file_read(path, TEXT_LIMIT, &text, &size, e));
    while (size > 0 && text[size - 1] != '\n') size--;
    while (size > 0 && text[size - 1] == '\n') size--;
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\n') from = i + 1;
    att_status status = size > from ? json_parse(text + from, size - from, path, ATT_DATA, json, e) : ATT_OK;
    mem_free(text);
    return status;
}

/* *json stays NULL when the file does not exist. */
static att_status read_of_run(const char *run, const char *name, att_status (*read)(const char *path, json_t **json, struct err *e),
                              json_t **json, struct err *e)
{
    char *path = in_run(run, name, e);
    if (!path) return ATT_MEMORY;
    att_status status = file_exists(path) ? read(path, json, e) : ATT_OK;
    mem_free(path);
    return status;
}

att_status info_last_row(const char *run, json_t **json, struct err *e) { return read_of_run(run, RUN_LOG_LINES, read_last_line, json, e); }

static att_status add_model(struct api_call *call, const char *run, json_t *json)
{
    char *path = in_run(run, RUN_MODEL, call->e);
    json_t *model = NULL;
    if (!path) return ATT_MEMORY;
    att_status status = file_exists(path) ? info_model(call, path, &model) : ATT_OK;
    if (model) json_object_set_new(json, "model", model);
    mem_free(path);
    return status;
}

/* How far the run is saved, which is mostly further than its last row. */
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
    json_object_set_new(saved, "hash", json_string(hash_text(hash, text)));
    json_object_set_new(json, "saved", saved);
    json_decref(state);
    return ATT_OK;
}

static att_status info_run(struct api_call *call, const char *path, json_t **json)
{
    json_t *settings = NULL, *last = NULL, *j = json_pack("{s:s, s:o}", "what", "run", "path", json_utf8(path));
    if (!j) return err_memory(call->e, 1, "the description of the run");
    att_status status = read_of_run(path, RUN_SETTINGS, json_file_read, &settings, call->e);
    if (settings) json_object_set_new(j, "settings", settings);
    if (status == ATT_OK) status = info_last_row(path, &last, call->e);
    if (last) json_object_set_new(j, "last", last);
    if (status == ATT_OK) status = add_saved(path, j, call->e);
    if (status == ATT_OK && hardrun_exists(path)) status = info_stages(path, j, call->e);
    if (status == ATT_OK) status = add_model(call, path, j);
    if (status == ATT_OK)
        *json = j;
    else
        json_decref(j);
    return status;
}

/* ---- plans, and the settings of runs */

static att_status info_plan(const char *path, json_t **json, struct err *e)
{
    json_t *file = NULL;
    TRY(json_file_read(path, &file, e));
    json_t *settings = json_object_get(file, "settings");
    att_status status = ATT_OK;
    if (json_is_object(json_object_get(file, part_name[PART_COARSE])))
        status = err_set(e, ATT_DATA, "%s says how the stages of a run of hard attention train: give info the run's folder", path);
    else if (!json_is_string(json_object_get(settings, "spec")))
        status = err_set(e, ATT_DATA, "%s is JSON without the \"settings\" that a plan has: info cannot tell what it is", path);
    if (status == ATT_OK)
        *json = json_pack("{s:s, s:o, s:O, s:O*}", "what", "plan", "path", json_utf8(path), "settings", settings, "expected",
                          json_object_get(file, "expected"));
    if (status == ATT_OK && !*json) status = err_memory(e, 1, "the description of the plan");
    json_decref(file);
    return status;
}

/* ---- which of them */

static att_status refuse(const struct options *o, const char *const *names, const char *whose, const char *path, struct err *e)
{
    for (; *names; names++)
        if (options_given(o, *names))
            return err_set(e, ATT_USAGE, "--%s is for %s, and %s is none: leave it out, or check the path", *names, whose, path);
    return ATT_OK;
}

static const char *const of_datasets[] = {"fix", "groups-out", "quick", "folds", "holdout", "stratify", NULL};
static const char *const of_files[] = {"voxel-size", NULL};
static const char *const of_models[] = {"shape", NULL};

/* Folds of a job array, or that were converted, were never one run. */
static att_status refuse_folds(const char *path, struct err *e)
{
    struct run_folds folds;
    if (folds_are_apart(path))
        return err_set(e, ATT_USAGE, "%s holds folds that were trained apart: attunet resume %s makes them one run", path, path);
    TRY(run_list_folds(path, &folds, e));
    char *first = folds.count ? run_fold_path(path, folds.number[0]) : NULL;
    att_status status =
        first && has_run_file(first)
            ? err_set(e, ATT_USAGE, "%s holds folds that were not trained as one run: name one of them, such as %s", path, first)
            : ATT_OK;
    mem_free(first);
    return status;
}

static att_status describe(struct api_call *call, const char *path, json_t **json)
{
    TRY(api_need_path(call, path, "path"));
    if (!file_exists(path)) return err_set(call->e, ATT_IO, "%s does not exist", path);
    const bool folder = file_is_folder(path), folds = folder && folds_exist(path);
    const bool dataset = folder ? !folds && !has_run_file(path) : file_ends(path, ".csv");
    const bool plan = !folder && file_ends(path, ".json"), model = folder ? !folds : file_ends(path, ".safetensors"); /* a run has one */
    if (folder && dataset && nnunet_is_model(path)) return nnunet_refuse_model(path, call->e);
    if (folder && dataset && !dataset_is(path)) TRY(refuse_folds(path, call->e));
    if (dataset || !model) TRY(refuse(call->o, of_models, "models", path, call->e));
    if (dataset) return info_dataset(call, path, json);
    TRY(refuse(call->o, of_datasets, "data sets", path, call->e));
    if (folder || plan || model) TRY(refuse(call->o, of_files, "images and data sets", path, call->e));
    if (folder) return folds ? info_folds(call, path, json) : info_run(call, path, json);
    if (plan) return info_plan(path, json, call->e);
    return model ? info_model(call, path, json) : info_image(call, path, json);
}

att_status att_info(att_context *context, const char *path, const att_settings *settings, char **json)
{
    struct api_call call;
    json_t *j = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "info");
    if (status == ATT_OK) status = describe(&call, path, &j);
    if (status == ATT_OK && rehearsing(&call.c->log)) json_object_set_new(j, "dry_run", rehearsal_to_json(&call.c->rehearsal));
    if (status == ATT_OK) status = api_text(j, json, call.e);
    return api_close(&call, status);
}
