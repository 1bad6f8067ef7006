/* SPDX-License-Identifier: Apache-2.0 */
/* Going on with a run of one network from its checkpoint; called by start.c. */
#include "train/loop.h"

#include <string.h>

#include "base/mem.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "model/run_files.h"
#include "train/cases.h"
#include "train/checkpoint.h"
#include "train/duration.h"
#include "train/run_dry.h"
#include "train/run_record.h"
#include "train/runfolder.h"
#include "train/runlock.h"
#include "train/runlog.h"

static att_status resuming_find_cases(
    const struct dataset *d, const json_t *ids, int **list, int *count, struct err *e)
{
    *count = (int)json_array_size(ids);
    *list = mem_array((size_t)*count + 1, sizeof **list);
    if (!*list) return err_memory(e, (size_t)*count * sizeof **list, "the split");
    for (int i = 0; i < *count; i++) {
        const char *id = json_string_value(json_array_get(ids, (size_t)i));
        (*list)[i] = id ? dataset_find(d, id) : -1;
        if ((*list)[i] < 0)
            return err_set(e, ATT_DATA, "%s no longer has case %s, on which this run was started",
                d->root, id ? id : "?");
    }
    return ATT_OK;
}

/* Other labels would change what the network's channels stand for. */
static att_status resuming_check_labels(
    const struct dataset *d, const struct model *m, struct err *e)
{
    json_t *now = labelling_to_json(&d->labels), *before = labelling_to_json(&m->labels);
    bool known = now && before, same = json_equal(now, before);
    json_decref(now);
    json_decref(before);
    if (!known) return err_memory(e, sizeof *d, "the labels");
    if (same && d->channels == m->prep.channels) return ATT_OK;
    return err_set(e, ATT_DATA, "%s no longer has the %s with which this run was started", d->root,
        same ? "image channels" : "labels");
}

/* The data set is where `data` says, else where settings.json does: of a finished run it alone is
 * told of a move. */
static att_status find_data(struct training *t, const char *data, struct err *e)
{
    json_t *settings;
    if (data) return recipe_set_dataset(data, &t->recipe, e);
    TRY(runfolder_settings(t->run, &settings, e));
    const char *moved = json_string_value(json_object_get(settings, "dataset_path"));
    const char *place = moved ? moved : t->recipe.dataset_path;
    att_status status = file_exists(place) ? ATT_OK : runfolder_lost(place, "resume", t->run, e);
    if (status == ATT_OK && strcmp(place, t->recipe.dataset_path) != 0)
        status = recipe_set_dataset(place, &t->recipe, e);
    json_decref(settings);
    return status;
}

att_status training_read(struct training *t, const json_t *state, const char *data, struct err *e)
{
    TRY(recipe_from_json(json_object_get(state, "recipe"), &t->recipe, e));
    t->step = json_integer_value(json_object_get(state, "step"));
    const json_t *updates =
        json_object_get(state, "updates"); /* older checkpoints count steps alone */
    t->updates = updates ? json_integer_value(updates) : t->step;
    t->seconds = json_number_value(json_object_get(state, "seconds"));
    t->loss_sum = json_number_value(json_object_get(state, "loss_sum"));
    t->norm_sum = json_number_value(json_object_get(state, "norm_sum"));
    t->sampling = json_number_value(json_object_get(state, "sampling"));
    t->stepping = json_number_value(json_object_get(state, "stepping"));
    t->rows_since = (int)json_integer_value(json_object_get(state, "rows_since"));
    const json_t *due = json_object_get(
        state, "due"); /* older checkpoints do not say: then rows were begun by good steps alone */
    t->due = due ? json_is_true(due) : t->rows_since > 0;
    t->diverged = (int)json_integer_value(json_object_get(state, "diverged"));
    t->finished = json_is_true(json_object_get(state, "finished"));
    leg_from_json(json_object_get(state, "leg"), &t->leg);
    if (t->step < 0 || t->recipe.steps < 1)
        return err_set(e, ATT_MODEL, "the checkpoint's training state is damaged");
    TRY(find_data(t, data, e));
    TRY(training_open(t, t->recipe.dataset_path, e));
    for (int i = 0; i < 3; i++) t->data.voxel[i] = (float)t->recipe.voxel[i];
    if (orient_is_name(t->recipe.orientation))
        memcpy(t->data.axes, t->recipe.orientation, sizeof t->data.axes);
    t->data.sparing = t->recipe.max_memory > 0;
    TRY(resuming_check_labels(&t->data, &t->model, e));
    TRY(resuming_find_cases(
        &t->data, json_object_get(state, "train"), &t->split.train, &t->split.ntrain, e));
    TRY(resuming_find_cases(
        &t->data, json_object_get(state, "val"), &t->split.val, &t->split.nval, e));
    if (!t->split.ntrain) return err_set(e, ATT_MODEL, "the checkpoint names no case to train on");
    TRY(cases_check(&t->data, t->split.train, t->split.ntrain, "train", e));
    return cases_check(&t->data, t->split.val, t->split.nval, "validate", e);
}

/* A new length, to which the learning rate goes over without a jump. */
static att_status resuming_extend(struct training *t, const struct train_more *more, struct err *e)
{
    struct recipe *r = &t->recipe;
    const int64_t steps = r->steps;
    if (more->seconds > 0) {
        TRY(duration_save(t, e));
        duration_settle(t, more->seconds, false);
        r->seconds = more->seconds;
    } else {
        r->steps += more->steps;
    }
    t->leg = schedule_extend(r->schedule, r->lr, t->step, steps, r->steps, r->warmup, &t->leg);
    t->finished = false;
    return training_save(t, e);
}

/* Of a finished run. */
static att_status restore_model(struct training *t, const char *path, struct err *e)
{
    TRY(file_check_place(t->run, true, e));
    if (is_dry_run(t->c->host)) {
        note_dry_run(t->c->host, "make the model of %s anew, from its checkpoint", t->run);
        dry_run_file(t->c->host, t->run, RUN_MODEL);
        return ATT_OK;
    }
    host_say(t->c->host, LOG_INFO, "%s has no " RUN_MODEL ": it is made anew, from the checkpoint",
        t->run);
    TRY(training_prepare(t, e));
    TRY(checkpoint_moments(path, &t->model, &t->optimiser, &t->average, e));
    return training_restore_model(t, e);
}

static att_status resuming_go_on(struct training *t, const json_t *state, const char *path,
    const struct train_more *more, struct err *e)
{
    bool longer = more->steps > 0 || more->seconds > 0;
    TRY(training_read(t, state, more->data, e));
    if (more->max_memory > 0) t->recipe.max_memory = more->max_memory, t->data.sparing = true;
    if (!longer && t->step >= t->recipe.steps && t->finished) {
        host_say(t->c->host, LOG_INFO,
            "this run is finished at step %lld; `steps` +N or `time` TIME trains on",
            (long long)t->step);
        if (!file_has(t->run, RUN_MODEL)) TRY(restore_model(t, path, e));
        return more->data && !is_dry_run(t->c->host) ? runfolder_moved(t->run, more->data, e)
                                                     : ATT_OK;
    }
    TRY(file_check_place(t->run, true, e));
    t->timed = more->seconds > 0 || t->c->deadline > 0;
    TRY(training_prepare(t, e));
    if (is_dry_run(t->c->host)) {
        run_dry_run(t, more);
        return ATT_OK;
    }
    if (t->timed)
        TRY(duration_measure(t, more->seconds > 0 ? more->seconds : t->c->deadline - t->began, e));
    TRY(checkpoint_moments(path, &t->model, &t->optimiser, &t->average, e));
    if (longer) TRY(resuming_extend(t, more, e));
    TRY(training_write_settings(t, e));
    TRY(runlog_begin(t->run, &t->model.labels, t->step - t->due,
        e)); /* a step that waits for its row has none */
    char *command = record_resume_command(t->run, more);
    att_status status = record_begin(t, command, e);
    mem_free(command);
    TRY(status);
    host_say(t->c->host, LOG_INFO, "going on at step %lld of %lld", (long long)t->step,
        (long long)t->recipe.steps);
    return training_loop(t, e);
}

att_status training_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    struct training *t = training_new(c, run, e);
    if (!t) return ATT_MEMORY;
    json_t *state = NULL;
    char *path = NULL;
    bool fallback = false;
    int lock = -1;
    const bool dry = is_dry_run(c->host);
    att_status status = !checkpoint_exists(run) ? ATT_OK
        : dry                                   ? runlock_look(run, "trains in", e)
                                                : runlock_take(run, "trains in", c->host, &lock, e);
    if (status == ATT_OK)
        status = checkpoint_open(run, dry, &t->model, &state, &path, &fallback, e);
    if (status == ATT_OK && !dry) runfolder_sweep(run); /* it is a run */
    if (status == ATT_OK && fallback)
        host_say(c->host, LOG_WARN, "the newest checkpoint is damaged; going on from %s", path);
    t->fallback = fallback;
    if (status == ATT_OK) status = resuming_go_on(t, state, path, more, e);
    json_decref(state);
    mem_free(path);
    training_end(t);
    runlock_drop(lock);
    return status;
}
