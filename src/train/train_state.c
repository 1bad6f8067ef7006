/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_state.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dataset/mask_values.h"
#include "dataset/memory_set.h"
#include "device/device_kernels.h"
#include "files/file.h"
#include "files/json_file.h"
#include "model/run_files.h"
#include "train/cases.h"
#include "train/checkpoint.h"
#include "train/runfolder.h"
#include "train/train_decide.h"
#include "train/train_step.h"

static const struct member members[] = {{MEMBER(training, step)}, {MEMBER(training, updates)},
    {MEMBER(training, finished)}, {MEMBER(training, seconds)}, {MEMBER(training, loss_sum)},
    {MEMBER(training, norm_sum)}, {MEMBER(training, sampling)}, {MEMBER(training, stepping)},
    {MEMBER(training, rows_since)}, {MEMBER(training, due)}, {MEMBER(training, diverged)}, {0}};

json_t *training_to_json(const struct training *t)
{
    json_t *train = json_array(), *val = json_array();
    for (int i = 0; i < t->split.ntrain; i++)
        json_array_append_new(train, json_string(t->data.cases[t->split.train[i]].id));
    for (int i = 0; i < t->split.nval; i++)
        json_array_append_new(val, json_string(t->data.cases[t->split.val[i]].id));
    char device[DEVICE_WORD];
    json_t *j = members_to_json(members, t);
    json_put(&j, "seconds", json_real(training_elapsed(t)));
    json_put(&j, "leg", members_to_json(transition_members, &t->transition));
    json_put(&j, "recipe", recipe_to_json(&t->recipe));
    json_put(&j, "device", json_string(device_of_kernels(t->c->host->kernels, device)));
    json_put(&j, "train", train);
    json_put(&j, "val", val);
    return j;
}

att_status training_save(struct training *t, struct err *e)
{
    TRY(training_check_finite(t, e));
    json_t *state = training_to_json(t);
    if (!state) return err_memory(e, 4096, "a checkpoint");
    if (t->fallback) checkpoint_put_aside(t->run);
    t->fallback = false;
    att_status status = checkpoint_save(t->run, &t->model, &t->optimiser, &t->average, state, e);
    json_decref(state);
    return status;
}

static att_status train_state_find_cases(
    const struct dataset *d, const json_t *ids, int **list, int *count, struct err *e)
{
    *count = (int)json_array_size(ids);
    TRY(MEM_ARRAY(*list, (size_t)*count + 1, "the split", e));
    for (int i = 0; i < *count; i++) {
        const char *id = json_string_value(json_array_get(ids, (size_t)i));
        (*list)[i] = id ? dataset_find(d, id) : -1;
        if ((*list)[i] < 0)
            return err_data(
                e, "%s no longer has case %s of this run; restore it", d->root, id ? id : "?");
    }
    return ATT_OK;
}

/* Other labels would change the meaning of the network's channels. */
static att_status train_state_check_labels(
    const struct dataset *d, const struct model *m, struct err *e)
{
    json_t *now = labelling_to_json(&d->labels), *before = labelling_to_json(&m->labels);
    bool both = now && before, same = json_equal(now, before);
    json_decref(now);
    json_decref(before);
    if (!both) return err_memory(e, sizeof *d, "the labels");
    if (same && d->channels == m->prep.channels) return ATT_OK;
    return err_data(e, "%s has other %s than this run; restore them", d->root,
        same ? "image channels" : "labels");
}

/* From `data`, else settings.json, else the checkpoint. */
static att_status find_data(struct training *t, const char *data, struct err *e)
{
    json_t *settings;
    if (data) return recipe_set_dataset(data, &t->recipe, e);
    TRY(runfolder_settings(t->run, &settings, e));
    const char *moved = json_str(settings, "dataset_path");
    const char *path = moved ? moved : t->recipe.dataset_path;
    att_status status =
        memory_or_file(path) ? ATT_OK : runfolder_no_data(path, "resume", t->run, e);
    if (status == ATT_OK && strcmp(path, t->recipe.dataset_path) != 0)
        status = recipe_set_dataset(path, &t->recipe, e);
    json_decref(settings);
    return status;
}

att_status training_from_json(
    struct training *t, const json_t *state, const char *data, struct err *e)
{
    TRY(recipe_from_json(json_object_get(state, "recipe"), &t->recipe, e));
    members_from_json(state, members, t);
    /* Older checkpoints only count steps, and only good steps are in rows. */
    if (!json_object_get(state, "updates")) t->updates = t->step;
    if (!json_object_get(state, "due")) t->due = t->rows_since > 0;
    members_from_json(json_object_get(state, "leg"), transition_members, &t->transition);
    if (t->step < 0 || t->recipe.steps < 1)
        return err_model(e, "the checkpoint's training state is damaged; restore it from a copy");
    TRY(find_data(t, data, e));
    const struct dataset_patterns p = {
        .images = t->recipe.images, .labels = t->recipe.labels, .hint = true};
    TRY(training_open(t, t->recipe.dataset_path, *p.images ? &p : NULL, e));
    for (int i = 0; i < 3; i++) t->data.voxel[i] = (float)t->recipe.voxel[i];
    if (orient_is_name(t->recipe.orientation))
        memcpy(t->data.axes, t->recipe.orientation, sizeof t->data.axes);
    t->data.sparing = t->recipe.max_memory > 0;
    /* A question that came up since then is not answered: the labels have changed. */
    if (*t->recipe.mask_values || t->model.labels.objects)
        mask_values_follow(t->recipe.mask_values, &t->model.labels, &t->data);
    TRY(train_state_check_labels(&t->data, &t->model, e));
    TRY(train_state_find_cases(
        &t->data, json_object_get(state, "train"), &t->split.train, &t->split.ntrain, e));
    TRY(train_state_find_cases(
        &t->data, json_object_get(state, "val"), &t->split.val, &t->split.nval, e));
    if (!t->split.ntrain)
        return err_model(e, "the checkpoint lists no training case; restore it from a copy");
    TRY(cases_check(&t->data, t->split.train, t->split.ntrain, "train", e));
    return cases_check(&t->data, t->split.val, t->split.nval, "validate", e);
}

json_t *training_settings(const struct training *t)
{
    json_t *all = training_to_json(t), *settings = json_incref(json_object_get(all, "recipe"));
    json_object_set(settings, "device", json_object_get(all, "device"));
    json_object_set(settings, "train", json_object_get(all, "train"));
    json_object_set(settings, "val", json_object_get(all, "val"));
    json_decref(all);
    return settings;
}

att_status training_write_settings(const struct training *t, struct err *e)
{
    json_t *settings = training_settings(t);
    char *path = file_join(t->run, RUN_SETTINGS);
    att_status status = path
        ? json_file_write_as(path, settings, JSON_INDENT(1) | JSON_REAL_PRECISION(15), e)
        : err_path(e);
    json_decref(settings);
    mem_free(path);
    return status;
}
