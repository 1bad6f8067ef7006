/* SPDX-License-Identifier: Apache-2.0 */
/* What a path is: a data set, an image, a model, or the folder of a run. */
#include <math.h>
#include <string.h>

#include "api/info.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "format/format.h"
#include "train/checkpoint.h"
#include "train/folds.h"

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
    return json_pack("{s:o, s:o, s:o, s:o}", "least", api_real(lo), "most", api_real(hi), "mean", api_real(mean), "std",
                     api_real(sqrt(squares / (double)count)));
}

static json_t *affine(const struct geometry *g)
{
    json_t *rows = json_array();
    for (int i = 0; i < 3; i++) {
        json_t *row = json_array();
        for (int k = 0; k < 4; k++) json_array_append_new(row, api_real(g->affine[i][k]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static att_status info_image(struct api_call *call, const char *path, json_t **json)
{
    struct image m;
    TRY(format_load_image(path, &m, call->e));
    size_t voxels = image_voxels(m.size);
    json_t *channels = json_array(), *spacing = json_array();
    for (int c = 0; c < m.channels; c++) json_array_append_new(channels, channel(m.data + (size_t)c * voxels, voxels));
    for (int i = 0; i < 3; i++) json_array_append_new(spacing, api_real((double)m.geometry.spacing[i]));
    *json = json_pack("{s:s, s:o, s:o, s:o, s:o}", "what", "image", "path", json_utf8(path), "size", json_triple(m.size), "spacing",
                      spacing, "channels", channels);
    if (*json && m.geometry.known) json_object_set_new(*json, "affine", affine(&m.geometry));
    image_free(&m);
    return *json ? ATT_OK : err_memory(call->e, 1, "the description of the image");
}

/* ---- runs */

static const char *const run_files[] = {"model.safetensors", "checkpoint.safetensors", "settings.json", NULL};

static char *in_run(const char *run, const char *name, struct err *e)
{
    char *path = file_join(run, name);
    if (!path) err_memory(e, strlen(run), "a path");
    return path;
}

static bool is_run(const char *path)
{
    bool found = false;
    for (int i = 0; run_files[i] && !found; i++) {
        char *file = file_join(path, run_files[i]);
        found = file && file_exists(file);
        mem_free(file);
    }
    return found;
}

/* The last complete line of a log (one that was cut in the middle has no end), or the whole of a file of settings; *json stays NULL when
 * the file does not exist. */
static att_status read_json(struct api_call *call, const char *run, const char *name, bool last_line, json_t **json)
{
    char *path = in_run(run, name, call->e), *text = NULL;
    size_t size = 0;
    json_error_t where;
    if (!path) return ATT_MEMORY;
    att_status status = file_exists(path) ? file_read(path, TEXT_LIMIT, &text, &size, call->e) : ATT_OK;
    if (status == ATT_OK && text) {
        while (last_line && size > 0 && text[size - 1] != '\n') size--;
        while (size > 0 && text[size - 1] == '\n') size--;
        size_t from = 0;
        for (size_t i = 0; last_line && i < size; i++)
            if (text[i] == '\n') from = i + 1;
        *json = size > from ? json_loadb(text + from, size - from, 0, &where) : NULL;
        if (size > from && !*json) status = err_set(call->e, ATT_DATA, "%s is not valid JSON: %s", path, where.text);
    }
    mem_free(text);
    mem_free(path);
    return status;
}

static att_status add_model(struct api_call *call, const char *run, json_t *json)
{
    char *path = in_run(run, "model.safetensors", call->e);
    json_t *model = NULL;
    if (!path) return ATT_MEMORY;
    att_status status = file_exists(path) ? info_model(call, path, &model) : ATT_OK;
    if (model) json_object_set_new(json, "model", model);
    mem_free(path);
    return status;
}

/* How far the run is saved, which is mostly further than its last row. */
static void add_saved(const char *run, json_t *json)
{
    json_t *state = checkpoint_peek(run);
    if (!state) return;
    json_t *saved = json_object();
    static const char *const keys[] = {"step", "finished", "seconds"};
    for (int i = 0; i < 3; i++) json_object_set(saved, keys[i], json_object_get(state, keys[i]));
    json_object_set_new(json, "saved", saved);
    json_decref(state);
}

static att_status info_run(struct api_call *call, const char *path, json_t **json)
{
    json_t *settings = NULL, *last = NULL, *j = json_pack("{s:s, s:o}", "what", "run", "path", json_utf8(path));
    if (!j) return err_memory(call->e, 1, "the description of the run");
    att_status status = read_json(call, path, "settings.json", false, &settings);
    if (settings) json_object_set_new(j, "settings", settings);
    if (status == ATT_OK) status = read_json(call, path, "log.jsonl", true, &last);
    if (last) json_object_set_new(j, "last", last);
    add_saved(path, j);
    if (status == ATT_OK) status = add_model(call, path, j);
    if (status == ATT_OK)
        *json = j;
    else
        json_decref(j);
    return status;
}

/* ---- which of them */

static att_status describe(struct api_call *call, const char *path, json_t **json)
{
    TRY(api_need(call, path, "path"));
    if (!file_exists(path)) return err_set(call->e, ATT_IO, "%s does not exist", path);
    if (file_is_folder(path) && folds_exist(path)) return info_folds(call, path, json);
    if (file_is_folder(path)) return is_run(path) ? info_run(call, path, json) : info_dataset(call, path, json);
    return file_ends(path, ".safetensors") ? info_model(call, path, json) : info_image(call, path, json);
}

att_status att_info(att_context *context, const char *path, const att_settings *settings, char **json)
{
    struct api_call call;
    json_t *j = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "info");
    if (status == ATT_OK) status = describe(&call, path, &j);
    if (status == ATT_OK) status = api_text(j, json, call.e);
    return api_close(&call, status);
}
